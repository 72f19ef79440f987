"""Atomic fraction of each of the 118 elements."""

from __future__ import annotations

import numpy as np

from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.represent.base import Embedding, Representation


class ElementFraction(Representation):
    """Column z - 1 is the atomic fraction of the element with atomic number z."""

    @property
    def columns(self) -> tuple[str, ...]:
        """``"fraction H"`` to ``"fraction Og"``."""
        return tuple(f"fraction {symbol}" for symbol in SYMBOLS)

    def represent(self, materials: Materials) -> Embedding:
        """Never fails: every element has its column."""
        return Embedding(materials.compositions.dense(), np.arange(len(materials)), self.columns)
