"""One stage of a funnel: the candidates that pass, and the reason why others do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar

from annotated_types import Ge, MaxLen, MinLen

from matscout.counting import part_of
from matscout.data.formulas import parse_formulas
from matscout.data.settings import set_columns
from matscout.discover.base import Brief
from matscout.discover.funnel import FunnelStep, sift
from matscout.discover.goals import parse_goals
from matscout.generate.base import Candidates
from matscout.predict.definitions import with_definitions
from matscout.settings.fields import SettingInfo
from matscout.workflow.candidate_settings import Symbols, write_candidates
from matscout.workflow.kind import Input, StepKind, StepWork
from matscout.workflow.parsing import parse_must
from matscout.workflow.search import SIFTED_FILTERS, Search, find_must, holding

NAMED = ("like", "references")
"""Settings of stages that may name a file."""


@dataclass(frozen=True, kw_only=True)
class SiftStep(StepKind):
    """Let candidates pass a stage.

    Parameters
    ----------
    candidates
        What comes.
    labels
        Labelled rows, by which some stages go.
    by
        The stage with its settings, as in {similarity: {like: PbTe}}.
    keep
        How many may pass: the best; needed where a stage ranks.
    reason
        Why it stands there.
    goal
        What is wanted, by which some stages go.
    must
        Elements that candidates must hold: others are left out before the stage.
    exclude, elements
        Elements that candidates must not hold, and those that they may hold.
    conditions
        Context columns that are set.
    definitions
        Name -> law of properties that follow from others.
    level
        Coverage that intervals should have.
    seed
        Of random choices.
    """

    candidates: Annotated[str, Input("Candidates")]
    labels: Annotated[str, Input("Dataset")] = ""
    by: Annotated[
        Mapping[str, Any], MinLen(1), MaxLen(1), SettingInfo(words="a stage, as in {similarity: {like: PbTe}}")
    ]
    keep: Annotated[int | None, Ge(1)] = None
    reason: str = ""
    goal: tuple[str, ...] = ()
    must: Symbols = ("none",)
    exclude: Symbols = ()
    elements: Symbols = ()
    conditions: Annotated[Mapping[str, str | float], SettingInfo(key="set")] = field(default_factory=dict)
    definitions: Annotated[Mapping[str, str], SettingInfo(key="define")] = field(default_factory=dict)
    level: float = 0.9
    seed: int = 0

    output: ClassVar[str] = "Candidates"
    predicts: ClassVar[bool] = True

    def __post_init__(self) -> None:
        self._step(Path()).maker()

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> Candidates:
        """Those that pass, the best first where there is a best."""
        candidates: Candidates = inputs["candidates"]
        labels = inputs["labels"]
        labels = with_definitions(
            labels, {name: law for name, law in self.definitions.items() if name not in labels.targets}
        )
        goals = parse_goals(list(self.goal), labels.targets) if self.goal else ()
        search = Search(exclude=self.exclude, elements=self.elements, must=parse_must(", ".join(self.must)))
        held = find_must(labels, search, goals)
        settings = {name: str(value) for name, value in self.conditions.items()}
        brief = Brief(
            labels,
            goals,
            self.definitions,
            set_columns(settings, tuple(labels.materials.context), labels.context_units),
            self.seed,
            self.level,
        )
        kept = holding(candidates, labels, held)
        passed = sift(kept, [self._step(work.folder)], brief, store=work.store, progress=work.progress)
        return replace(passed, usual_filters=SIFTED_FILTERS, words="sifted")

    def _step(self, folder: Path) -> FunnelStep:
        """The stage with its settings; files that it names lie below the folder."""
        ((name, settings),) = self.by.items()
        values = {str(one): near(value, folder, named=one in NAMED) for one, value in (settings or {}).items()}
        return FunnelStep(name, values, self.keep, self.reason)

    def summary(self, result: Candidates) -> str:
        """How many of how many have passed."""
        last = result.stages[-1]
        return f"{part_of(last.after, last.before, 'candidate')} pass"

    def write(self, result: Candidates, folder: Path) -> None:
        """Write ``candidates.csv``."""
        write_candidates(result, folder)

    def moved(self, move: Callable[[Any], Any]) -> SiftStep:
        """The same, described from another folder."""
        ((name, settings),) = self.by.items()
        return replace(self, by={name: {one: _moved(value, move) for one, value in (settings or {}).items()}})

    def origin(self, folder: Path) -> object:
        """Files and weights that its settings name, and the state of what else the stage looks up."""
        ((_, settings),) = self.by.items()
        step = self._step(folder)
        files = [folder / str(one) for one in _texts(settings) if one and (folder / one.rpartition("=")[2]).is_file()]
        return [files, step.maker().state(step.settings)]


def near(value: Any, folder: Path, *, named: bool) -> Any:
    """Weights beside a workflow (``NAME=FOLDER``), and what is ``named`` by a file there, with the way there."""
    if isinstance(value, list | tuple):
        return [near(one, folder, named=named) for one in value]
    if not isinstance(value, str) or not value.strip():
        return value
    name, given, last = value.rpartition("=")
    is_place = given or (named and not len(parse_formulas([value]).rows))
    return f"{name}{given}{folder / last}" if is_place and (folder / last).exists() else value


def _moved(value: Any, move: Callable[[Any], Any]) -> Any:
    """Files, and what stands behind ``NAME=``, as seen from another folder."""
    if isinstance(value, list | tuple):
        return [_moved(one, move) for one in value]
    if not isinstance(value, str):
        return value
    name, given, last = value.rpartition("=")
    return f"{name}{given}{move(last)}"


def _texts(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [text for one in value.values() for text in _texts(one)]
    if isinstance(value, list | tuple):
        return [text for one in value for text in _texts(one)]
    return [value] if isinstance(value, str) else []
