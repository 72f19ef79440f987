"""The same value for every material: the reference that any model has to beat."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.predict.learner import Classifier, Estimate, Floats, Regressor


@dataclass(eq=False, kw_only=True)
class ConstantClassifier(Classifier):
    """The share of each class among the training rows."""

    shares: Floats = field(init=False)

    def fit(self, vectors: Floats, classes: NDArray[np.int64], n_classes: int, weights: Floats | None = None) -> Self:
        """Learn from classes [n] and optional weights [n]."""
        counts = np.bincount(classes, weights=weights, minlength=n_classes)
        self.shares = np.asarray(counts / counts.sum(), dtype=np.float64)
        return self

    def predict(self, vectors: Floats) -> Floats:
        """The same shares for each of the m rows, [m, c]."""
        return np.tile(self.shares, (len(vectors), 1))


@dataclass(eq=False, kw_only=True)
class Constant(Regressor):
    """Mean and median of the training values; the spread is their standard deviation."""

    classifier = ConstantClassifier
    blind = True

    mean: float = field(init=False)
    median: float = field(init=False)
    std: float = field(init=False)

    def fit(self, vectors: Floats, values: Floats, weights: Floats | None = None) -> Self:
        """Learn from values [n]; only the mean and the standard deviation heed the weights."""
        self.mean = float(np.average(values, weights=weights))
        self.median = float(np.median(values))
        self.std = float(np.sqrt(np.average((values - self.mean) ** 2, weights=weights)))
        return self

    def predict(self, vectors: Floats) -> Estimate:
        """The same for each of the m rows."""
        same = np.ones(len(vectors))
        return Estimate(self.mean * same, self.median * same, self.std * same)
