"""Presence of each of the 118 elements: 1 or 0, whatever its amount."""

from __future__ import annotations

import numpy as np

from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.represent.base import Embedding, Representation


class MultiHot(Representation):
    """Column z - 1 is 1 where the element with atomic number z occurs, else 0."""

    @property
    def columns(self) -> tuple[str, ...]:
        """``"has H"`` to ``"has Og"``."""
        return tuple(f"has {symbol}" for symbol in SYMBOLS)

    def represent(self, materials: Materials) -> Embedding:
        """Never fails: every element has its column."""
        present = (materials.compositions.dense() > 0).astype(np.float64)
        return Embedding(present, np.arange(len(materials)), self.columns)
