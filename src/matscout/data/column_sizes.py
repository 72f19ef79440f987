"""How many bytes the values of a column take, which a frame may hold once for many rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars

_NUMBER = 8
"""Bytes of a value that is no text."""


def bytes_of_values(column: polars.Series) -> int:
    """The bytes of all texts and numbers, those in lists and records included."""
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
