"""Amounts of the elements: atomic fractions, weight fractions, and small amounts on a logarithmic scale."""

from __future__ import annotations

import numpy as np

from matscout.data.elements import SYMBOLS, atomic_masses
from matscout.data.materials import Materials
from matscout.represent.base import Embedding, Representation

LEAST = 1e-4
"""Atomic fractions below this are equal on the logarithmic scale."""


class ElementAmounts(Representation):
    """Three columns for each element, for alloys and other materials of the same dozen elements.

    The atomic fraction x, the weight fraction, and ``log10(max(x, 0.0001))``: a tenth of a percent of carbon changes a
    steel as much as a percent of nickel.
    """

    @property
    def columns(self) -> tuple[str, ...]:
        """``"fraction H"``, ... ``"weight fraction H"``, ... ``"log10 fraction H"``, ..."""
        return tuple(
            f"{kind} {symbol}" for kind in ("fraction", "weight fraction", "log10 fraction") for symbol in SYMBOLS
        )

    def represent(self, materials: Materials) -> Embedding:
        """Never fails: every element has its columns."""
        atoms = materials.compositions.dense()
        weights = atoms * np.nan_to_num(atomic_masses())
        weights /= weights.sum(axis=1, keepdims=True)
        vectors = np.hstack([atoms, weights, np.log10(np.maximum(atoms, LEAST))])
        return Embedding(vectors, np.arange(len(materials)), self.columns)
