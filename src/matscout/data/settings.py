"""Conditions that the user sets: which column each means, and its numbers in the unit that the column is kept in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from matscout.data.columns import columns_called
from matscout.data.units import KELVIN, ROOM_TEMPERATURE, Unit, bare_unit, convert, parse_unit, split_heading
from matscout.errors import UsageError

_NUMBER = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*)")


def set_columns(
    settings: Mapping[str, str], context: Sequence[str], units: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Settings of context columns under the names of these, in their units: ``temperature [C]=60`` is 333.15 K.

    The unit stands behind the column (``temperature [C]=20:80``) or behind a number (``temperature=60 C``, ``rt``);
    numbers without one are in that of the column. A name that fits none is kept, for the caller to explain.

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
        If a unit does not convert to that of the column, or a column is set twice.
    """
    found: dict[str, str] = {}
    for wanted, value in settings.items():
        name = next(iter(columns_called(wanted, context)), wanted)
        if name in found:
            raise UsageError(f"{name!r} is set twice")
        found[name] = _in_unit_of_column(wanted, value, name, (units or {}).get(name, ""))
    return found


def _in_unit_of_column(wanted: str, value: str, name: str, unit: str) -> str:
    """The value with its numbers in ``unit``; as it is where the column has none."""
    said, kept = parse_unit(split_heading(wanted).unit or ""), parse_unit(unit)
    if kept is not None:
        pieces = re.split(r"([:,])", value)
        return "".join(piece if piece in (":", ",") else _converted(piece, said, name, kept) for piece in pieces)
    if said is not None and said.offset:
        raise UsageError(
            f"{wanted!r} names the unit {said.text}, but {name!r} has numbers without one; give it as those"
        )
    return value


def _converted(piece: str, said: Unit | None, name: str, kept: Unit) -> str:
    """One number in the unit of the column; what is no number with a unit is left for the caller to explain."""
    text = piece.strip()
    if text.lower() in ROOM_TEMPERATURE and kept.converts_to(KELVIN):
        return f"{convert(np.array([298.15]), KELVIN, kept)[0]:.10g}"
    number = _NUMBER.fullmatch(text)
    own = parse_unit(bare_unit(number[2])) if number is not None and number[2] else said
    if number is None or own is None:
        return piece
    if not own.converts_to(kept):
        raise UsageError(
            f"{name} is set to {text!r} in {own.text}, which does not convert to {kept.text}, in which it is kept"
        )
    return f"{convert(np.array([float(number[1])]), own, kept)[0]:.10g}"
