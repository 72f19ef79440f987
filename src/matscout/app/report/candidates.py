"""The ranked candidates as the rows of a table, the batch to make next, and the periodic table to filter them by."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matscout.app.report.evidence import CandidateEvidence, on_candidate
from matscout.app.wording import (
    MOST_DECIMALS,
    WRITTEN_OUT,
    decimals_for,
    fixed,
    number,
    percent,
    scientific,
)
from matscout.counting import unit_behind
from matscout.data.elements import SYMBOLS
from matscout.data.formulas import parse_formulas
from matscout.discover.goals import Aim
from matscout.workflow.results import Scouting

SHOWN = 300
"""Candidates in the table."""


@dataclass(frozen=True)
class Strip:
    """An interval as a small picture: places in percent of the width of the cell."""

    lower: float
    upper: float
    predicted: float
    goal_from: float
    goal_to: float


@dataclass(frozen=True)
class Forecast:
    """What is predicted for one target of one candidate.

    ``predicted`` with its unit and ``bare`` without, ``value`` to sort by; ``chance`` of meeting the goal; ``aside``
    says of what, for a class; ``strip`` is None for classes.
    """

    predicted: str
    bare: str
    value: float | str
    interval: str
    chance: str
    chance_value: float
    aside: str
    strip: Strip | None


@dataclass(frozen=True)
class CandidateEntry:
    """One candidate; ``leads`` if it is the best of its chemical ``system``.

    ``purpose`` is "value" or "learning", ``elements`` holds its symbols, ``conditions`` (name, value) of its process
    settings, ``evidence`` what else is known of it.
    """

    rank: int
    formula: str
    system: str
    leads: bool
    elements: tuple[str, ...]
    forecasts: tuple[Forecast, ...]
    similarity: float
    nearest: str
    novelty: str
    in_domain: bool
    pareto: bool
    batch: int | None
    purpose: str
    conditions: tuple[tuple[str, str], ...]
    evidence: CandidateEvidence
    origin: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Column:
    """How the predictions of one target are written, and the range on its scale that the strips show.

    ``decimals`` of all numbers of the column; None where each has three digits. ``powers`` of ten, for all or none.
    """

    aim: Aim
    decimals: int | None
    powers: bool
    low: float
    high: float

    def place(self, value: float) -> float:
        """A value as a percentage of the width of a strip."""
        share = (float(self.aim.placed(np.array([value]))[0]) - self.low) / (self.high - self.low)
        return round(100 * min(max(share, 0.0), 1.0), 1)

    def written(self, value: float) -> str:
        """A value in the notation of the column."""
        if self.powers:
            return scientific(value)
        return number(value) if self.decimals is None else fixed(value, self.decimals)


def entries(scouting: Scouting, aims: Mapping[str, Aim], *, proposing: bool = True) -> tuple[CandidateEntry, ...]:
    """The first :data:`SHOWN` candidates, best first, then those of the batch that rank lower.

    Without ``proposing`` there is no batch.
    """
    shortlist = scouting.ranking.shortlist
    table = shortlist.table
    batch = table["batch"] if proposing else pl.Series("batch", [None] * len(table), dtype=table["batch"].dtype)
    table = table.with_columns(batch).filter((table["rank"] <= SHOWN) | batch.is_not_null())
    compounds = scouting.dataset.materials.kind.is_compound
    elements = _elements(table["formula"].to_list()) if compounds else [()] * len(table)
    columns = {name: _column(table, aim) for name, aim in aims.items()}
    units = scouting.dataset.context_units
    context = {
        name: f"{name} ({units[name]})" if name in units else name
        for name in scouting.ranking.conditions.materials.context
    }
    return tuple(
        _entry(row, own, columns, context, on_candidate(shortlist, row["rank"] - 1))
        for row, own in zip(table.iter_rows(named=True), elements, strict=True)
    )


def first_rows(shown: tuple[CandidateEntry, ...], n: int) -> frozenset[int]:
    """Ranks of the first n candidates that are the best of their chemical systems."""
    return frozenset([entry.rank for entry in shown if entry.leads][:n])


def _elements(formulas: list[str]) -> list[tuple[str, ...]]:
    compositions = parse_formulas(formulas, counts_atoms=True).compositions
    return [tuple(compositions.to_dict(row)) for row in range(len(compositions))]


def _column(table: Any, aim: Aim) -> _Column:
    name = aim.goal.target
    if aim.classes:
        return _Column(aim, 0, False, 0.0, 1.0)
    lower, upper = table[f"{name}_lower"].to_numpy(), table[f"{name}_upper"].to_numpy()
    ends = [float(np.quantile(aim.placed(lower), 0.02)), float(np.quantile(aim.placed(upper), 0.98))]
    wanted = [float(bound) for bound in aim.placed(np.array([aim.low, aim.high])) if np.isfinite(bound)]
    low, high = min(*ends, *wanted), max(*ends, *wanted)
    room = 0.03 * (high - low) or 1.0
    decimals = None if aim.scale.kind == "log" else decimals_for(upper - lower)
    return _Column(aim, decimals, _needs_powers(np.concatenate([lower, upper]), decimals), low - room, high + room)


def _needs_powers(values: NDArray[np.float64], decimals: int | None) -> bool:
    """Whether one number of a column cannot be written out, so that none is."""
    sizes = np.abs(values[values != 0])
    if not len(sizes) or sizes.max() >= WRITTEN_OUT[1]:
        return bool(len(sizes))
    return bool(sizes.min() < WRITTEN_OUT[0]) if decimals is None else decimals > MOST_DECIMALS


def _entry(
    row: Mapping[str, Any],
    elements: tuple[str, ...],
    columns: Mapping[str, _Column],
    context: Mapping[str, str],
    evidence: CandidateEvidence,
) -> CandidateEntry:
    return CandidateEntry(
        rank=row["rank"],
        formula=row["formula"],
        system=row["system"],
        leads=row["system_rank"] == 1,
        elements=elements,
        forecasts=tuple(_forecast(row, name, column) for name, column in columns.items()),
        similarity=row["similarity"],
        nearest=row["nearest"],
        novelty=row["novelty"],
        in_domain=row["in_domain"],
        pareto=bool(row.get("pareto", False)),
        batch=row["batch"],
        purpose=row["purpose"],
        conditions=tuple((heading, _condition(row[name])) for name, heading in context.items()),
        evidence=evidence,
        origin=row["origin"],
        reasons=tuple(row["reasons"].split("; ")),
    )


def _condition(value: float | str) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _forecast(row: Mapping[str, Any], name: str, column: _Column) -> Forecast:
    chance = row[f"{name}_goal_probability"]
    if column.aim.classes:
        named, wanted = row[f"{name}_class"], column.aim.classes[int(column.aim.low)]
        return Forecast(str(named), str(named), str(named), "", percent(chance), chance, f" of {wanted}", None)
    predicted, lower, upper = (row[f"{name}_{part}"] for part in ("predicted", "lower", "upper"))
    unit = unit_behind(column.aim.unit)
    return Forecast(
        f"{column.written(predicted)}{unit}",
        column.written(predicted),
        predicted,
        f"{column.written(lower)} to {column.written(upper)}",
        percent(chance),
        chance,
        "",
        Strip(
            column.place(lower),
            column.place(upper),
            column.place(predicted),
            column.place(column.aim.low),
            column.place(column.aim.high),
        ),
    )


@dataclass(frozen=True)
class Place:
    """An element in the periodic table: symbol, row and column of the grid, and whether any shown candidate has it."""

    symbol: str
    row: int
    column: int
    used: bool


def periodic_table(shown: tuple[CandidateEntry, ...]) -> tuple[Place, ...]:
    """The 118 elements in 18 columns; lanthanides and actinides in two rows of their own below."""
    used = {symbol for entry in shown for symbol in entry.elements}
    return tuple(Place(symbol, *_grid(number), symbol in used) for number, symbol in enumerate(SYMBOLS, start=1))


def _grid(number: int) -> tuple[int, int]:
    """Row and column, from 1, of the element with an atomic number."""
    if 58 <= number <= 71 or 90 <= number <= 103:
        return (8, number - 54) if number < 72 else (9, number - 86)
    last = next(position for position, noble in enumerate((2, 10, 18, 36, 54, 86, 118)) if number <= noble)
    before, noble = (0, 2, 10, 18, 36, 54, 86)[last], (2, 10, 18, 36, 54, 86, 118)[last]
    early = number - before
    n_early = (1, 2, 2, 2, 2, 3, 3)[last]
    return last + 1, early if early <= n_early else 18 - (noble - number)


def goal_chances(chosen: tuple[CandidateEntry, ...]) -> list[float]:
    """The chance that each entry meets all goals, taken as independent."""
    return [math.prod(forecast.chance_value for forecast in entry.forecasts) for entry in chosen]
