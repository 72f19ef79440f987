"""Settings of the commands that end in a shortlist."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge

from matscout.errors import UsageError
from matscout.settings.fields import SettingInfo
from matscout.workflow.label_settings import LabelSettings
from matscout.workflow.learning_settings import LearningSettings, RankSettings

if TYPE_CHECKING:
    from matscout.workflow.scout_settings import ScoutSettings
    from matscout.workflow.steps.read import ReadStep

_SEARCH = "Search options"
_STABILITY = "Stability options"


@dataclass(frozen=True)
class LabelledFile:
    """Labelled rows.

    Parameters
    ----------
    labels
        Labelled rows: CSV, TSV, Excel, Parquet, JSON lines, a folder of CIF files, ...
    """

    labels: Annotated[Path, SettingInfo(argument=True, metavar="LABELS")]


@dataclass(frozen=True)
class ResultFolder:
    """Where results go.

    Parameters
    ----------
    out
        Folder for the results.
    """

    out: Annotated[Path, SettingInfo(flags=("-o", "--out"), metavar="OUT_DIR")]


@dataclass(frozen=True)
class CandidateSources:
    """Where candidates come from, and what is used in place of fitting.

    Parameters
    ----------
    use
        Use this fitted model instead of fitting one.
    candidates
        Rank the materials of this file or folder.
    elements
        Generate candidates of these elements only.
    dope
        Generate a doping series: host, dopants, lowest and highest amount.
    n_candidates
        Number of candidates to generate.
    """

    use: Annotated[Path | None, SettingInfo(metavar="MODEL_DIR", panel=_SEARCH)] = None
    candidates: Annotated[Path | None, SettingInfo(metavar="FILE", panel=_SEARCH)] = None
    elements: Annotated[tuple[str, ...], SettingInfo(metavar="A,B,C", panel=_SEARCH, commas=True)] = ()
    dope: Annotated[str | None, SettingInfo(metavar="HOST:A,B:0:0.2", panel=_SEARCH)] = None
    n_candidates: Annotated[int, Ge(1), SettingInfo(panel=_SEARCH)] = 20_000

    def __post_init__(self) -> None:
        named = [f"--{name}" for name in ("candidates", "elements", "dope") if getattr(self, name)]
        if len(named) > 1:
            raise UsageError(f"{' and '.join(named)} contradict each other; name one source of candidates")


@dataclass(frozen=True)
class CandidateStability:
    """Energies above the hull, of candidates with structures.

    Parameters
    ----------
    references
        Leave out candidates far above the hull of these phases: a table, an index, or a public data set.
    force_field
        Force field that computes the energies.
    relax
        Relax candidates with it first.
    keep_below
        Highest energy above the hull that may pass.
    own_hull
        Also compare with the references as the force field sees them.
    second_opinion
        Another force field: where the two disagree, neither is to be believed.
    """

    references: Annotated[str | None, SettingInfo(metavar="FILE|INDEX|NAME", panel=_STABILITY)] = None
    force_field: Annotated[str, SettingInfo(key="with", metavar="NAME", panel=_STABILITY)] = "chgnet"
    relax: Annotated[bool, SettingInfo(panel=_STABILITY)] = False
    keep_below: Annotated[float, Ge(0.0), SettingInfo(unit="eV/atom", panel=_STABILITY)] = 0.1
    own_hull: Annotated[bool, SettingInfo(panel=_STABILITY)] = False
    second_opinion: Annotated[str | None, SettingInfo(metavar="NAME", panel=_STABILITY)] = None


@dataclass(frozen=True)
class EarlierRound:
    """What went before.

    Parameters
    ----------
    since
        Result folder of the previous round: compare its proposals with what has been measured since.
    """

    since: Annotated[Path | None, SettingInfo(metavar="ROUND_DIR", panel=_SEARCH)] = None


def read_step(file: Path, reading: LabelSettings) -> ReadStep:
    """The step that reads labelled rows."""
    from matscout.workflow.steps.read import ReadStep

    return ReadStep.of(reading, file=file)


def scout_settings(
    reading: LabelSettings, learning: LearningSettings, ranking: RankSettings, **source: Any
) -> ScoutSettings:
    """All settings in one record."""
    from matscout.workflow.scout_settings import ScoutSettings

    return ScoutSettings(
        model=learning.address,
        definitions=reading.define,
        metric=learning.metric,
        fast=learning.fast,
        seed=learning.seed,
        level=ranking.level,
        alloys=reading.alloys,
        exclude=ranking.exclude,
        require=ranking.require,
        must=ranking.elements_held,
        allow=ranking.allow,
        settings=ranking.set_to,
        order=ranking.order,
        batch=ranking.batch,
        **source,
    )
