"""Hurdle model: first whether a value is zero, then how large it is; for targets with many values of exactly zero."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from matscout.predict.learner import Estimate, Floats, Regressor
from matscout.predict.learners.extra_trees import ExtraTrees, ExtraTreesClassifier

FEWEST_ZEROS = 0.1
"""A hurdle is worth trying if at least this share of the values is zero, and at least this share is not."""


def is_zero_inflated(values: Floats) -> bool:
    """Whether many, but not nearly all, of values [n] are exactly zero and none is negative."""
    zeros = float((values == 0).mean())
    return bool(values.min() >= 0 and FEWEST_ZEROS <= zeros <= 1.0 - FEWEST_ZEROS)


@dataclass(eq=False, kw_only=True)
class Hurdle(Regressor):
    """Two forests: the probability p that the value is not zero, and the value where it is not.

    With m the mean and q the median of the second forest, the mean is ``p m`` and the median ``q`` if p > 1/2, else 0
    (the median of the mixture lies between 0 and q; the jump keeps zeros zero). Cragg 1971, doi:10.2307/1909582.

    Parameters
    ----------
    n_trees
        Trees of each forest.
    max_features
        Fraction of the columns tried at each split.
    seed
        Seed of all random choices.
    """

    statistics = ("mean", "median")
    plain_column_sets = (
        *("chemistry, structure and donated", "chemistry and structure", "chemistry and donated", "chemistry"),
        *("drfp and descriptors", "drfp"),
        "donor",
    )
    first_only = True
    on_trial = False
    turn = 20

    n_trees: int = 400
    max_features: float = 0.3
    seed: int = 0
    occurs: ExtraTreesClassifier = field(init=False)
    size: ExtraTrees = field(init=False)

    @classmethod
    def suits(cls, values: Floats) -> bool:
        """Where many, but not nearly all, of the labels are exactly zero and none is negative."""
        return is_zero_inflated(values)

    def fit(self, vectors: Floats, values: Floats, weights: Floats | None = None) -> Self:
        """Learn from vectors [n, d] and values [n], some of which are zero."""
        occurs = values != 0
        rows = occurs if occurs.any() else np.ones(len(values), dtype=bool)
        options: dict[str, Any] = {name: getattr(self, name) for name in ("n_trees", "max_features", "seed")}
        self.occurs = ExtraTreesClassifier(**options).fit(vectors, occurs.astype(np.int64), 2, weights)
        self.size = ExtraTrees(**options).fit(vectors[rows], values[rows], None if weights is None else weights[rows])
        return self

    def predict(self, vectors: Floats) -> Estimate:
        """Mean, median and standard deviation of the mixture for vectors [m, d]."""
        probability = self.occurs.predict(vectors)[:, 1]
        size = self.size.predict(vectors)
        mean = probability * size.mean
        variance = probability * (size.std**2 + size.mean**2) - mean**2
        median = np.where(probability > 0.5, size.median, 0.0)
        return Estimate(mean, median, np.sqrt(np.maximum(variance, 0.0)))
