"""The same answer for every material: what any model has to beat."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.predict.learners.base import Classifier, Estimate, Floats, Regressor
from matscout.predict.states import State


class Constant(Regressor):
    """Mean and median of the training values; the spread is their standard deviation."""

    def fit(self, vectors: Floats, values: Floats, weights: Floats | None = None) -> Self:
        """Learn from values [n]; only the mean and the standard deviation heed the weights."""
        self._mean = float(np.average(values, weights=weights))
        self._median = float(np.median(values))
        self._std = float(np.sqrt(np.average((values - self._mean) ** 2, weights=weights)))
        return self

    def predict(self, vectors: Floats) -> Estimate:
        """The same for each of the m rows."""
        same = np.ones(len(vectors))
        return Estimate(self._mean * same, self._median * same, self._std * same)

    def state(self) -> State:
        """Three numbers."""
        return State({"mean": self._mean, "median": self._median, "std": self._std})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The fitted learner again."""
        learner = cls()
        learner._mean, learner._median, learner._std = (state.spec[name] for name in ("mean", "median", "std"))
        return learner


class ConstantClassifier(Classifier):
    """The share of each class among the training rows."""

    def fit(self, vectors: Floats, classes: NDArray[np.int64], n_classes: int, weights: Floats | None = None) -> Self:
        """Learn from classes [n] and optional weights [n]."""
        counts = np.bincount(classes, weights=weights, minlength=n_classes)
        self._shares = np.asarray(counts / counts.sum(), dtype=np.float64)
        return self

    def predict(self, vectors: Floats) -> Floats:
        """The same shares for each of the m rows, [m, c]."""
        return np.tile(self._shares, (len(vectors), 1))

    def state(self) -> State:
        """The shares."""
        return State({}, {"shares": self._shares})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The fitted learner again."""
        learner = cls()
        learner._shares = state.arrays["shares"]
        return learner
