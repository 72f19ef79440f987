"""A numeric column of a table in one unit: what its header, its cells and the user say, and where they disagree."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matscout.data.cell_readings import CellReading
from matscout.data.column_readings import ColumnReading, count_rules
from matscout.data.decimal_signs import NO_SIGN
from matscout.data.headings import Logarithm, logarithm_of, split_heading
from matscout.data.tables import Table
from matscout.data.units import Unit, convert, parse_unit, unit_and_note
from matscout.data.values import ParsedValues
from matscout.errors import InputError, RowProblem

if TYPE_CHECKING:
    import polars

NUMBER = "write a number, <number, a range, or leave it empty"
UNUSED = "not used"
_ONE_SIGN = "write it like the other numbers of the column, or say which sign is the decimal sign (--decimal . or ,)"
_POWER = re.compile(r"\d ?[eE][+-]?\d|[x×·*] ?10|10 ?[\^⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹-]")
_QUANTITY = re.compile(r"[<>~]? ?[+-]?[\d.,]+ ?(?P<unit>\D.*)")
_FAR = 100.0
_LISTED = 20


class UnclearNumbersError(InputError):
    """The numbers of a column could be read in two ways."""


@dataclass(frozen=True, eq=False)
class Quantity:
    """A numeric column of n rows in one unit.

    Parameters
    ----------
    unit
        The unit, None if none is known.
    parsed
        The values in it.
    unusable
        bool [n], True where the cell holds something that cannot be used.
    problems
        One for each unusable cell, and remarks on others.
    remarks
        What was recognised, a sentence each.
    reading
        How the column was understood.
    readings
        How the cells were understood that are no plain numbers.
    """

    unit: str | None
    parsed: ParsedValues
    unusable: NDArray[np.bool_]
    problems: tuple[RowProblem, ...]
    remarks: tuple[str, ...]
    reading: ColumnReading
    readings: tuple[CellReading, ...]


@dataclass
class _InOneUnit:
    """Values of a column on their way into one unit: what was converted, and what cannot be.

    The numbers of the column are ``factor`` times the quantity in the unit ``wanted``, or a logarithm of it.
    """

    cells: polars.Series
    wanted: Unit | None
    values: NDArray[np.float64]
    errors: NDArray[np.float64]
    factor: float
    logarithm: Logarithm | None
    converted: dict[str, int] = field(default_factory=dict)
    reasons: dict[int, tuple[str, str]] = field(default_factory=dict)
    rules: dict[int, str] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)

    def leave_out(self, rows: NDArray[np.int64], reason: str, advice: str) -> None:
        """Rows have no value, for a reason."""
        self.values[rows] = self.errors[rows] = np.nan
        self.reasons |= dict.fromkeys(rows.tolist(), (reason, advice))

    def convert(self, rows: NDArray[np.int64], unit: str, text: str) -> None:
        """Rows that have a unit of their own, which ``text`` behind their number says."""
        own = parse_unit(unit)
        if own is None or self.wanted is None or not own.converts_to(self.wanted):
            misfit = f", which does not convert to {self.wanted.text}" if self.wanted else ", which is no unit"
            advice = f"write it in {self.wanted.text}" if self.wanted else "write the number alone"
            self.leave_out(rows, f"has {text!r} after the number{misfit}", advice)
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
            rule = "unit converted" if self.logarithm is None else "logarithm shifted"
            self.rules |= {row: ", ".join(filter(None, (self.rules.get(row), rule))) for row in rows.tolist()}

    def _with_powers(self, rows: NDArray[np.int64], unit: str) -> NDArray[np.int64]:
        """Of rows with a unit, under a name that holds a factor, those that say whether they were multiplied by it."""
        if self.factor == 1.0:
            return rows
        is_clear = np.array([bool(_POWER.search(self.cells[int(row)] or "")) for row in rows], dtype=np.bool_)
        reason = f"has the unit {unit}, and the header says that numbers are multiplied by {self.factor:g}: "
        advice = "write the number as in the other cells, without its unit"
        self.leave_out(rows[~is_clear], f"{reason}this one may be or not", advice)
        return rows[is_clear]

    def _shift(self, rows: NDArray[np.int64], unit: str, logarithm: Logarithm, factor: float) -> NDArray[np.int64]:
        """A logarithm is below zero or may be the value itself."""
        is_clear = self.values[rows] < 0
        reason = f"has the unit {unit} in a column of {logarithm.name}: it may be the logarithm or the value itself"
        self.leave_out(rows[~is_clear], reason, "write the logarithm in the unit of the column, without a unit")
        self.values[rows[is_clear]] += logarithm.shift(factor)
        return rows[is_clear]


def problem(table: Table, position: int | np.integer[Any], column: str, reason: str, advice: str) -> RowProblem:
    """A row that cannot be used because of one of its cells."""
    value = table.cells[column][int(position)] or ""
    return RowProblem(int(table.row_numbers[position]), value, f"{column!r} {reason}", advice)


def read_quantity(
    table: Table, column: str, given: str | None, wanted: str = NUMBER, *, role: str = "target"
) -> Quantity:
    """A numeric column in its unit: the one given, else of the header, else the most frequent one in the cells.

    Parameters
    ----------
    table, column
        Where it stands.
    given
        The unit that the user says.
    wanted
        What to write instead of what is no number.
    role
        What the column is used for.

    Raises
    ------
    UnclearNumbersError
        If nothing says whether its numbers have decimals or thousands.
    """
    parsed = table.values(column)
    if parsed.sign.question:
        raise UnclearNumbersError(f"the numbers of column {column!r} can be read two ways: {parsed.sign.question}")
    unit, unit_from = _unit_of(table, column, given, parsed)
    found = _to_one_unit(table, column, parsed, unit)
    result = replace(parsed, values=found.values, errors=found.errors)
    unusable = ~parsed.readable
    unusable[list(found.reasons)] = True
    readings = tuple(_readings(table, column, result, unit, found.rules))
    reading = ColumnReading(
        column,
        role,
        "" if parsed.sign.decided_by == NO_SIGN else parsed.sign.sign,
        parsed.sign.decided_by,
        unit,
        unit_from,
        logarithm.name if (logarithm := logarithm_of(column)) else "linear",
        count_rules(readings),
    )
    problems = (*_unread(table, column, parsed, found, wanted), *_strange(table, column, result))
    remarks = (*_remarks(table, column, parsed, unit, given), *_conversions(column, unit, found))
    return Quantity(unit, result, unusable, problems, remarks, reading, readings)


def describe_columns(table: Table, names: Sequence[str]) -> tuple[list[ColumnReading], list[CellReading]]:
    """How columns of numbers would be read, and their cells, whether they can be or not."""
    columns, readings = list[ColumnReading](), list[CellReading]()
    for name in names:
        if question := table.values(name).sign.question:
            columns.append(ColumnReading(name, UNUSED, "", "", question=question))
        else:
            quantity = read_quantity(table, name, None, role=UNUSED)
            columns.append(quantity.reading)
            readings += quantity.readings
    return columns, readings


def _unit_of(table: Table, column: str, given: str | None, parsed: ParsedValues) -> tuple[str | None, str]:
    """The unit of a column and where it stands."""
    found = {
        "--unit": given,
        "header": split_heading(column).unit,
        "line of units": table.units.get(column),
        "cells": unit_in_cells(parsed),
    }
    return next(((unit, place) for place, unit in found.items() if unit), (None, ""))


def unit_in_cells(parsed: ParsedValues) -> str | None:
    """The most frequent text after a number, if it is a unit or stands in most cells."""
    counts = Counter(unit for text in parsed.units.tolist() if text and (unit := unit_and_note(text)[0]))
    text, count = counts.most_common(1)[0] if counts else ("", 0)
    return text if parse_unit(text) or 2 * count > len(parsed.units) else None


def _to_one_unit(table: Table, column: str, parsed: ParsedValues, final: str | None) -> _InOneUnit:
    """Values in ``final``, converted where a cell has a unit of its own."""
    heading = split_heading(column)
    wanted, values, errors = parse_unit(final) if final else None, parsed.values.copy(), parsed.errors.copy()
    found = _InOneUnit(table.cells[column], wanted, values, errors, heading.factor, logarithm_of(column))
    texts, kinds = np.unique(parsed.units, return_inverse=True)
    for kind, text in enumerate(texts.tolist()):
        unit, note = unit_and_note(text)
        rows = np.flatnonzero(kinds == kind) if text else np.array([], dtype=np.int64)
        if note and _is_second_value(note, wanted):
            found.leave_out(rows, f"has {text!r} after the number: two values", "write one of them")
            continue
        if note:
            found.notes |= dict.fromkeys(rows.tolist(), text)
            found.rules |= dict.fromkeys(rows.tolist(), "note in brackets")
        if unit and (unit != final or heading.factor != 1.0):
            found.convert(rows, unit, text)
    return found


def _is_second_value(note: str, wanted: Unit | None) -> bool:
    """Whether what stands in brackets is a value like the one before them: ``1.2 (1.3 eV)`` of a column in eV."""
    inside = note.strip()[:-1].rpartition("(")[2] if note.strip().endswith(")") else note
    match = _QUANTITY.fullmatch(inside.strip())
    unit = parse_unit(match["unit"]) if match else None
    return unit is not None and wanted is not None and unit.converts_to(wanted)


def _readings(
    table: Table, column: str, parsed: ParsedValues, unit: str | None, rules: Mapping[int, str]
) -> Iterator[CellReading]:
    """What the cells were taken for that are no plain numbers."""
    yield from (reading for reading in table.readings if reading.column == column)
    places = sorted({*parsed.rules, *rules})
    written = table.cells[column].gather(places).to_list()
    values, errors, bounds = parsed.values.tolist(), parsed.errors.tolist(), parsed.censored.tolist()
    numbers = table.row_numbers.tolist()
    for place, text in zip(places, written, strict=True):
        value, error = values[place], errors[place]
        if math.isnan(value):
            if place in rules or not parsed.readable[place]:
                continue
            told = "no value"
        else:
            spread = "" if math.isnan(error) else f" ± {error:.12g}"
            told = f"{('', '>', '<')[bounds[place]]}{value:.12g}{spread}{f' {unit}' if unit else ''}"
        rule = ", ".join(filter(None, (parsed.rules.get(place), rules.get(place))))
        yield CellReading(numbers[place], column, text or "", told, rule)


def _remarks(table: Table, column: str, parsed: ParsedValues, unit: str | None, given: str | None) -> list[str]:
    header = split_heading(column).unit or table.units.get(column)
    remarks = []
    marks = [rule for rule in parsed.rules.values() if "decimal comma" in rule or "thousands" in rule]
    if any("decimal comma" in rule for rule in marks):
        remarks.append(f"In column {column!r} the comma is the decimal sign: {parsed.sign.decided_by}.")
    if n_grouped := sum("thousands" in rule for rule in marks):
        remarks.append(
            f"In column {column!r} {n_grouped} number(s) are read with groups of thousands: {parsed.sign.decided_by}."
        )
    if given and header and given != header:
        remarks.append(f"Column {column!r}: the unit {given} was given and replaces {header} of the header.")
    if given and parse_unit(given) is None:
        remarks.append(f"Column {column!r}: the unit {given} is not known, so nothing is converted into it or from it.")
    if unit and not given and not header and (n_bare := int(((parsed.units == "") & ~np.isnan(parsed.values)).sum())):
        remarks.append(f"Column {column!r}: {n_bare} value(s) without a unit were read as {unit}, like the others.")
    return remarks


def _conversions(column: str, unit: str | None, found: _InOneUnit) -> list[str]:
    how = "converted to" if found.logarithm is None else f"shifted as {found.logarithm.name} to"
    how += "" if found.factor == 1.0 else f" {split_heading(column).name} in"
    notes = [text for _, text in sorted(found.notes.items())]
    behind_units = [text for text in notes if unit_and_note(text)[0]]
    behind_numbers = [text for text in notes if not unit_and_note(text)[0]]
    return [
        *(
            f"Column {column!r}: what stands in brackets behind the {what} in {len(texts)} cells is not read "
            f"({texts[0]})."
            for what, texts in (("unit", behind_units), ("number", behind_numbers))
            if texts
        ),
        *(
            f"Column {column!r}: {n} value(s) in {text} were converted to {unit}."
            for text, n in found.converted.items()
        ),
    ]


def _unread(table: Table, column: str, parsed: ParsedValues, found: _InOneUnit, wanted: str) -> Iterator[RowProblem]:
    for place, (reason, advice) in sorted(found.reasons.items()):
        yield problem(table, place, column, reason, advice)
    for place in np.flatnonzero(~parsed.readable).tolist():
        why = parsed.reasons.get(place)
        yield problem(table, place, column, why or "is not a number", _ONE_SIGN if why else wanted)


def _strange(table: Table, column: str, parsed: ParsedValues) -> Iterator[RowProblem]:
    """Remarks on values that are probably none, or not what was meant."""
    is_placeholder = _placeholders(parsed.values)
    for place in np.flatnonzero(is_placeholder):
        told = problem(table, place, column, "looks like a placeholder", "leave it empty if nothing was measured")
        yield replace(told, dropped=False)
    if logarithm_of(column) is None:
        known = np.where(is_placeholder, np.nan, np.abs(parsed.values))
        median = float(np.nanmedian(known[known > 0])) if (known > 0).any() else np.nan
        for place in far_from_the_rest(known)[:_LISTED]:
            reason = f"is {known[place] / median:.3g} times the median of the column ({median:.4g} without sign)"
            advice = "check its decimal sign, its unit and its power of ten; it is used as it is"
            yield replace(problem(table, place, column, reason, advice), dropped=False)


def _placeholders(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Numbers that programs write where they have none: -999 and the like more than once, 1e30 and the like."""
    found, position, counts = np.unique(values, return_inverse=True, return_counts=True)
    return ((found < -900) & (counts > 1) | (np.abs(found) > 1e20))[position]


def far_from_the_rest(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """The few values that are more than 100 times the median where the others lie together, int64 [k].

    There are none where values span decades: then the next smaller ones are not far from them.
    """
    positive = np.flatnonzero(values > 0)
    if len(positive) < 4:
        return positive[:0]
    found = values[positive]
    far = found > _FAR * np.median(found)
    rest = found[~far]
    few = 0 < far.sum() <= max(1, len(found) // 20)
    apart = (
        few and found[far].min() > np.sqrt(_FAR) * rest.max() and np.quantile(rest, 0.9) < _FAR * np.quantile(rest, 0.1)
    )
    return positive[far] if apart else positive[:0]
