"""Conditions that the user sets: which column each means, and its numbers in the unit that the column is kept in."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matscout.data.column_names import columns_called
from matscout.data.headings import split_heading
from matscout.data.materials import Materials
from matscout.data.missing import tidy
from matscout.data.units import Unit, bare_unit, convert, parse_unit, room_temperature
from matscout.errors import UsageError

_NUMBER = re.compile(r"([-+]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*)")
"""No second zero before the point: ``1,000`` are not the numbers 1 and 0."""


def set_columns(
    settings: Mapping[str, str], context: Sequence[str], units: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Settings of context columns under the names of these, in their units: ``temperature [C]=60`` is 333.15 K.

    The unit stands behind the column (``temperature [C]=20:80``), behind each number (``60 C,353 K``, ``rt``) or behind
    the last for all (``20:80 C``); numbers without one are in that of the column. A name that fits none is kept, for
    the caller to explain.

    Parameters
    ----------
    settings
        Column as the user wrote it -> value, several (``300,600``) or a range (``300:900``).
    context
        Names of the context columns.
    units
        Context column -> unit that it is kept in.

    Raises
    ------
    UsageError
        If a column of numbers with a unit is set to something else, a unit does not convert to that of the column or is
        said of some numbers only, or a column is set twice.
    """
    values: dict[str, str] = {}
    for wanted, value in settings.items():
        name = next(iter(columns_called(wanted, context)), wanted)
        if name in values:
            raise UsageError(f"{name!r} is set twice")
        unit = (units or {}).get(name, "")
        values[name] = _in_unit_of_column(wanted, value, name, unit) if name in context else value
    return values


def _in_unit_of_column(wanted: str, value: str, name: str, unit: str) -> str:
    """The value with its numbers in ``unit``; as it is where the column has none."""
    own, kept = parse_unit(split_heading(wanted).unit or ""), parse_unit(unit)
    if kept is None:
        if own is not None and own.offset:
            raise UsageError(f"{wanted!r} names the unit {own.text}, but {name!r} was read without a unit; omit it")
        return value
    pieces = re.split(r"([:,])", tidy(value))
    numbers = [_read(piece, name, kept) for piece in pieces[::2]]
    pieces[::2] = [number.in_unit(name, kept) for number in _with_units(numbers, own, name, value)]
    return "".join(pieces)


@dataclass(frozen=True)
class _Number:
    """A number as it was written, and its unit, None if none was said."""

    text: str
    unit: Unit | None

    def in_unit(self, name: str, kept: Unit) -> str:
        """In the unit of the column, as it was written where nothing is to be converted."""
        if self.unit is None or (self.unit.factor, self.unit.offset) == (kept.factor, kept.offset):
            return self.text
        if not self.unit.converts_to(kept):
            raise UsageError(
                f"{name} is set in {self.unit.text}, which does not convert to {kept.text}, the unit of the column"
            )
        return f"{convert(np.array([float(self.text)]), self.unit, kept)[0]:.10g}"


def _read(piece: str, name: str, kept: Unit) -> _Number:
    text = piece.strip()
    if (room := room_temperature(text, kept)) is not None:
        return _Number(f"{room:.10g}", kept)
    number = _NUMBER.fullmatch(text)
    unit = None if number is None or not number[2] else parse_unit(bare_unit(number[2]))
    if number is None or (number[2] and unit is None):
        raise UsageError(
            f"{name} is set to {text!r}, which is not a number with a unit: write it in {kept.text}, such as 300, "
            "several as 300,600, a range as 300:600, or add another unit"
        )
    return _Number(number[1], unit)


def _with_units(numbers: Sequence[_Number], unit: Unit | None, name: str, value: str) -> list[_Number]:
    """Numbers without a unit get that of the setting, or the one that stands behind the last of them for all."""
    bare = [number for number in numbers if number.unit is None]
    if unit is None and bare and bare == list(numbers[:-1]):
        unit = numbers[-1].unit
    elif unit is None and 0 < len(bare) < len(numbers):
        raise UsageError(f"{name} is set to {value!r}: write the unit after each number, or once after the last")
    return [number if number.unit is not None else _Number(number.text, unit) for number in numbers]


def with_context(materials: Materials, settings: Mapping[str, str]) -> Materials:
    """The same materials with context columns that hold one value for all of them."""
    columns = {name: _constant(name, value, len(materials)) for name, value in settings.items()}
    return replace(materials, context={**materials.context, **columns})


def _constant(name: str, value: str, n: int) -> NDArray[np.float64] | NDArray[np.str_]:
    try:
        number = float(value)
    except ValueError:
        return np.full(n, value)
    if not math.isfinite(number):
        raise UsageError(f"{name} is set to {value!r}; a condition is a finite number or a category")
    return np.full(n, number)
