"""Expected error by trees: how wrong a prediction is likely to be, where no sign of trouble grows with the error."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matscout.predict.distributions import LEAST
from matscout.predict.error_model import FLOOR
from matscout.predict.folds import divisions
from matscout.predict.learners.extra_trees import ExtraTrees
from matscout.predict.states import Stored

Floats = NDArray[np.float64]
Rows = NDArray[np.bool_]

N_TREES = 200
LEAF = 10
"""An expected error is the mean of at least so many; with fewer than twice as many rows it is the same everywhere."""


@dataclass(eq=False)
class ErrorForest(Stored):
    """Expected absolute error by extremely randomised trees on signs of trouble.

    It may take any shape: near a limit of the target, say, networks disagree and are right. (In a
    :class:`matscout.predict.error_model.ErrorModel` more of a sign never means a smaller error.)
    """

    seed: int = 0
    forest: ExtraTrees = field(default_factory=ExtraTrees)
    floor: float = 0.0

    def fit(self, signs: Floats, errors: Floats, folds: NDArray[np.int64], measured: Rows) -> Floats:
        """Learn from signs [n, s] and absolute errors [n] of the measured rows, bool [n].

        Returns
        -------
        Floats
            The expected error of each training row, [n], by trees that saw the other folds.
        """
        self.floor = max(FLOOR * float(errors[measured].mean()), LEAST)
        expected = np.zeros(len(errors))
        for train, test in divisions(folds):
            learned = train & measured
            expected[test] = self._grown(signs[learned], errors[learned]).predict(signs[test]).mean
        self.forest = self._grown(signs[measured], errors[measured])
        return np.asarray(np.maximum(expected, self.floor), dtype=np.float64)

    def predict(self, signs: Floats) -> Floats:
        """Expected absolute error of each row, [m], positive."""
        return np.asarray(np.maximum(self.forest.predict(signs).mean, self.floor), dtype=np.float64)

    def _grown(self, signs: Floats, errors: Floats) -> ExtraTrees:
        forest = ExtraTrees(n_trees=N_TREES, max_features=1.0, min_samples_leaf=LEAF, seed=self.seed)
        return forest.fit(signs, errors)
