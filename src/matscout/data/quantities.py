"""A numeric column of a table in one unit: what its header, its cells and the user say, and where they disagree."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted, unit_behind, was
from matscout.data.cell_readings import CellReading
from matscout.data.column_readings import ColumnReading, count_rules
from matscout.data.decimal_signs import NO_SIGN
from matscout.data.headings import logarithm_of, split_heading
from matscout.data.missing import tidy
from matscout.data.one_unit import InOneUnit, holds_two_numbers, in_one_unit
from matscout.data.row_problems import problem
from matscout.data.strange_values import strange_values
from matscout.data.tables import Table
from matscout.data.unit_columns import LongTableError, UnclearUnitsError, with_units_beside
from matscout.data.units import parse_unit, unit_and_note
from matscout.data.values import ParsedValues
from matscout.errors import InputError, RowProblem
from matscout.remarks import Remark

if TYPE_CHECKING:
    pass

NUMBER = "write a number, <number, a range, or leave it empty"
UNUSED = "not used"
_ONE_SIGN = "write it like the other numbers of the column, or state which sign is the decimal sign (--decimal=. or ,)"


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
    parsed, holder = with_units_beside(table, column, given)
    if parsed.sign.question:
        raise UnclearNumbersError(f"the numbers of column {column!r} can be read two ways: {parsed.sign.question}")
    unit, unit_from = _unit_of(table, column, given, parsed, holder)
    conversion = in_one_unit(table.cells[column], column, parsed, unit, holder)
    result = replace(parsed, values=conversion.values, errors=conversion.errors)
    unusable = ~parsed.readable
    unusable[list(conversion.reasons)] = True
    readings = tuple(_readings(table, column, result, unit, conversion.rules))
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
    problems = (*_unread(table, column, parsed, conversion, wanted), *strange_values(table, column, result, role))
    # Errors in percent of their values may stand beside others.
    of_all = None if role == "error" and unit == "%" else unit
    remarks = (*_remarks(table, column, parsed, of_all, given), *_conversions(column, unit, conversion))
    return Quantity(unit, result, unusable, problems, remarks, reading, readings)


def describe_columns(table: Table, names: Sequence[str]) -> tuple[list[ColumnReading], list[CellReading]]:
    """How columns of numbers would be read, and their cells, whether they can be or not."""
    columns, readings = list[ColumnReading](), list[CellReading]()
    for name in names:
        try:
            quantity = read_quantity(table, name, None, role=UNUSED)
        except (UnclearNumbersError, UnclearUnitsError, LongTableError) as error:
            question = table.values(name).sign.question or str(error)
            columns.append(ColumnReading(name, UNUSED, "", "", question=question))
        else:
            columns.append(quantity.reading)
            readings += quantity.readings
    return columns, readings


def _unit_of(
    table: Table, column: str, given: str | None, parsed: ParsedValues, holder: str | None
) -> tuple[str | None, str]:
    """The unit of a column and where it stands."""
    stated = {
        "--unit": given,
        "header": split_heading(column).unit,
        "line of units": table.units.get(column),
        f"column {holder!r}" if holder else "cells": unit_in_cells(parsed),
    }
    return next(((unit, place) for place, unit in stated.items() if unit), (None, ""))


def unit_in_cells(parsed: ParsedValues) -> str | None:
    """The most frequent text after a number, if it is a unit or stands in most cells."""
    counts = Counter(unit for text in parsed.units.tolist() if text and (unit := unit_and_note(text)[0]))
    text, count = counts.most_common(1)[0] if counts else ("", 0)
    return text if parse_unit(text) or 2 * count > len(parsed.units) else None


def _readings(
    table: Table, column: str, parsed: ParsedValues, unit: str | None, rules: Mapping[int, str]
) -> Iterator[CellReading]:
    """What the cells were taken for that are no plain numbers."""
    yield from (reading for reading in table.readings if reading.column == column)
    places = sorted({*parsed.rules, *rules})
    written = table.cells[column].gather(places).to_list()
    values, errors, bounds = parsed.values.tolist(), parsed.errors.tolist(), parsed.censored.tolist()
    numbers = table.row_numbers.tolist()
    logarithm = logarithm_of(column)
    of_unit = unit if logarithm is None or not unit else f"{logarithm.name}({unit})"
    unit_text = unit_behind(of_unit)
    for place, text in zip(places, written, strict=True):
        value, error = values[place], errors[place]
        if math.isnan(value):
            if place in rules or not parsed.readable[place]:
                continue
            read_as = "no value"
        else:
            spread = "" if math.isnan(error) else f" ± {error:.12g}"
            read_as = f"{('', '>', '<')[bounds[place]]}{value:.12g}{spread}{unit_text}"
        rule = ", ".join(filter(None, (parsed.rules.get(place), rules.get(place))))
        yield CellReading(numbers[place], column, text or "", read_as, rule)


def _remarks(table: Table, column: str, parsed: ParsedValues, unit: str | None, given: str | None) -> list[str]:
    header = split_heading(column).unit or table.units.get(column)
    remarks: list[str] = []
    marks = [rule for rule in parsed.rules.values() if "decimal comma" in rule or "thousands" in rule]
    if any("decimal comma" in rule for rule in marks):
        text = f"In column {column!r} the comma is the decimal sign: {parsed.sign.decided_by}."
        remarks.append(Remark("decimal-comma", text))
    if n_grouped := sum("thousands" in rule for rule in marks):
        spaced = all(re.search(r"\d[' ]\d{3}", tidy(cell)) for cell in _grouped(table, column, parsed))
        why = "the sign between groups of three digits is not a decimal sign" if spaced else parsed.sign.decided_by
        text = f"In column {column!r} {counted(n_grouped, 'number')} with groups of thousands: {why}."
        remarks.append(Remark("groups-of-thousands", text))
    if given and header and given != header:
        text = f"Column {column!r}: the unit {given} was given and replaces {header} of the header."
        remarks.append(Remark("given-unit-replaces-header", text))
    if given and parse_unit(given) is None:
        text = f"Column {column!r}: the unit {given} is not known, so nothing is converted."
        remarks.append(Remark("unknown-unit", text))
    if unit and not given and not header and (n_bare := int(((parsed.units == "") & ~np.isnan(parsed.values)).sum())):
        sentence = f"{counted(n_bare, 'value')} without a unit {was(n_bare)} read as {unit}, like the others"
        remarks.append(Remark("values-without-unit", f"Column {column!r}: {sentence}."))
    return remarks


def _grouped(table: Table, column: str, parsed: ParsedValues) -> list[str | None]:
    places = [place for place, rule in parsed.rules.items() if "thousands" in rule]
    return table.cells[column].gather(places).to_list()


def _conversions(column: str, unit: str | None, conversion: InOneUnit) -> list[str]:
    how = "converted to" if conversion.logarithm is None else f"shifted as {conversion.logarithm.name} to"
    how += "" if conversion.factor == 1.0 else f" {split_heading(column).name} in"
    notes = [text for _, text in sorted(conversion.notes.items())]
    behind_units = [text for text in notes if unit_and_note(text)[0]]
    behind_numbers = [text for text in notes if not unit_and_note(text)[0]]
    taken = Remark(
        "unit-from-a-column", f"Column {column!r}: the unit of each row was read from column {conversion.holder!r}."
    )
    return [
        *([taken] if conversion.holder else []),
        *(
            Remark(
                "brackets-not-read",
                f"Column {column!r}: the text in brackets after the {what} in {counted(len(texts), 'cell')} is not "
                f"used ({texts[0]}).",
            )
            for what, texts in (("unit", behind_units), ("number", behind_numbers))
            if texts
        ),
        *(
            Remark("values-converted", f"Column {column!r}: {counted(n, 'value')} in {text} {was(n)} {how} {unit}.")
            for text, n in conversion.converted.items()
        ),
    ]


def _unread(
    table: Table, column: str, parsed: ParsedValues, conversion: InOneUnit, wanted: str
) -> Iterator[RowProblem]:
    for place, (reason, advice) in sorted(conversion.reasons.items()):
        yield problem(table, place, column, reason, advice)
    for place in np.flatnonzero(~parsed.readable).tolist():
        why = parsed.reasons.get(place)
        if why is None and holds_two_numbers(tidy(table.cells[column][place])):
            yield problem(table, place, column, "contains two numbers: two values, or a fraction", "write one number")
            continue
        yield problem(table, place, column, why or "is not a number", _ONE_SIGN if why else wanted)
