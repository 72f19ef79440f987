"""Columns of a table to targets and context: numbers in one unit, errors, bounds, classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted, was
from matscout.data.cell_readings import CellReading
from matscout.data.column_readings import ColumnReading
from matscout.data.columns import is_numeric
from matscout.data.dataset import Target
from matscout.data.headings import logarithm_of, split_heading
from matscout.data.missing import is_missing, is_missing_label, tidy
from matscout.data.quantities import Quantity, read_quantity, unit_in_cells
from matscout.data.row_problems import problem
from matscout.data.tables import Table
from matscout.data.unit_columns import with_units_beside
from matscout.data.units import KELVIN, Unit, convert, parse_unit, room_temperature
from matscout.data.values import NO_LIMIT
from matscout.data.yields import is_called_yield
from matscout.errors import NOTHING_TO_DO, InputError, RowProblem, UsageError
from matscout.remarks import Remark, worded

_MOST_CLASSES = 50  # of a column named as target; an unnamed one needs fewer to be recognised
_SPELLINGS = 200  # of 0, 1 and of words for no value, with blanks around them: there are not so many
_YES_NO = ({"0", "1"}, {"true", "false"}, {"yes", "no"}, {"y", "n"})


class NoClassesError(InputError):
    """A column holds too many different texts to be classes."""


class OneClassError(NoClassesError, UsageError):
    """A column holds one text only: the other rows may be unlabelled."""


@dataclass(frozen=True, eq=False)
class Measured:
    """A target column of n rows, with the rows of it that cannot be used.

    Parameters
    ----------
    target
        The values; NaN where missing or unusable.
    unusable
        bool [n], True where the cell holds something that cannot be used.
    problems
        One for each unusable cell (``dropped=True``), and remarks on others.
    remarks
        What was recognised, a sentence each.
    columns, readings
        How the columns and their cells were understood (numbers only).
    """

    target: Target
    unusable: NDArray[np.bool_]
    problems: tuple[RowProblem, ...]
    remarks: tuple[str, ...]
    columns: tuple[ColumnReading, ...] = ()
    readings: tuple[CellReading, ...] = ()


@dataclass(frozen=True, eq=False)
class Condition:
    """A context column of n rows, numbers or text, with the rows in which it is missing or cannot be used."""

    name: str
    values: NDArray[np.float64] | NDArray[np.str_]
    unit: str | None
    unusable: NDArray[np.bool_]
    problems: tuple[RowProblem, ...]
    remarks: tuple[str, ...]
    columns: tuple[ColumnReading, ...] = ()
    readings: tuple[CellReading, ...] = ()


def read_target(
    table: Table, column: str, *, error: str | None = None, unit: str | None = None, name: str | None = None
) -> Measured:
    """Read a target column.

    Numbers are a regression target, unless they are 0 and 1 only; these, booleans and texts with few different
    values are classes. Numbers that mean classes (1, 2, 3) must be written as text ("class 1").

    Parameters
    ----------
    table, column
        Where it stands.
    error
        Column with one standard deviation of each value; without it, errors written in the cells ("1.2 ± 0.1") count.
    unit
        What the numbers are in, instead of what the header says.
    name
        Name of the target; by default the header without its unit.

    Raises
    ------
    InputError
        If the column holds no values, text that is neither numbers nor classes, numbers that could be read in two
        ways, or a logarithm whose errors are said to be in the unit of the quantity.
    """
    cells = table.column(column)
    name = split_heading(column).name if name is None else name
    if all(is_missing(cell) for cell in cells):
        raise InputError(f"the column {column!r} contains no values; name another column (--target) or fill it in")
    if _are_zero_and_one(cells) or not is_numeric(cells, share=0.5):
        measured = _classes(table, column, name)
        text = f"The errors in column {error!r} are not used: {name!r} has classes."
        unused = () if error is None else (Remark("errors-of-classes-not-used", text),)
        return replace(measured, remarks=(*measured.remarks, *unused))
    quantity = read_quantity(table, column, unit)
    errors, problems, remarks = quantity.parsed.errors, list(quantity.problems), list(quantity.remarks)
    columns, readings = [quantity.reading], list(quantity.readings)
    if error is not None:
        own = _read_errors(table, error, column, quantity.unit, quantity.parsed.values)
        errors = own.parsed.values
        problems += own.problems
        remarks += own.remarks
        columns.append(own.reading)
        readings += own.readings
    problems += [
        RowProblem(int(table.row_numbers[i]), cells[i] or "", note, _advice(note), dropped=False)
        for i, note in quantity.parsed.notes.items()
    ]
    known = ~np.isnan(quantity.parsed.values)
    if not known.any():
        raise InputError(f"no cell of the column {column!r} can be used; the first: {problems[0]}")
    remarks.append(_summary(column, name, quantity, errors))
    target = Target(
        name,
        quantity.parsed.values,
        quantity.unit,
        errors=np.where(known, errors, np.nan) if np.isfinite(errors[known]).any() else None,
        censored=quantity.parsed.censored if quantity.parsed.censored.any() else None,
    )
    return Measured(target, quantity.unusable, tuple(problems), tuple(remarks), tuple(columns), tuple(readings))


def _advice(note: str) -> str:
    if note == NO_LIMIT:
        return "write 0 if that was measured, or < and the limit; the row is not used as it is"
    return NOTHING_TO_DO


def read_condition(table: Table, column: str, *, unit: str | None = None, wanted: str | None = None) -> Condition:
    """Read a context column: numbers (in kelvin if they are degrees Celsius or Fahrenheit) or categories.

    A missing value makes the row unusable, because a prediction needs the condition.

    Parameters
    ----------
    table, column
        Where it stands.
    unit
        What the numbers are in, instead of what the header says.
    wanted
        What they are converted to; numbers without a unit are taken to be in it, and what is no number is unusable.

    Raises
    ------
    InputError
        If they are in a unit that does not convert to ``wanted``.
    """
    table, room_remarks = _with_room_temperature(table, column, unit, wanted)
    cells = table.column(column)
    name = split_heading(column).name
    is_text = wanted is None and not is_numeric(cells)
    says_nothing = is_missing_label if is_text else is_missing
    missing = np.array([says_nothing(cell) for cell in cells], dtype=np.bool_)
    problems = [
        problem(table, i, column, "is missing", "fill it in, or omit this context column")
        for i in np.flatnonzero(missing)
    ]
    if is_text:
        text = np.array([tidy(cell) for cell in cells], dtype=np.str_)
        words = f"Context {name!r}: {counted(len(set(text[~missing])), 'category', 'categories')}."
        remark = Remark("categories-of-context", words)
        return Condition(name, text, None, missing, tuple(problems), (remark, *_numbers_among_words(name, cells)))
    quantity = read_quantity(table, column, unit, "write one number in the unit of the column", role="context")
    values, final_unit = _in_kept_unit(quantity, column, wanted)
    bounds = quantity.parsed.censored != 0
    problems += [
        problem(table, i, column, "is a bound, not a value", "write one number") for i in np.flatnonzero(bounds)
    ]
    words = f"Context {name!r}: numbers{f' in {final_unit}' if final_unit else ''} from column {column!r}."
    remark = Remark("numbers-of-context", words)
    unusable = quantity.unusable | missing | bounds
    # The unit that a reader meets again is the one that is kept.
    own = f"converted to {quantity.unit}."
    converted = (worded(one, one.replace(own, f"converted to {final_unit}.")) for one in quantity.remarks)
    remarks = (*converted, *room_remarks, remark)
    problems += quantity.problems
    read_so = (quantity.reading,)
    return Condition(name, values, final_unit, unusable, tuple(problems), remarks, read_so, quantity.readings)


def _numbers_among_words(name: str, cells: Sequence[str | None]) -> tuple[str, ...]:
    """A remark on categories that many rows write as numbers, which are then neither near nor far from each other."""
    if not is_numeric(cells, share=0.3):
        return ()
    filled = [tidy(cell) for cell in cells if not is_missing(cell)]
    words = list(dict.fromkeys(cell for cell in filled if not is_numeric([cell])))
    text = (
        f"Context {name!r} contains numbers and words ({', '.join(words[:3])}{' ...' if len(words) > 3 else ''}), so "
        "each value is a category, and predictions at other numbers are not possible: write numbers only."
    )
    return (Remark("numbers-among-words", text),)


def _with_room_temperature(
    table: Table, column: str, unit: str | None, wanted: str | None
) -> tuple[Table, tuple[str, ...]]:
    """The table with ``rt`` as 25 °C in a column of temperatures, and a remark on it."""
    cells = table.column(column)
    in_cells = unit_in_cells(with_units_beside(table, column, unit)[0])
    own = parse_unit(unit or split_heading(column).unit or table.units.get(column) or in_cells or wanted or "")
    room = None if own is None else room_temperature("rt", own)
    are_room = [own is not None and room_temperature(tidy(cell), own) is not None for cell in cells]
    if own is None or room is None or not any(are_room):
        return table, ()
    import polars

    texts = [f"{room:g}" if is_room else cell for is_room, cell in zip(are_room, cells, strict=True)]
    changed = table.cells.with_columns(polars.Series(column, texts, dtype=polars.String))
    text = f"Column {column!r}: room temperature, in {counted(sum(are_room), 'row')}, was read as {room:g} {own.text}."
    return replace(table, cells=changed), (Remark("room-temperature-taken-as", text),)


def _in_kept_unit(quantity: Quantity, column: str, wanted: str | None) -> tuple[NDArray[np.float64], str | None]:
    """The numbers of a condition in the unit they are kept in: ``wanted``, else their own, kelvin for degrees."""
    own = parse_unit(quantity.unit or "")
    kept = parse_unit(wanted or "") or (KELVIN if own is not None and own.offset else own)
    if quantity.unit is None or own is None or kept is None:
        if wanted and quantity.unit not in (None, wanted):
            raise InputError(f"the column {column!r} is in {quantity.unit}, which does not convert to {wanted}")
        return quantity.parsed.values, wanted or quantity.unit
    if not own.converts_to(kept):
        raise InputError(
            f"the column {column!r} is in {quantity.unit}, which does not convert to {kept.text}, the unit of the "
            "labels; give it in that unit, or state its unit (--unit)"
        )
    if (logarithm := logarithm_of(column)) is not None:
        return quantity.parsed.values + logarithm.shift(own.factor / kept.factor), kept.text
    return convert(quantity.parsed.values, own, kept), kept.text


def _are_zero_and_one(cells: Sequence[str | None]) -> bool:
    written = set(cells)
    if len(written) > _SPELLINGS:
        return False
    texts = {tidy(cell) for cell in written if not is_missing(cell)}
    return texts <= {"0", "1", "0.0", "1.0"} and {text[0] for text in texts} == {"0", "1"}


def _classes(table: Table, column: str, name: str) -> Measured:
    cells = table.column(column)
    missing = np.array([is_missing_label(cell) for cell in cells], dtype=np.bool_)
    text = np.array([tidy(cell) for cell in cells], dtype=np.str_)
    if _are_zero_and_one(cells):
        text = np.char.replace(text, ".0", "")
    is_yes_no = {label.lower() for label in text[~missing]} in _YES_NO
    if is_yes_no:
        text = np.char.lower(text)
    classes = tuple(str(label) for label in np.unique(text[~missing]))
    if not is_yes_no and not 2 <= len(classes) <= min(_MOST_CLASSES, int((~missing).sum()) // 2):
        if len(classes) == 1:
            raise OneClassError(
                f"the column {column!r} holds one class only, {classes[0]!r}: if other rows are unlabelled, state what "
                f"stands in these (--unlabelled=VALUE, or --unlabelled=blank{_blank_cells(int(missing.sum()))}); else "
                "name another target (--target)"
            )
        example = ", ".join(repr(label) for label in classes[:3])
        raise NoClassesError(
            f"the column {column!r} contains neither numbers nor classes ({len(classes)} different texts in "
            f"{int((~missing).sum())} rows, such as {example}); name another target (--target)"
        )
    values = np.where(missing, np.nan, np.searchsorted(np.array(classes), text)).astype(np.float64)
    words = f"Target {name!r}: {len(classes)} classes ({', '.join(classes[:10])}) from column {column!r}."
    target = Target(name, values, task="classification", classes=classes)
    return Measured(target, np.zeros(len(cells), dtype=np.bool_), (), (Remark("classes-of-target", words),))


def _blank_cells(n: int) -> str:
    return f" for the {counted(n, 'blank cell')}" if n else ""


def _read_errors(table: Table, column: str, target: str, unit: str | None, values: NDArray[np.float64]) -> Quantity:
    """The errors of a target from their own column, in the target's unit."""
    quantity = read_quantity(table, column, None, role="error")
    _refuse_other_errors(column, quantity.unit, target)
    errors, own, wanted = quantity.parsed.values, parse_unit(quantity.unit or ""), parse_unit(unit or "")
    relative = _in_percent_of_values(quantity, target, wanted)
    percent_remarks: tuple[str, ...] = ()
    if relative.any():
        errors, n = np.where(relative, errors / 100 * np.abs(values), errors), int(relative.sum())
        text = f"Column {column!r}: {counted(n, 'error')} in % of the value {was(n)} converted to {unit or 'its unit'}."
        percent_remarks = (Remark("relative-errors-converted", text),)
        own = None
    if own is not None and wanted is not None:
        if not own.converts_to(wanted):
            raise InputError(
                f"the errors in column {column!r} are in {quantity.unit}, the values in {unit}; give both in one unit"
            )
        errors = errors * (own.factor / wanted.factor)
    problems = [replace(each, dropped=False) for each in quantity.problems]
    useless = errors <= 0
    problems += [
        replace(
            problem(
                table, i, column, "is not a standard deviation (not above zero)", "the value is used without an error"
            ),
            dropped=False,
        )
        for i in np.flatnonzero(useless)
    ]
    remark = Remark("errors-from-column", f"Errors were taken from column {column!r} (one standard deviation).")
    parsed = replace(quantity.parsed, values=np.where(useless, np.nan, errors))
    return replace(
        quantity, parsed=parsed, problems=tuple(problems), remarks=(*quantity.remarks, *percent_remarks, remark)
    )


