"""Constant guess: the median (or mean, or the class shares) of the training rows for every material."""

from __future__ import annotations

import numpy as np

from matscout.predict.labels import Labels
from matscout.predict.learner import Floats
from matscout.predict.learners.constant import Constant, ConstantClassifier
from matscout.predict.tabular import FittedClasses, FittedNumbers, Tabular


class Dummy(Tabular):
    """Says the same whatever the material is; its conformal intervals have one width."""

    blind = True
    representations = ()

    def _new_regressor(self) -> Constant:
        return Constant()

    def _fit_numbers(self, vectors: Floats, values: Floats, labels: Labels) -> FittedNumbers:
        left_out = np.empty(len(labels))
        for unit in range(labels.n_units):
            inside = labels.units == unit
            weights = None if labels.weights is None else labels.weights[~inside]
            learner = Constant().fit(vectors[~inside], values[~inside], weights)
            left_out[inside] = self._centre(learner.predict(vectors[inside]))
        learner = Constant().fit(vectors, values, labels.weights)
        return FittedNumbers(learner, left_out, learner.predict(vectors).std)

    def _fit_classes(self, vectors: Floats, labels: Labels) -> FittedClasses:
        n_classes = len(labels.target.classes)
        left_out = np.empty((len(labels), n_classes))
        for unit in range(labels.n_units):
            inside = labels.units == unit
            weights = None if labels.weights is None else labels.weights[~inside]
            learner = ConstantClassifier().fit(vectors[~inside], labels.classes[~inside], n_classes, weights)
            left_out[inside] = learner.predict(vectors[inside])
        return FittedClasses(ConstantClassifier().fit(vectors, labels.classes, n_classes, labels.weights), left_out)
