"""Rows as an index keeps them: staged ones joined with their properties, their vectors on one scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matscout.discover.index.about import About
from matscout.discover.index.properties import Properties
from matscout.discover.index.rows import ROW, vector_series
from matscout.discover.index.standards import Standard

if TYPE_CHECKING:
    import pyarrow as pa

AT_ONCE = 10_000
"""Rows that are in memory while an index is written."""


@dataclass(frozen=True, eq=False)
class WrittenRows:
    """Rows of a Parquet file that a job wrote, on their way into an index."""

    staged: Path
    about: About
    properties: Properties | None

    def reader(self, schema: pa.Schema | None = None) -> pa.RecordBatchReader:
        """All rows, a few at a time; in the columns of ``schema``, if one is given."""
        import pyarrow as pa

        frames = (self._frame(batch) for batch in _batches(self.staged))
        if schema is None:
            first = next(frames)
            schema = _plain(first.to_arrow().schema)
            batches = self._batches(iter([first]), schema), self._batches(frames, schema)
            return pa.RecordBatchReader.from_batches(schema, (batch for part in batches for batch in part))
        return pa.RecordBatchReader.from_batches(schema, self._batches(frames, schema))

    def _frame(self, batch: pl.DataFrame) -> pl.DataFrame:
        scaled = [_scaled(batch[one.column], one.standard) for one in self.about.vectors.values()]
        if self.properties is not None:
            wanted = [name for name in self.properties.table.columns if name in self.about.properties]
            batch = batch.join(self.properties.table.select(ROW, *wanted), on=ROW, how="left", maintain_order="left")
        return batch.with_columns(*scaled).drop(ROW)

    @staticmethod
    def _batches(frames: Iterator[pl.DataFrame], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        for frame in frames:
            blank = [pl.lit(None).alias(name) for name in schema.names if name not in frame.columns]
            yield from frame.with_columns(*blank).select(schema.names).to_arrow().cast(schema).to_batches()


def _plain(schema: pa.Schema) -> pa.Schema:
    """With texts and lists as most programs write them, which are not larger than 2 GB in a batch."""
    import pyarrow as pa

    def plain(kind: pa.DataType) -> pa.DataType:
        if pa.types.is_large_list(kind):
            return pa.list_(plain(kind.value_type))
        return pa.string() if pa.types.is_large_string(kind) or kind == pa.string_view() else kind

    return pa.schema([pa.field(field.name, plain(field.type)) for field in schema])


def _batches(staged: Path) -> Iterator[pl.DataFrame]:
    table = pl.scan_parquet(staged)
    for start in range(0, count_rows(staged), AT_ONCE):
        yield table.slice(start, AT_ONCE).collect()


def count_rows(staged: Path) -> int:
    """How many rows a job wrote."""
    return int(pl.scan_parquet(staged).select(pl.len()).collect().item())


def standards_of(staged: Path, columns: Sequence[str]) -> dict[str, Standard]:
    """Mean and standard deviation of each vector column over all rows."""
    sums: dict[str, NDArray[np.float64]] = {}
    for batch in _batches(staged):
        for column in columns:
            matrix = batch[column].drop_nulls().to_numpy().astype(np.float64)
            known = ~np.isnan(matrix)
            filled = np.where(known, matrix, 0.0)
            moments = np.stack([known.sum(axis=0), filled.sum(axis=0), (filled**2).sum(axis=0)])
            sums[column] = sums[column] + moments if column in sums else moments
    return {column: Standard.of(*moments) for column, moments in sums.items()}


def _scaled(column: pl.Series, standard: Standard) -> pl.Series:
    vectors = standard.apply(column.drop_nulls().to_numpy().astype(np.float64).reshape(-1, len(standard.mean)))
    return vector_series(column.name, vectors, column.is_not_null().to_numpy())
