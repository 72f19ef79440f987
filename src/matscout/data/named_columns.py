"""Columns by name: float64 [n, ...] with NaN where a value is not known, or text [n] with ""."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.data.ragged import Rows

NamedColumns = Mapping[str, NDArray[np.float64] | NDArray[np.str_]]


def column_of(values: Sequence[object]) -> NDArray[Any] | None:
    """Values [n], None where one is not known, as a column; None where they are of no one kind or shape.

    Numbers, truth values and lists of them become float64, texts stay text.
    """
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, str) for value in known):
        return np.array(["" if value is None else value for value in values], dtype=np.str_)
    try:
        numbers = np.array(known, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        return None
    if not known or any(isinstance(value, str) for value in known):
        return None
    column = np.full((len(values), *numbers.shape[1:]), np.nan)
    column[[place for place, value in enumerate(values) if value is not None]] = numbers
    return column


def columns_of(records: Sequence[Mapping[str, object]]) -> dict[str, NDArray[Any]]:
    """The columns of n records, without those that are of no one kind or shape (:func:`column_of`)."""
    names = dict.fromkeys(name for record in records for name in record)
    columns = {str(name): column_of([record.get(name) for record in records]) for name in names}
    return {name: column for name, column in columns.items() if column is not None}


def record_of(columns: NamedColumns, row: int) -> dict[str, object]:
    """One row of columns as plain values, without those that are not known."""
    plain = {name: column[row].tolist() for name, column in columns.items()}
    return {name: value for name, value in plain.items() if not _is_blank(value)}


def _is_blank(value: object) -> bool:
    return value == "" if isinstance(value, str) else bool(np.isnan(np.asarray(value, dtype=np.float64)).all())


def taken(columns: NamedColumns, rows: Rows) -> dict[str, NDArray[Any]]:
    """The chosen rows of all columns."""
    return {name: column[rows] for name, column in columns.items()}


def joined_columns(parts: Sequence[NamedColumns], lengths: Sequence[int]) -> dict[str, NDArray[Any]]:
    """The columns of all parts, one part of so many rows after the other.

    A part without a column has blanks there, and so has one whose column is of another kind or shape than that of the
    first part that has it.
    """
    like = {name: column for part in reversed(parts) for name, column in part.items()}
    names = dict.fromkeys(name for part in parts for name in part)
    return {
        name: np.concatenate([_as(part.get(name), like[name], n) for part, n in zip(parts, lengths, strict=True)])
        for name in names
    }


def _as(column: NDArray[Any] | None, like: NDArray[Any], n: int) -> NDArray[Any]:
    """A column if it is of the kind and shape of another one, else n blanks of these."""
    if column is not None and column.dtype.kind == like.dtype.kind and column.shape[1:] == like.shape[1:]:
        return column
    return blanks(like, n)


def blanks(like: NDArray[Any], n: int) -> NDArray[Any]:
    """N values that are not known, of the kind and shape of a column."""
    return np.full((n, *like.shape[1:]), "" if like.dtype.kind == "U" else np.nan, dtype=like.dtype)


def require_columns(columns: NamedColumns, n: int, of: str) -> None:
    """Refuse columns that are not float64 or text, or not of length n.

    Raises
    ------
    ValueError
        Naming the column, and what it is one ``of``.
    """
    for name, column in columns.items():
        if len(column) != n:
            raise ValueError(f"the column {name} of {of} has {len(column)} values, expected {n}")
        if column.dtype.kind != "U" and column.dtype != np.float64:
            raise ValueError(f"the column {name} of {of} is {column.dtype}, expected float64 or text")
