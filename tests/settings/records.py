"""A record with a setting of every kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt

from matscout.settings.fields import SettingInfo


@dataclass(frozen=True)
class Reading:
    """How a table is read.

    Parameters
    ----------
    file
        A table, see :func:`~matscout.data.reading.read`, e.g.
        ``gaps.csv``.
    target, context
        Columns.
    unit
        Of columns.
    exclude
        Elements.
    sizes
        Numbers of labels.
    count
        How many.
    level
        Coverage.
    share
        Of bad rows.
    temperature
        Of the experiment.
    alloys
        What their numbers are.
    sheet
        Of an Excel file.
    fast, cache
        Switches.
    weights
        Of properties.
    """

    file: Annotated[Path, SettingInfo(argument=True, metavar="INPUT")]
    target: Annotated[tuple[str, ...], SettingInfo(metavar="COL", panel="Columns")] = ()
    context: tuple[str, ...] = ()
    unit: Annotated[Mapping[str, str], SettingInfo(metavar="COL=UNIT")] = field(default_factory=dict)
    exclude: Annotated[tuple[str, ...], SettingInfo(commas=True)] = ("Cd", "Pb")
    sizes: Annotated[tuple[Annotated[int, Ge(1)], ...], SettingInfo(commas=True)] = ()
    count: Annotated[int, Ge(1), Le(100), SettingInfo(flags=("-k", "--count"))] = 20
    level: Annotated[float, Gt(0), Lt(1)] = 0.9
    max_bad: Annotated[float, Ge(0), Le(1), SettingInfo(help="Share of bad rows.")] = 0.2
    temperature: Annotated[float | None, SettingInfo(unit="K", key="at")] = None
    alloys: Literal["wt%", "at%"] | None = None
    sheet: str | None = None
    fast: bool = False
    cache: bool = True
    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One step.

    Parameters
    ----------
    model
        Which.
    """

    model: str
    keep: Annotated[int, Ge(1)] | None = None


@dataclass(frozen=True)
class Work:
    """Steps in a record."""

    first: Step
    steps: Mapping[str, Step] = field(default_factory=dict)
    others: tuple[Step, ...] = ()
