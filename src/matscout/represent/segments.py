"""Statistics over the entries of each composition, for values that differ from entry to entry (such as charges)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from matscout.data.compositions import Compositions

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]
_Scalar = TypeVar("_Scalar", np.float64, np.bool_)


@dataclass(frozen=True, eq=False)
class Segments:
    """Per-composition statistics of per-entry values; every composition has at least one entry."""

    compositions: Compositions

    def spread(self, values: NDArray[_Scalar]) -> NDArray[_Scalar]:
        """One value per composition, repeated for each of its entries."""
        return np.asarray(values[self.compositions.rows])

    def sum(self, values: FloatArray | Mask) -> FloatArray:
        """Sum, [n]."""
        return np.asarray(np.add.reduceat(values.astype(np.float64), self.compositions.offsets[:-1]))

    def minimum(self, values: FloatArray) -> FloatArray:
        """Smallest value, [n]."""
        return np.asarray(np.minimum.reduceat(values, self.compositions.offsets[:-1]))

    def maximum(self, values: FloatArray) -> FloatArray:
        """Largest value, [n]."""
        return np.asarray(np.maximum.reduceat(values, self.compositions.offsets[:-1]))

    def any(self, mask: Mask) -> Mask:
        """True where at least one entry is chosen, [n]."""
        return np.asarray(np.logical_or.reduceat(mask, self.compositions.offsets[:-1]))

    def share(self, among: Mask) -> FloatArray:
        """Atomic fraction of the chosen entries, [n]."""
        return self.sum(np.where(among, self.compositions.fractions, 0.0))

    def mean(self, values: FloatArray, among: Mask) -> FloatArray:
        """Mean over the chosen entries weighted by fraction, [n]; 0 where none is chosen."""
        share = self.share(among)
        total = self.sum(np.where(among, self.compositions.fractions * values, 0.0))
        return np.divide(total, share, out=np.zeros_like(total), where=share > 0)

    def std_dev(self, values: FloatArray, among: Mask) -> FloatArray:
        """Population standard deviation over the chosen entries weighted by fraction, [n]; 0 where none is chosen."""
        deviation = values - self.spread(self.mean(values, among))
        return np.sqrt(self.mean(deviation**2, among))

    def entropy(self, among: Mask) -> FloatArray:
        """Mixing entropy -sum y ln y over the chosen entries, y their fractions among themselves, [n]."""
        share = self.spread(self.share(among))
        parts = np.divide(self.compositions.fractions, share, out=np.ones_like(share), where=among)
        return -self.sum(parts * np.log(parts))
