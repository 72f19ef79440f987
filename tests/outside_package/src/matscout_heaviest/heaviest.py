"""Atomic number of the heaviest element of a composition."""

from __future__ import annotations

import numpy as np

from matscout.data.materials import Materials
from matscout.represent.base import Embedding, Representation


class HeaviestElement(Representation):
    """Atomic number of the heaviest element, one column."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The only column."""
        return ("heaviest atomic number",)

    def represent(self, materials: Materials) -> Embedding:
        """The largest atomic number of each composition, [n, 1]."""
        compositions = materials.compositions
        heaviest = np.maximum.reduceat(compositions.elements, compositions.offsets[:-1])
        return Embedding(heaviest[:, None].astype(float), np.arange(len(materials)), self.columns)
