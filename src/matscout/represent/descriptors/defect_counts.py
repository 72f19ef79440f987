"""Point defects by their counts: how many of each kind an arrangement has, wherever they are."""

from __future__ import annotations

import numpy as np

from matscout.data.materials import Materials
from matscout.represent.base import Embedding, Representation, defects_of


class DefectCounts(Representation):
    """A column for each kind of defect that occurs in the batch; a model keeps those of its training."""

    needs = "defects"
    open_ended = True

    @property
    def columns(self) -> tuple[str, ...]:
        """None: they depend on the defects."""
        return ()

    def represent(self, materials: Materials) -> Embedding:
        """``"number of v(Mo)"`` for every kind of defect, and their sum."""
        defects = defects_of(materials, self.name)
        table = np.column_stack([defects.sizes, defects.counts]).astype(np.float64)
        columns = ("number of defects", *(f"number of {name}" for name in defects.types))
        return Embedding(table, np.arange(len(defects)), columns)
