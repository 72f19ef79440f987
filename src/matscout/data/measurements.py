"""Columns of a table to targets and context: numbers in one unit, errors, bounds, classes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.data.columns import is_numeric
from matscout.data.dataset import Target
from matscout.data.tables import Table
from matscout.data.units import KELVIN, bare_unit, convert, parse_unit, room_temperature, split_heading
from matscout.data.values import NO_LIMIT, ParsedValues, is_missing, parse_values, tidy, uses_decimal_comma
from matscout.errors import InputError, RowProblem

_MOST_CLASSES = 50  # of a column named as target; an unnamed one needs fewer to be recognised
_NUMBER = "write a number, <number, a range, or leave it empty"
_YES_NO = ({"0", "1"}, {"true", "false"}, {"yes", "no"}, {"y", "n"})


class NoClassesError(InputError):
    """A column holds too many different texts to be classes."""


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
    """

    target: Target
    unusable: NDArray[np.bool_]
    problems: tuple[RowProblem, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Condition:
    """A context column of n rows, numbers or text, with the rows in which it is missing or cannot be used."""

    name: str
    values: NDArray[np.float64] | NDArray[np.str_]
    unit: str | None
    unusable: NDArray[np.bool_]
    problems: tuple[RowProblem, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Quantity:
    """A numeric column in one unit."""

    unit: str | None
    parsed: ParsedValues
    unusable: NDArray[np.bool_]
    problems: tuple[RowProblem, ...]
    remarks: tuple[str, ...]


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
        If the column holds no values, or text that is neither numbers nor classes.
    """
    cells = table.column(column)
    name = split_heading(column).name if name is None else name
    if all(is_missing(cell) for cell in cells):
        raise InputError(f"the column {column!r} holds no values; name another one (--target) or fill it in")
    if _are_zero_and_one(cells) or not is_numeric(cells, share=0.5):
        found = _classes(table, column, name)
        unused = () if error is None else (f"The errors in column {error!r} are not used: {name!r} has classes.",)
        return replace(found, remarks=(*found.remarks, *unused))
    quantity = _read_quantity(table, column, unit)
    errors, problems, remarks = quantity.parsed.errors, list(quantity.problems), list(quantity.remarks)
    if error is not None:
        errors, more_problems, more_remarks = _read_errors(table, error, quantity.unit)
        problems += more_problems
        remarks += more_remarks
    problems += [
        RowProblem(int(table.row_numbers[i]), cells[i] or "", note, _advice(note), dropped=False)
        for i, note in quantity.parsed.notes.items()
    ]
    known = ~np.isnan(quantity.parsed.values)
    remarks.append(_summary(column, name, quantity, errors))
    target = Target(
        name,
        quantity.parsed.values,
        quantity.unit,
        errors=np.where(known, errors, np.nan) if np.isfinite(errors[known]).any() else None,
        censored=quantity.parsed.censored if quantity.parsed.censored.any() else None,
    )
    return Measured(target, quantity.unusable, tuple(problems), tuple(remarks))


def _advice(note: str) -> str:
    if note == NO_LIMIT:
        return "write 0 if that is what was measured, or < and the limit; as it is, the row is not learned from"
    return "nothing to do if that is right"


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
        What they are converted to; numbers without a unit are taken to be in it.

    Raises
    ------
    InputError
        If they are in a unit that does not convert to ``wanted``.
    """
    table, said = _with_room_temperature(table, column, unit, wanted)
    cells = table.column(column)
    name = split_heading(column).name
    missing = np.array([is_missing(cell) for cell in cells], dtype=np.bool_)
    problems = [
        _problem(table, i, column, "is missing", "fill it in, or leave the context out")
        for i in np.flatnonzero(missing)
    ]
    if not is_numeric(cells):
        text = np.array([tidy(cell) for cell in cells], dtype=np.str_)
        remark = f"Context {name!r}: {len(set(text[~missing]))} categories."
        return Condition(name, text, None, missing, tuple(problems), (remark, *_numbers_among_words(name, cells)))
    quantity = _read_quantity(table, column, unit, "write one number in the unit of the column")
    values, final_unit = _in_kept_unit(quantity, column, wanted)
    bounds = quantity.parsed.censored != 0
    problems += [
        _problem(table, i, column, "is a bound, not a value", "write one number") for i in np.flatnonzero(bounds)
    ]
    remark = f"Context {name!r}: numbers{f' in {final_unit}' if final_unit else ''} from column {column!r}."
    unusable = quantity.unusable | missing | bounds
    remarks = (*quantity.remarks, *said, remark)
    return Condition(name, values, final_unit, unusable, (*problems, *quantity.problems), remarks)


def _numbers_among_words(name: str, cells: Sequence[str | None]) -> tuple[str, ...]:
    """A remark on categories that many rows write as numbers, which are then neither near nor far from each other."""
    if not is_numeric(cells, share=0.3):
        return ()
    filled = [tidy(cell) for cell in cells if not is_missing(cell)]
    words = list(dict.fromkeys(cell for cell in filled if not is_numeric([cell])))
    return (
        f"Context {name!r} holds numbers and words ({', '.join(words[:3])}{' ...' if len(words) > 3 else ''}), so each "
        "is a category, and a number that is not among them cannot be predicted for: write numbers only.",
    )


def _with_room_temperature(
    table: Table, column: str, unit: str | None, wanted: str | None
) -> tuple[Table, tuple[str, ...]]:
    """The table with ``rt`` as 25 °C in a column of temperatures, and a remark on it."""
    cells = table.column(column)
    in_cells = _unit_in_cells(parse_values(cells, uses_decimal_comma(cells, table.decimal_comma)))
    own = parse_unit(unit or split_heading(column).unit or table.units.get(column) or in_cells or wanted or "")
    room = None if own is None else room_temperature("rt", own)
    found = [own is not None and room_temperature(tidy(cell), own) is not None for cell in cells]
    if own is None or room is None or not any(found):
        return table, ()
    import polars

    told = [f"{room:g}" if is_room else cell for is_room, cell in zip(found, cells, strict=True)]
    changed = table.cells.with_columns(polars.Series(column, told, dtype=polars.String))
    remark = f"Column {column!r}: room temperature, in {sum(found)} rows, was taken as {room:g} {own.text}."
    return replace(table, cells=changed), (remark,)


def _in_kept_unit(quantity: _Quantity, column: str, wanted: str | None) -> tuple[NDArray[np.float64], str | None]:
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
            "labels; give it in that unit, or say which unit it is in (--unit)"
        )
    return convert(quantity.parsed.values, own, kept), kept.text


def _problem(table: Table, position: np.integer[Any], column: str, reason: str, advice: str) -> RowProblem:
    value = table.cells[column][int(position)] or ""
    return RowProblem(int(table.row_numbers[position]), value, f"{column!r} {reason}", advice)


def _are_zero_and_one(cells: Sequence[str | None]) -> bool:
    texts = {tidy(cell) for cell in cells if not is_missing(cell)}
    return texts <= {"0", "1", "0.0", "1.0"} and {text[0] for text in texts} == {"0", "1"}


def _classes(table: Table, column: str, name: str) -> Measured:
    cells = table.column(column)
    missing = np.array([is_missing(cell) for cell in cells], dtype=np.bool_)
    text = np.array([tidy(cell) for cell in cells], dtype=np.str_)
    if _are_zero_and_one(cells):
        text = np.char.replace(text, ".0", "")
    is_yes_no = {label.lower() for label in text[~missing]} in _YES_NO
    if is_yes_no:
        text = np.char.lower(text)
    classes = tuple(str(label) for label in np.unique(text[~missing]))
    if not is_yes_no and not 2 <= len(classes) <= min(_MOST_CLASSES, int((~missing).sum()) // 2):
        example = ", ".join(repr(label) for label in classes[:3])
        raise NoClassesError(
            f"the column {column!r} holds neither numbers nor classes ({len(classes)} different texts in "
            f"{int((~missing).sum())} rows, such as {example}); name another target (--target)"
        )
    values = np.where(missing, np.nan, np.searchsorted(np.array(classes), text)).astype(np.float64)
    remark = f"Target {name!r}: {len(classes)} classes ({', '.join(classes[:10])}) from column {column!r}."
    target = Target(name, values, task="classification", classes=classes)
    return Measured(target, np.zeros(len(cells), dtype=np.bool_), (), (remark,))


def _read_quantity(table: Table, column: str, given: str | None, wanted: str = _NUMBER) -> _Quantity:
    """A numeric column in its unit: the one given, else of the header, else the most frequent one in the cells."""
    cells = table.column(column)
    parsed = parse_values(cells, uses_decimal_comma(cells, table.decimal_comma))
    header = split_heading(column).unit or table.units.get(column)
    unit = given or header or _unit_in_cells(parsed)
    remarks = []
    if any("," in (cell or "") for cell in cells):
        meaning = (
            "is the decimal sign" if parsed.decimal_comma else "separates thousands, and the point is the decimal sign"
        )
        remarks.append(f"In column {column!r} the comma {meaning}.")
    if given and header and given != header:
        remarks.append(f"Column {column!r}: the unit {given} was given and replaces {header} of the header.")
    if given and parse_unit(given) is None:
        remarks.append(f"Column {column!r}: the unit {given} is not known, so nothing is converted into it or from it.")
    if unit and not given and not header and (n_bare := int(((parsed.units == "") & ~np.isnan(parsed.values)).sum())):
        remarks.append(f"Column {column!r}: {n_bare} value(s) without a unit were read as {unit}, like the others.")
    remarks += _unread_words(parsed, column)
    parsed, foreign, converted = _to_one_unit(parsed, unit)
    remarks += [f"Column {column!r}: {n} value(s) in {text} were converted to {unit}." for text, n in converted.items()]
    misfit = f", which does not convert to {unit}" if unit else ", which is no unit"
    advice = f"write it in {unit}" if unit else "write the number alone"
    problems = [
        _problem(table, i, column, f"has {str(parsed.units[i])!r} after the number{misfit}", advice)
        for i in np.flatnonzero(foreign)
    ]
    problems += [_problem(table, i, column, "is not a number", wanted) for i in np.flatnonzero(~parsed.readable)]
    problems += [
        replace(
            _problem(table, i, column, "looks like a placeholder", "leave it empty if nothing was measured"),
            dropped=False,
        )
        for i in np.flatnonzero(_placeholders(parsed.values))
    ]
    return _Quantity(unit, parsed, ~parsed.readable | foreign, tuple(problems), tuple(remarks))


def _placeholders(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Numbers that programs write where they have none: -999 and the like more than once, 1e30 and the like."""
    found, position, counts = np.unique(values, return_inverse=True, return_counts=True)
    return ((found < -900) & (counts > 1) | (np.abs(found) > 1e20))[position]


def _unit_in_cells(parsed: ParsedValues) -> str | None:
    """The most frequent text after a number, if it is a unit or stands in most cells."""
    counts = Counter(bare_unit(text) for text in parsed.units.tolist() if text)
    text, count = counts.most_common(1)[0] if counts else ("", 0)
    return text if parse_unit(text) or 2 * count > len(parsed.units) else None


def _unread_words(parsed: ParsedValues, column: str) -> list[str]:
    """A remark on what stands in brackets behind units: ``81 % (isolated)``."""
    found = [text for text in parsed.units.tolist() if text and len(bare_unit(text)) < len(text.strip("()[] "))]
    if not found:
        return []
    return [
        f"Column {column!r}: what stands in brackets behind the unit in {len(found)} cells is not read ({found[0]})."
    ]


def _to_one_unit(parsed: ParsedValues, final: str | None) -> tuple[ParsedValues, NDArray[np.bool_], Mapping[str, int]]:
    """Values in ``final``; True where a cell's own unit does not convert; and what was converted, how often."""
    values, errors = parsed.values.copy(), parsed.errors.copy()
    foreign = np.zeros(len(values), dtype=np.bool_)
    converted: dict[str, int] = {}
    wanted = parse_unit(final) if final else None
    written = np.array([bare_unit(text) for text in parsed.units], dtype=np.str_)
    for text in sorted(set(written) - {"", final}):
        rows, own = written == text, parse_unit(str(text))
        if own is None or wanted is None or not own.converts_to(wanted):
            foreign |= rows
            values[rows] = errors[rows] = np.nan
        elif own.factor != wanted.factor or own.offset != wanted.offset:
            values[rows] = convert(values[rows], own, wanted)
            errors[rows] *= own.factor / wanted.factor
            converted[str(text)] = int(rows.sum())
    return replace(parsed, values=values, errors=errors), foreign, converted


def _read_errors(
    table: Table, column: str, unit: str | None
) -> tuple[NDArray[np.float64], list[RowProblem], list[str]]:
    """The errors of a target from their own column, in the target's unit."""
    quantity = _read_quantity(table, column, None)
    errors, own, wanted = quantity.parsed.values, parse_unit(quantity.unit or ""), parse_unit(unit or "")
    if own is not None and wanted is not None:
        if not own.converts_to(wanted):
            raise InputError(
                f"the errors in column {column!r} are in {quantity.unit}, the values in {unit}; give both in one unit"
            )
        errors = errors * (own.factor / wanted.factor)
    problems = [replace(problem, dropped=False) for problem in quantity.problems]
    useless = errors <= 0
    problems += [
        replace(
            _problem(
                table, i, column, "is no standard deviation (not above zero)", "the value is used without an error"
            ),
            dropped=False,
        )
        for i in np.flatnonzero(useless)
    ]
    remark = f"Errors were taken from column {column!r} (one standard deviation)."
    return np.where(useless, np.nan, errors), problems, [*quantity.remarks, remark]


def _summary(column: str, name: str, quantity: _Quantity, errors: NDArray[np.float64]) -> str:
    parsed = quantity.parsed
    known = int((~np.isnan(parsed.values)).sum())
    parts = [f"{known} values{f' in {quantity.unit}' if quantity.unit else ', no unit known,'} from column {column!r}"]
    if int(np.isfinite(errors).sum()):
        parts.append(f"{int(np.isfinite(errors).sum())} with an error")
    if parsed.censored.any():
        parts.append(f"{int((parsed.censored != 0).sum())} are bounds")
    if known < len(parsed.values):
        parts.append(f"{len(parsed.values) - known} without a value")
    return f"Target {name!r}: {', '.join(parts)}."
