"""Vectors on one scale, so that the angle between them tells how alike materials are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FURTHEST = 3.0
"""Standard deviations from the mean; what lies further out is taken for as far.

Neighbours of descriptors are more alike on this scale, those of networks as much (``benchmarks/neighbours.py``). Only
atomic fractions, of which nearly all are 0, are better as they are.
"""


@dataclass(frozen=True, eq=False)
class Standard:
    """Mean and standard deviation of each vector component, float64 [d]; 0 where it does not vary.

    Where nothing varies, as among crystals of one composition, vectors are told in units of what all have.
    """

    mean: Floats
    scale: Floats

    @classmethod
    def of(cls, n: Floats, total: Floats, squares: Floats) -> Self:
        """From how many values each component has, their sum and the sum of their squares, [d] each."""
        known = np.maximum(n, 1.0)
        mean = total / known
        variance = squares / known - mean**2
        steady = variance <= 1e-12 * np.maximum(mean**2, 1.0)
        if steady.all():
            return cls(np.zeros_like(mean), np.abs(mean))
        return cls(mean, np.where(steady, 0.0, np.sqrt(np.maximum(variance, 0.0))))

    def apply(self, vectors: Floats) -> NDArray[np.float32]:
        """Vectors [n, d] in standard deviations from the mean, of length 1; a blank (NaN) counts as the mean."""
        spread = np.where(self.scale > 0, self.scale, 1.0)
        moved = np.where(self.scale > 0, (vectors - self.mean) / spread, 0.0)
        near = np.clip(np.nan_to_num(moved, nan=0.0), -FURTHEST, FURTHEST)
        lengths = np.linalg.norm(near, axis=1, keepdims=True)
        return np.asarray(near / np.where(lengths > 0, lengths, 1.0), dtype=np.float32)
