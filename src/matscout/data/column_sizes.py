"""How large a table is, before it is read as a whole: its rows and cells, and the bytes of its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matscout.data.budgets import BUDGET
from matscout.errors import InputError

if TYPE_CHECKING:
    import polars

_NUMBER = 8
"""Bytes of a value that is no text."""


def refuse_many_cells(name: str, rows: int, columns: int) -> None:
    """Refuse a table of more rows or cells than the budget allows, with an :class:`~matscout.errors.InputError`."""
    if rows > BUDGET.rows:
        raise InputError(f"{name} has {rows:,} rows, more than the {BUDGET.rows:,} that are read; give a part of it")
    if rows * columns > BUDGET.cells:
        raise InputError(
            f"{name} has {rows:,} rows x {columns:,} columns, more than the {BUDGET.cells:,} cells that are read; give "
            "a part of it"
        )


def bytes_of_values(column: polars.Series) -> int:
    """The bytes of all texts and numbers of a column, which a frame may hold once for many rows.

    Those in lists and records are included.
    """
    import polars

    kind = column.dtype
    if kind == polars.String:
        return int(column.str.len_bytes().cast(polars.Int64).sum())
    if kind in (polars.Categorical, polars.Enum):
        return int(column.cat.len_bytes().cast(polars.Int64).sum())
    if kind == polars.Binary:
        return int(column.bin.size().cast(polars.Int64).sum())
    if isinstance(kind, polars.List | polars.Array):
        return bytes_of_values(column.explode()) if len(column) else 0
    if isinstance(kind, polars.Struct):
        return sum(bytes_of_values(column.struct.field(name)) for name in column.struct.fields)
    return _NUMBER * len(column)
