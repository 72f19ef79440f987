"""Standardise columns, and keep far-away rows from running off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.predict.states import Stored

Floats = NDArray[np.float64]

CLIP = 6.0
"""Standardised inputs are clipped to this many standard deviations."""


@dataclass(frozen=True, eq=False)
class Scaling(Stored):
    """Column means and standard deviations of the training rows, [d] each."""

    mean: Floats
    std: Floats

    @classmethod
    def fit(cls, vectors: Floats) -> Self:
        """From training rows [n, d]; a constant column keeps its unit."""
        std = vectors.std(axis=0)
        return cls(vectors.mean(axis=0), np.where(std > 0, std, 1.0))

    def transform(self, vectors: Floats) -> Floats:
        """Standardised and clipped rows, [m, d]."""
        return np.asarray(np.clip((vectors - self.mean) / self.std, -CLIP, CLIP), dtype=np.float64)
