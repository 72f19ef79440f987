"""A trivial rival: the sum over the elements of a material of their log-odds among known and unlabelled ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from scipy.special import expit

from matscout.predict.likeness_learner import Floats, LikenessExamples, LikenessLearner


@dataclass(eq=False)
class ElementPopularity(LikenessLearner):
    """ln (p + 1) / (P + 2) - ln (u + 1) / (U + 2) for p of P known and u of U unlabelled rows with an element."""

    representations = ("element-fraction",)
    takes_context = False

    log_odds: Floats = field(init=False)

    def fit(self, examples: LikenessExamples) -> Self:
        """Count in which rows each element is."""
        present = examples.vectors > 0
        shares = [
            np.log((present[rows].sum(axis=0) + 1.0) / (rows.sum() + 2.0)) for rows in (examples.known, ~examples.known)
        ]
        self.log_odds = shares[0] - shares[1]
        return self

    def score(self, vectors: Floats) -> Floats:
        """The logistic of the sum."""
        return np.asarray(expit((vectors > 0) @ self.log_odds), dtype=np.float64)
