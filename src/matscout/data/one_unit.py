"""Values of a column on their way into one unit: what is converted, and what cannot be."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matscout.data.headings import Logarithm, logarithm_of, split_heading
from matscout.data.units import Unit, convert, parse_unit, unit_and_note
from matscout.data.values import ParsedValues

if TYPE_CHECKING:
    import polars

_POWER = re.compile(r"\d ?[eE][+-]?\d|[x×·*] ?10|10 ?[\^⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹-]")
_FIRST_NUMBER = re.compile(r"[<>~]?[+-]?\d[\d.,]{0,30}(?<!,) ?")
_SECOND_NUMBER = re.compile(r"(?:[/;|&]|and|or|und|oder|et|ou|y|e|o) ?[+-]?[\d.,]*\d")
_QUANTITY = re.compile(r"[<>~]? ?[+-]?[\d.,]+ ?(?P<unit>\D.*)")


@dataclass
class InOneUnit:
    """Values of a column on their way into one unit: what was converted, and what cannot be.

    The numbers of the column are ``factor`` times the quantity in the unit ``wanted``, or a logarithm of it. Units
    stand behind numbers, or in the column ``holder``.
    """

    cells: polars.Series
    wanted: Unit | None
    values: NDArray[np.float64]
    errors: NDArray[np.float64]
    factor: float
    logarithm: Logarithm | None
    is_bound: NDArray[np.bool_]
    holder: str | None
    converted: dict[str, int] = field(default_factory=dict)
    reasons: dict[int, tuple[str, str]] = field(default_factory=dict)
    rules: dict[int, str] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)

    def leave_out(self, rows: NDArray[np.int64], reason: str, advice: str) -> None:
        """Rows have no value, for a reason."""
        self.values[rows] = self.errors[rows] = np.nan
        self.reasons |= dict.fromkeys(rows.tolist(), (reason, advice))

    def convert(self, rows: NDArray[np.int64], unit: str, text: str) -> None:
        """Rows that have a unit of their own, which ``text`` behind their number or in a column of units says."""
        own = parse_unit(unit)
        if unit == "%" and self.wanted is not None and self.wanted.dimensions and self.logarithm is None:
            rows = self._with_relative_errors(rows)
        if not len(rows):
            return
        if own is None or self.wanted is None or not own.converts_to(self.wanted):
            self._misfits(rows, text)
            return
        wanted = replace(self.wanted, factor=self.wanted.factor / self.factor)
        rows = self._with_powers(rows, unit)
        if own.factor == wanted.factor and own.offset == wanted.offset:
            return
        if self.logarithm is not None:
            rows = self._shift(rows, unit, self.logarithm, own.factor / wanted.factor)
        else:
            self.values[rows] = convert(self.values[rows], own, wanted)
            self.errors[rows] *= own.factor / wanted.factor
        if len(rows):
            self.converted[unit] = self.converted.get(unit, 0) + len(rows)
            self._note_rule(rows, "unit converted" if self.logarithm is None else "logarithm shifted")

    def take_logarithms(self, rows: NDArray[np.int64], unit: str, *, are_usual: bool) -> NDArray[np.int64]:
        """Of rows with a unit in a column of logarithms, those that hold one; the others hold the quantity itself.

        What is above zero and has a power of ten is the quantity. Other numbers above zero may be either, unless units
        ``are_usual``: most numbers have one, and none of them is the quantity.
        """
        own = parse_unit(unit)
        if self.logarithm is None or own is None or self.wanted is None or not own.converts_to(self.wanted):
            return rows
        above = rows[self.values[rows] > 0]
        plain = above[self.has_powers(above)]
        name = self.logarithm.name
        bounds = plain[self.is_bound[plain]] if self.logarithm.sign < 0 else plain[:0]
        self.leave_out(bounds, f"is a bound of the quantity in a column of {name}", f"write it as a bound of {name}")
        plain = np.setdiff1d(plain, bounds)
        self.errors[plain] = self.logarithm.shift(np.e) * self.errors[plain] / self.values[plain]
        self.errors[plain] = np.abs(self.errors[plain])
        logarithms = [self.logarithm.shift(float(value)) for value in self.values[plain]]
        self.values[plain] = np.array(logarithms) + self.logarithm.shift(own.factor / self.wanted.factor)
        self._note_rule(plain, f"{name} taken")
        unclear = np.setdiff1d(above, [*plain, *bounds])
        unclear = unclear[:0] if are_usual else unclear
        self._may_be_either(unclear, unit, name)
        return np.setdiff1d(rows, [*plain, *bounds, *unclear])

    def _may_be_either(self, rows: NDArray[np.int64], unit: str, logarithm: str) -> None:
        reason = f"has the unit {unit} in a column of {logarithm}: it may be the logarithm or the value itself"
        self.leave_out(rows, reason, "write the logarithm in the unit of the column, without a unit")

    def _misfits(self, rows: NDArray[np.int64], text: str) -> None:
        if _SECOND_NUMBER.match(text):
            self.leave_out(rows, f"has {text!r} after the number: two values, or a fraction", "write one number")
            return
        misfit = f", which does not convert to {self.wanted.text}" if self.wanted else ", which is not a unit"
        advice = f"write it in {self.wanted.text}" if self.wanted else "write the number alone"
        place = f"in column {self.holder!r}" if self.holder else "after the number"
        self.leave_out(rows, f"has {text!r} {place}{misfit}", advice)

    def _with_relative_errors(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Errors that are written in percent of their value, as absolute ones; the rows that are none of these."""
        is_relative = np.isfinite(self.errors[rows])
        relative = rows[is_relative]
        self.errors[relative] *= np.abs(self.values[relative]) / 100
        self._note_rule(relative, "error in percent of the value")
        return rows[~is_relative]

    def _note_rule(self, rows: NDArray[np.int64], rule: str) -> None:
        self.rules |= {row: ", ".join(filter(None, (self.rules.get(row), rule))) for row in rows.tolist()}

    def has_powers(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the rows write a power of ten."""
        return np.array([bool(_POWER.search(self.cells[int(row)] or "")) for row in rows], dtype=np.bool_)

    def _with_powers(self, rows: NDArray[np.int64], unit: str) -> NDArray[np.int64]:
        """Of rows with a unit, under a name that holds a factor, those that say whether they were multiplied by it."""
        if self.factor == 1.0:
            return rows
        is_clear = self.has_powers(rows)
        reason = f"has the unit {unit}, but the header states that numbers are multiplied by {self.factor:g}: "
        advice = "write the number as in the other cells, without its unit"
        self.leave_out(rows[~is_clear], f"{reason}this one may be or not", advice)
        return rows[is_clear]

    def _shift(self, rows: NDArray[np.int64], unit: str, logarithm: Logarithm, factor: float) -> NDArray[np.int64]:
        """A logarithm is below zero or may be the value itself."""
        is_clear = self.values[rows] < 0
        self._may_be_either(rows[~is_clear], unit, logarithm.name)
        self.values[rows[is_clear]] += logarithm.shift(factor)
        return rows[is_clear]


def holds_two_numbers(text: str) -> bool:
    """Whether a tidy text is two numbers with a sign or word between them: ``3.25; 3.75``."""
    first = _FIRST_NUMBER.match(text)
    return first is not None and _SECOND_NUMBER.match(text, first.end()) is not None


def in_one_unit(
    cells: polars.Series, column: str, parsed: ParsedValues, final: str | None, holder: str | None
) -> InOneUnit:
    """Values in ``final``, converted where a cell has a unit of its own, or one in the column ``holder``."""
    heading = split_heading(column)
    conversion = InOneUnit(
        cells,
        parse_unit(final) if final else None,
        parsed.values.copy(),
        parsed.errors.copy(),
        heading.factor,
        logarithm_of(column),
        parsed.censored != 0,
        holder,
    )
    has_unit = parsed.units != ""
    are_usual = (
        conversion.logarithm is not None
        and bool(2 * has_unit.sum() > len(cells))
        and not conversion.has_powers(np.flatnonzero(has_unit & (parsed.values > 0))).any()
    )
    texts, kinds = np.unique(parsed.units, return_inverse=True)
    for kind, text in enumerate(texts.tolist()):
        unit, note = unit_and_note(text)
        rows = np.flatnonzero(kinds == kind) if text else np.array([], dtype=np.int64)
        if note and _is_second_value(note, conversion.wanted):
            conversion.leave_out(rows, f"has {text!r} after the number: two values", "write one of them")
            continue
        if note:
            conversion.notes |= dict.fromkeys(rows.tolist(), text)
            conversion.rules |= dict.fromkeys(rows.tolist(), "note in brackets")
        rows = conversion.take_logarithms(rows, unit, are_usual=are_usual)
        if unit and (unit != final or heading.factor != 1.0):
            conversion.convert(rows, unit, text)
    return conversion


def _is_second_value(note: str, wanted: Unit | None) -> bool:
    """Whether what stands in brackets is a value like the one before them: ``1.2 (1.3 eV)`` of a column in eV."""
    inside = note.strip()[:-1].rpartition("(")[2] if note.strip().endswith(")") else note
    match = _QUANTITY.fullmatch(inside.strip())
    unit = parse_unit(match["unit"]) if match else None
    return unit is not None and wanted is not None and unit.converts_to(wanted)