def _in_percent_of_values(quantity: Quantity, target: str, wanted: Unit | None) -> NDArray[np.bool_]:
    """The errors that are in percent of their values, bool [n]: not those of what is in percent itself, or a logarithm.

    Numbers without a sign beside some in percent are in percent if most are, or if the header says it.
    """
    units = quantity.parsed.units
    in_percent = (units == "%") & np.isfinite(quantity.parsed.values)
    of_all = quantity.unit == "%" and (quantity.reading.unit_from != "cells" or 2 * in_percent.sum() > len(units))
    is_share = (wanted is None and is_called_yield(target)) or (wanted is not None and not wanted.dimensions)
    if is_share or logarithm_of(target) is not None:
        return np.zeros(len(units), dtype=np.bool_)
    return np.isfinite(quantity.parsed.values) if of_all else in_percent


def _refuse_other_errors(column: str, unit: str | None, target: str) -> None:
    """Errors of a logarithm are none of the quantity, and the reverse."""
    logarithm, own = logarithm_of(target), parse_unit(unit or "")
    if logarithm is None and (of_errors := logarithm_of(column)) is not None:
        raise InputError(
            f"the column {target!r} contains plain values, but {column!r} contains errors of their logarithm "
            f"({of_errors.name}): give errors in the unit of {target!r}, use the logarithm as target, or omit that "
            "column"
        )
    if logarithm is not None and logarithm_of(column) is None and own is not None and own.dimensions:
        raise InputError(
            f"the column {target!r} contains logarithms, but its errors in {column!r} are in {unit}: an error of "
            f"{logarithm.name} has no unit; give errors of the logarithm, or omit that column"
        )


def _summary(column: str, name: str, quantity: Quantity, errors: NDArray[np.float64]) -> Remark:
    parsed = quantity.parsed
    known = int((~np.isnan(parsed.values)).sum())
    unit = f" in {quantity.unit}" if quantity.unit else ", no unit known,"
    parts = [f"{counted(known, 'value')}{unit} from column {column!r}"]
    if int(np.isfinite(errors).sum()):
        parts.append(f"{int(np.isfinite(errors).sum()):,} with an error")
    if parsed.censored.any():
        parts.append(f"{counted(int((parsed.censored != 0).sum()), 'is a bound', 'are bounds')}")
    if known < len(parsed.values):
        parts.append(f"{len(parsed.values) - known:,} without a value")
    return Remark("values-of-target", f"Target {name!r}: {', '.join(parts)}.")
