"""Gaussian process on Magpie statistics, with its own Gaussian intervals (at most 3,000 training rows)."""

from __future__ import annotations

import numpy as np

from matscout.predict.conformal import Gaussian
from matscout.predict.labels import Labels
from matscout.predict.learner import Floats
from matscout.predict.learners.gaussian_process import GaussianProcess, GaussianProcessClassifier, as_probabilities
from matscout.predict.tabular import FittedClasses, FittedNumbers, Tabular


class GP(Tabular):
    """Exact Gaussian process; beyond 3,000 rows (1,000 if ``fast``) it learns from a seeded random subset of them.

    Mean and median are the same, so ``metric`` changes nothing.
    """

    representations = ("magpie",)
    calibrator = Gaussian()

    @property
    def _max_rows(self) -> int:
        return 1000 if self.fast else 3000

    def _new_regressor(self) -> GaussianProcess:
        return GaussianProcess(max_rows=self._max_rows, seed=self.seed)

    def _fit_numbers(self, vectors: Floats, values: Floats, labels: Labels) -> FittedNumbers:
        process = self._new_regressor().fit(vectors, values, labels.weights)
        left_out = np.full(len(labels), np.nan)
        left_out[process.rows] = process.left_out(labels.units[process.rows])[:, 0]
        return FittedNumbers(process, left_out, np.full(len(labels), np.nan))

    def _fit_classes(self, vectors: Floats, labels: Labels) -> FittedClasses:
        process = GaussianProcessClassifier(max_rows=self._max_rows, seed=self.seed)
        process.fit(vectors, labels.classes, len(labels.target.classes), labels.weights)
        left_out = np.full((len(labels), len(labels.target.classes)), np.nan)
        left_out[process.rows] = as_probabilities(process.left_out(labels.units[process.rows]))
        return FittedClasses(process, left_out)
