"""The sections of a funnel's file: what may be said in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Lt, MinLen

from matscout.discover.acquisition import DEFAULT_ORDER
from matscout.settings.fields import SettingInfo
from matscout.workflow.learning_settings import AllowedHazard
from matscout.workflow.steps.read import ReadStep

Value = str | int | float
Condition = Annotated[Value, SettingInfo(words="a number, a range such as 300:900, or a text")]
Count = Annotated[int, Ge(1)]
Stages = Annotated[
    tuple[Mapping[str, Any], ...],
    MinLen(1),
    SettingInfo(words="a list of stages, as in [{similarity: {like: PbTe}}]"),
]


@dataclass(frozen=True)
class FileSource:
    """Candidates from a file.

    Parameters
    ----------
    file
        A table or structures, beside the plan.
    alloys
        What the numbers in names of alloys are.
    """

    file: str
    alloys: Literal["wt%", "at%"] | None = None


@dataclass(frozen=True)
class IndexSource:
    """Candidates out of an index: what is like something.

    Parameters
    ----------
    index
        Where it is.
    like
        What they are like: formulas, files, ids.
    representations
        Of the index; all that apply if none is named.
    where
        What they fulfil, in SQL.
    count
        How many.
    """

    index: str
    like: Annotated[tuple[str, ...], MinLen(1)]
    representations: Annotated[tuple[str, ...], SettingInfo(key="with")] = ()
    where: str = ""
    count: Count = 1000


@dataclass(frozen=True)
class ElementsSource:
    """Candidates that are made up of elements.

    Parameters
    ----------
    elements
        To combine; those of the labels if none is named.
    exclude
        Not these.
    count
        How many.
    """

    elements: Annotated[tuple[str, ...], SettingInfo(commas=True)] = ()
    exclude: Annotated[tuple[str, ...], SettingInfo(commas=True)] = ()
    count: Count = 20_000


@dataclass(frozen=True)
class GeneratorSource:
    """Candidates that a generator of crystals draws.

    Parameters
    ----------
    generator
        random, or folder=PATH.
    wish
        A formula, or plain English; empty for any crystal.
    count
        How many.
    """

    generator: str
    wish: str = ""
    count: Count = 200


SOURCES: Mapping[str, type] = {
    "file": FileSource,
    "index": IndexSource,
    "generator": GeneratorSource,
    "elements": ElementsSource,
}
"""Where candidates may come from -> what may be said of it."""


@dataclass(frozen=True)
class RankSection:
    """How scout ranks what is left.

    Parameters
    ----------
    model, metric, fast, order, batch, level, require, must, allow, seed
        As the options of these names of ``matscout scout``.
    """

    model: str = "auto"
    metric: Literal["mae", "rmse"] = "mae"
    fast: bool = False
    order: str = DEFAULT_ORDER
    batch: Annotated[int, Ge(0)] = 8
    level: Annotated[float, Gt(0), Lt(1)] = 0.9
    require: Annotated[tuple[str, ...], SettingInfo(commas=True)] = ()
    must: Annotated[tuple[str, ...], SettingInfo(commas=True)] = ("auto",)
    allow: Annotated[tuple[AllowedHazard, ...], SettingInfo(commas=True)] = ()
    seed: Annotated[int, Ge(0)] = 0


@dataclass(frozen=True)
class StageSection:
    """What stands beside a stage.

    Parameters
    ----------
    keep
        How many candidates may pass.
    reason
        Why it stands there.
    """

    keep: Count | None = None
    reason: Value | None = None


@dataclass(frozen=True)
class FunnelSections:
    """A funnel's file.

    Parameters
    ----------
    labels
        Where the labels are.
    goal
        What is wanted.
    stages
        In this order.
    candidates
        Where they come from: one of :data:`SOURCES`.
    define
        Name -> law of properties that follow from others.
    conditions
        Context column -> value.
    rank
        How what is left is ranked.
    """

    labels: ReadStep
    goal: Annotated[
        tuple[Value, ...], MinLen(1), SettingInfo(words="a goal such as 'gap=1:2' or max, or a list of them")
    ]
    stages: Stages
    candidates: Mapping[str, Any] | None = None
    define: Mapping[str, Value] | None = None
    conditions: Annotated[Mapping[str, Condition] | None, SettingInfo(key="set")] = None
    rank: RankSection | None = None
