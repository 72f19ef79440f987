"""Vectors as a table that any other program can read."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from matscout.data.dataset import Dataset
from matscout.data.files import atomic_write
from matscout.represent.base import Embedding


def write_embedding(dataset: Dataset, embedding: Embedding, path: Path) -> Path:
    """Write Parquet with the columns ``id``, ``formula`` and one for each vector component, whole or not at all."""
    materials = dataset.materials
    names = pl.DataFrame(
        {"id": materials.ids[embedding.rows].astype(str), "formula": materials.formulas[embedding.rows].astype(str)}
    )
    vectors = pl.DataFrame({name: embedding.vectors[:, place] for place, name in enumerate(embedding.columns)})
    with atomic_write(path) as unfinished:
        pl.concat([names, vectors], how="horizontal").write_parquet(unfinished)
    return path
