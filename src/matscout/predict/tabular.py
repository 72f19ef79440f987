"""Tabular: one learner on a table of features, the shape that all baselines share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.predict.explaining import Effects, main_effects
from matscout.predict.features import Features
from matscout.predict.labels import Labels, resolve_bounds
from matscout.predict.learner import Classifier, Estimate, Learner, Regressor
from matscout.predict.model import Predictor
from matscout.predict.standardised import PLAIN, Standardised
from matscout.predict.uncalibrated import RawClasses, RawNumbers, UnseenClasses, UnseenNumbers
from matscout.progress import Progress
from matscout.represent.embeddings import Embeddings

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FittedNumbers:
    """A fitted regressor, and its estimates of training rows that it had not seen with their spread (NaN: none), [n].

    All on the scale of the target.
    """

    learner: Regressor
    left_out: Floats
    spread: Floats


@dataclass(frozen=True, eq=False)
class FittedClasses:
    """A fitted classifier and its probabilities for training rows that it had not seen (NaN: none), [n, c]."""

    learner: Classifier
    left_out: Floats


class Tabular(Predictor):
    """Features and a learner; a concrete one says which learner and how it judges itself."""

    representations: tuple[str, ...]
    features: Features
    learner: Regressor | Classifier
    scale: Standardised = PLAIN

    @abstractmethod
    def _fit_numbers(self, vectors: Floats, values: Floats, labels: Labels) -> FittedNumbers:
        """Fit to vectors [n, d] and values [n] on the scale of the target, bounds resolved."""

    @abstractmethod
    def _fit_classes(self, vectors: Floats, labels: Labels) -> FittedClasses:
        """Fit to vectors [n, d] and ``labels.classes`` [n]."""

    @abstractmethod
    def _new_regressor(self) -> Regressor:
        """An unfitted regressor with the options of this model."""

    def learn(self, labels: Labels, dataset: Dataset, progress: Progress) -> UnseenNumbers | UnseenClasses:
        """Learn from the rows of one table."""
        progress(f"{self.name}: features", 0, 2)
        self.features = Features(self.representations)
        vectors = self.features.fit_transform(Embeddings(labels.materials)).vectors
        progress(f"{self.name}: learning", 1, 2)
        classes = labels.target.task == "classification"
        unseen = self._learn_classes(vectors, labels) if classes else self._learn_numbers(vectors, labels)
        progress(f"{self.name}: done", 2, 2)
        return unseen

    def _learn_numbers(self, vectors: Floats, labels: Labels) -> UnseenNumbers:
        self.scale = Standardised.plain(labels.values, labels.target.scale)
        forward, back = self.scale.forward, self.scale.inverse

        def predict_from(rows: NDArray[np.bool_]) -> Floats:
            weights = None if labels.weights is None else labels.weights[rows]
            learner = self._new_regressor().fit(vectors[rows], forward(labels.values[rows]), weights)
            return back(self._centre(learner.predict(vectors)))

        values = resolve_bounds(labels, predict_from)
        # A bound that the model keeps to anyway would only teach it what it already says, and flatter its own errors.
        telling = labels.measured | (values == labels.values)
        fitted = self._fit_numbers(vectors[telling], forward(values[telling]), labels.subset(telling))
        self.learner = fitted.learner
        predicted = np.full((2, len(labels)), np.nan)
        predicted[:, telling] = fitted.left_out, fitted.spread
        return UnseenNumbers(self.scale, predicted[:1], predicted[1:])

    def _learn_classes(self, vectors: Floats, labels: Labels) -> UnseenClasses:
        fitted = self._fit_classes(vectors, labels)
        self.learner = fitted.learner
        return UnseenClasses(fitted.left_out[None])

    def _centre(self, estimate: Estimate) -> Floats:
        return estimate.median if self.metric == "mae" else estimate.mean

    def estimate(self, materials: Materials) -> RawNumbers | RawClasses:
        """What the learner says, the median or the mean by the metric."""
        matrix = self.features.transform(Embeddings(materials))
        estimate = self.learner.predict(matrix.vectors)
        if isinstance(estimate, Estimate):
            centre = self.scale.transform.kept(self._centre(estimate))
            return RawNumbers(matrix.represented, self.scale, centre, estimate.std, problems=matrix.problems)
        return RawClasses(matrix.represented, estimate, problems=matrix.problems)

    def effects(self, materials: Materials, k: int, target: Target) -> list[Effects]:
        """Of single properties on the mean prediction, or on the probability of the predicted class.

        (A single property seldom moves the median over trees.)
        """
        vectors = self.features.transform(Embeddings(materials)).vectors
        return main_effects({self.name: vectors}, {self.name: self.features}, self._outcome, k, target)

    def _outcome(self, vectors: Mapping[str, Floats]) -> Floats:
        predicted = self.learner.predict(vectors[self.name])
        return self.scale.inverse(predicted.mean)[:, None] if isinstance(predicted, Estimate) else predicted

    @classmethod
    def learned(cls) -> Mapping[str, Any]:
        """The features, the learner and the scale on which it learned."""
        return {"features": Features, "learner": Learner, "scale": Standardised}
