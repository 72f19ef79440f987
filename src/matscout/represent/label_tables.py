"""A Parquet table of many properties, one row for each formula or structure, to learn from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import polars
from numpy.typing import NDArray

from matscout.errors import InputError, UsageError


@dataclass(frozen=True, eq=False)
class LabelTable:
    """Properties of materials, with gaps.

    Parameters
    ----------
    path
        Where it was read from.
    keys
        What each of the N rows is of: a formula, or the id of a structure; "" where blank.
    names
        The properties, with their units.
    values
        float32 [N, t], NaN where unknown.
    """

    path: Path
    keys: tuple[str, ...]
    names: tuple[str, ...]
    values: NDArray[np.float32]

    @classmethod
    def read(cls, path: Path, key: str, targets: Sequence[str] | None = None) -> Self:
        """Read the column ``key`` and ``targets``, by default all columns of numbers but ``key``.

        Raises
        ------
        InputError
            If the file cannot be read, has no column ``key`` or no column of numbers.
        UsageError
            If one of ``targets`` is not a column of numbers.
        """
        table = _table(path, key)
        names = _target_columns(table.drop(key), targets, path)
        values = table.select(polars.col(name).cast(polars.Float32) for name in names).to_numpy()
        values = np.where(np.isfinite(values), values, np.float32(np.nan))
        return cls(path, tuple(table[key].cast(polars.String).fill_null("")), names, values)

    def of(self, keys: Sequence[str]) -> NDArray[np.float32]:
        """The values of such keys, [len(keys), t], NaN where there is none.

        Raises
        ------
        InputError
            If the table has several rows of one key.
        """
        places = {key: place for place, key in enumerate(self.keys)}
        if len(places) < len(self.keys):
            twice = next(key for place, key in enumerate(self.keys) if places[key] != place)
            raise InputError(f"{self.path} has several rows of {twice!r}: keep one for each material")
        unknown = np.full((1, len(self.names)), np.nan, dtype=np.float32)
        return np.concatenate([self.values, unknown])[[places.get(key, -1) for key in keys]]


def digest_of(names: Sequence[str], arrays: Iterable[NDArray[Any] | None]) -> str:
    """SHA-256 of what is learnt from: the names of the properties, and arrays."""
    digest = hashlib.sha256("\n".join(names).encode())
    for array in arrays:
        if array is not None:
            digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _table(path: Path, key: str) -> polars.DataFrame:
    try:
        table = polars.read_parquet(path)
    except (OSError, polars.exceptions.PolarsError) as error:
        raise InputError(
            f"{path} cannot be read as a Parquet table ({str(error).splitlines()[0]}); expected a column {key!r} "
            "and columns of numbers; give the file as data.labels=PATH"
        ) from error
    if key not in table.columns or not (table.schema[key] == polars.String or table.schema[key].is_integer()):
        raise InputError(f"{path} has no text column {key!r}; its columns: {', '.join(table.columns[:10])}")
    return table


def _target_columns(table: polars.DataFrame, wanted: Sequence[str] | None, path: Path) -> tuple[str, ...]:
    numeric = [name for name, kind in table.schema.items() if kind.is_numeric() or kind == polars.Boolean]
    if not numeric:
        raise InputError(f"{path} has no column of numbers to learn from; its columns: {', '.join(table.columns[:10])}")
    missing = [name for name in wanted or () if name not in numeric]
    if missing:
        raise UsageError(f"data.targets: {missing[0]!r} is not a column of numbers of {path}; choose from {numeric}")
    return tuple(numeric if wanted is None else wanted)
