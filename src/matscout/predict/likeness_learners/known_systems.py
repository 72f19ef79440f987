"""A trivial rival: how many known formulas have the elements of a material, or all but one of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from matscout.predict.likeness_learner import Floats, LikenessExamples, LikenessLearner

ROWS_AT_ONCE = 2048


@dataclass(eq=False)
class KnownSystems(LikenessLearner):
    """Counts known formulas; two sets of elements are near if at most one element of each lacks in the other."""

    representations = ("element-fraction",)
    takes_context = False

    systems: Floats = field(init=False)
    """1 where an element is in a set, 0 elsewhere, [s, d]."""
    formulas: Floats = field(init=False)
    """Known formulas of each set, [s]."""

    def fit(self, examples: LikenessExamples) -> Self:
        """Count the different known formulas of each set of elements."""
        formulas = np.unique(np.round(examples.vectors[examples.known], 6), axis=0)
        self.systems, counts = np.unique((formulas > 0).astype(np.float64), axis=0, return_counts=True)
        self.formulas = counts.astype(np.float64)
        return self

    def score(self, vectors: Floats) -> Floats:
        """N / (n + 1) for n known formulas."""
        sizes = self.systems.sum(axis=1)
        counts = []
        for start in range(0, max(len(vectors), 1), ROWS_AT_ONCE):
            present = (vectors[start : start + ROWS_AT_ONCE] > 0).astype(np.float64)
            shared = present @ self.systems.T
            largest = np.maximum(present.sum(axis=1)[:, None], sizes)
            counts.append((shared >= largest - 1) @ self.formulas)
        n = np.concatenate(counts)
        return np.asarray(n / (n + 1.0), dtype=np.float64)
