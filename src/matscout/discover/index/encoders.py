"""Whether vectors that are made now are those of an index: weights or code may have changed since it was built."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matscout.data.cells import with_cells
from matscout.discover.index.about import About
from matscout.discover.index.facts import materials_of
from matscout.errors import UsageError
from matscout.represent.embedding import make_representation

CHECKED = 20
"""Materials of the index whose vectors are made anew and compared."""
LEAST_LIKENESS = 0.999
"""Median cosine of the two."""


class StoredVectors(Protocol):
    """What is asked of an index."""

    where: str
    about: About

    @property
    def material_columns(self) -> list[str]:
        """The columns from which materials are made."""
        ...

    def rows(self, where: str, columns: Sequence[str], limit: int | None = None) -> pl.DataFrame:
        """Columns of materials for which an SQL condition holds."""
        ...

    def vectors(self, ids: Sequence[str], name: str) -> NDArray[np.float32]:
        """Vectors of materials by one representation, [n, d]; NaN where there is none."""
        ...


def require_same_vectors(index: StoredVectors, names: Iterable[str], checked: int = CHECKED) -> None:
    """Refuse to compare new vectors with those of an index that were made by other weights or code.

    Parameters
    ----------
    index
        Where they would be added or sought.
    names
        Representations.
    checked
        How many materials of the index are represented again.

    Raises
    ------
    UsageError
        If the two are of another length, or differ.
    """
    stored = index.rows("id IS NOT NULL", index.material_columns, checked)
    if not len(stored):
        return
    materials = with_cells(materials_of(stored), index.about.cell)
    for name in names:
        standard = index.about.vectors[name].standard
        embedding = make_representation(name).represent(materials)
        now, then = embedding.vectors.shape[1], len(standard.mean)
        if now != then:
            raise UsageError(
                f"{name} now makes vectors of {now} components, but those in {index.where} have {then}: use the "
                "weights that the index was built with, or build it again"
            )
        kept = index.vectors(materials.ids[embedding.rows].tolist(), name).astype(np.float64)
        likeness = np.nansum(kept * standard.apply(embedding.vectors), axis=1)
        if len(likeness) and float(np.median(likeness)) < LEAST_LIKENESS:
            raise UsageError(
                f"vectors by {name} now differ from those in {index.where}, which matscout {index.about.matscout} "
                "built: its code or weights have changed; build the index again"
            )
