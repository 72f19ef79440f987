"""The ranker: how likely a proposed prototype is that of the crystal, learnt from formulas that were left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.predict.decision_trees import DecisionTrees, join_trees
from matscout.predict.learners.boosting import flatten
from matscout.predict.states import Stored

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ranker(Stored):
    """Boosted classification trees (Friedman 2001, doi:10.1214/aos/1013203451).

    Parameters
    ----------
    trees
        Whose leaf values add up to a log-odds.
    start
        float64 [1], added to them.
    """

    trees: DecisionTrees
    start: Floats

    @classmethod
    def fit(cls, features: Floats, right: NDArray[np.bool_], seed: int = 0, iterations: int = 150) -> Self:
        """Learn from features [m, d] of proposals and whether each was right [m]."""
        from sklearn.ensemble import HistGradientBoostingClassifier

        maker = HistGradientBoostingClassifier(
            max_iter=iterations,
            learning_rate=0.1,
            max_leaf_nodes=31,
            min_samples_leaf=50,
            l2_regularization=1.0,
            early_stopping=False,
            random_state=seed,
        )
        fitted = maker.fit(_single(features), right)
        return cls(join_trees(flatten(fitted)), np.ravel(fitted._baseline_prediction))

    def chances(self, features: Floats) -> Floats:
        """Probability that each of m proposals is right, [m]."""
        odds = self.trees.predict(features)[:, :, 0].sum(axis=0) + self.start[0]
        return np.asarray(1.0 / (1.0 + np.exp(-odds)))


def _single(features: Floats) -> Floats:
    """Rounded to single precision, as the stored trees see them."""
    return np.asarray(features.astype(np.float32), dtype=np.float64)
