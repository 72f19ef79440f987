"""How much more or less than its spread says a model errs on each family: arrangements of the same defects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matscout.predict.states import Stored

Floats = NDArray[np.float64]

TRUST = 4.0
"""Rows of a family that count as much as that all families are alike."""


@dataclass(frozen=True)
class FamilyErrors(Stored):
    """Factors by which the spread of each family is multiplied; 1 for families that were not seen."""

    factors: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def fit(cls, families: Sequence[str], errors: Floats, spread: Floats) -> tuple[FamilyErrors, Floats]:
        """From errors of n rows left out and their spread; and the factor of each row without its own error, [n]."""
        sizes = np.square(errors / spread)
        mean = float(np.median(sizes)) / 0.455 or 1.0  # the median of a squared normal number
        names, which = np.unique(np.asarray(families, dtype=np.str_), return_inverse=True)
        sums = np.bincount(which, np.minimum(sizes / mean, 25.0), len(names))
        counts = np.bincount(which, minlength=len(names))
        whole = np.sqrt((TRUST + sums) / (TRUST + counts))
        rest = sums[which] - np.minimum(sizes / mean, 25.0)
        without = np.sqrt((TRUST + rest) / (TRUST + counts[which] - 1))
        return cls(dict(zip(names.tolist(), whole.tolist(), strict=True))), without

    def of(self, families: Sequence[str]) -> Floats:
        """The factor of each of m rows, [m]."""
        return np.array([self.factors.get(str(name), 1.0) for name in families])
