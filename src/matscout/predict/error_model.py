"""Error model: how wrong a prediction is likely to be, learned from errors on unseen rows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matscout.predict.distributions import LEAST
from matscout.predict.folds import divisions
from matscout.predict.states import Stored

Floats = NDArray[np.float64]

FLOOR = 0.05
"""No expected error is below this fraction of the mean absolute error."""


@dataclass(eq=False)
class ErrorModel(Stored):
    """Expected absolute error, a weighted sum of what the members say about a row.

    The signs of trouble are the disagreement between the members and each member's own spread; a constant joins them.
    Their weights are not negative, so that more disagreement never means a smaller error, and are shrunk towards equal
    parts: with sign j scaled to mean 1 and m the mean of n absolute errors e, they minimise

        sum_i (e_i - sum_j w_j s_ij)^2 + n sum_j (w_j - m / k)^2,    w_j >= 0

    so that all k signs have a say unless one of them tells much more than the others.
    """

    weights: Floats = field(default_factory=lambda: np.zeros(0))
    floor: float = 0.0

    def fit(self, signs: Floats, errors: Floats, folds: NDArray[np.int64]) -> Floats:
        """Learn from signs [n, s] and absolute errors [n].

        Returns
        -------
        Floats
            The expected error of each training row, [n], by weights learned from the other folds.
        """
        self.floor = max(FLOOR * float(errors.mean()), LEAST)
        signs = _with_constant(signs)
        expected = np.zeros(len(errors))
        for train, test in divisions(folds):
            expected[test] = signs[test] @ _shrunken_weights(signs[train], errors[train])
        self.weights = _shrunken_weights(signs, errors)
        return np.asarray(np.maximum(expected, self.floor), dtype=np.float64)

    def predict(self, signs: Floats) -> Floats:
        """Expected absolute error of each row, [m], positive."""
        return np.asarray(np.maximum(_with_constant(signs) @ self.weights, self.floor), dtype=np.float64)


def _with_constant(signs: Floats) -> Floats:
    return np.column_stack([np.ones(len(signs)), signs])


def _shrunken_weights(signs: Floats, errors: Floats) -> Floats:
    """Weights of the signs [n, k], in their own units, [k].

    Errors are told in units of their mean, since what the solver takes for zero does not depend on theirs.
    """
    mean = float(errors.mean())
    if mean == 0:
        return np.zeros(signs.shape[1])
    scale = signs.mean(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    k = signs.shape[1]
    pull = len(errors) ** 0.5
    matrix = np.concatenate([signs / scale, pull * np.eye(k)])
    wanted = np.concatenate([errors / mean, np.full(k, pull / k)])
    from scipy.optimize import nnls

    return np.asarray(nnls(matrix, wanted)[0] * mean / scale, dtype=np.float64)
