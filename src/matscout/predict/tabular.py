"""TabularModel: one learner on a table of features, the shape that all baselines share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.predict.base import AnyPredictions, ClassPredictions, Explanation, LeftOut, Model, Predictions
from matscout.predict.conformal import Intervals, Scores, assumption, class_scores, class_sets
from matscout.predict.distributions import limits_as_json, stored_limits
from matscout.predict.domain import Domain
from matscout.predict.explaining import labelled_neighbours, main_effects
from matscout.predict.features import FeatureMatrix, Features
from matscout.predict.labels import Labels, resolve_bounds, training_labels
from matscout.predict.learners.base import Classifier, Estimate, Regressor
from matscout.predict.states import State, join_states, part_state
from matscout.predict.target_facts import facts_of, limits_of, target_of
from matscout.predict.transforms import TargetTransform, transform_of
from matscout.predict.unseen_errors import scores_of
from matscout.progress import Progress, silent
from matscout.represent.embeddings import Embeddings

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FittedNumbers:
    """A fitted regressor, its error bars, and its estimates of training rows that it had not seen (NaN: none), [n].

    All on the scale of the target.
    """

    learner: Regressor
    intervals: Intervals
    left_out: Floats


@dataclass(frozen=True, eq=False)
class FittedClasses:
    """A fitted classifier and its probabilities for training rows that it had not seen (NaN: none), [n, c]."""

    learner: Classifier
    left_out: Floats


class TabularModel(Model):
    """Features, a learner, error bars and a domain; a concrete model says which learner and how it judges itself.

    Parameters
    ----------
    metric, fast, seed
        See :class:`matscout.predict.base.Model`.
    """

    representations: tuple[str, ...]
    regressor: ClassVar[type[Regressor]]
    classifier: ClassVar[type[Classifier]]
    intervals: ClassVar[type[Intervals]]
    origin_of_intervals: ClassVar[str] = ""
    """Where the intervals for numbers come from, if not from errors on rows left out of the fit."""

    @abstractmethod
    def _fit_numbers(self, vectors: Floats, values: Floats, labels: Labels) -> FittedNumbers:
        """Fit to vectors [n, d] and values [n] on the scale of the target, bounds resolved."""

    @abstractmethod
    def _fit_classes(self, vectors: Floats, labels: Labels) -> FittedClasses:
        """Fit to vectors [n, d] and ``labels.classes`` [n]."""

    def fit(self, dataset: Dataset, target: str | None = None, progress: Progress = silent) -> Self:
        """Learn from the rows of ``dataset`` in which the target is known.

        Raises
        ------
        InputError
            If there are too few rows, classes or groups (see :func:`matscout.predict.labels.training_labels`).
        """
        labels = training_labels(dataset, target)
        self._target = labels.target
        progress(f"{self.name}: features", 0, 2)
        self._features = Features(self.representations)
        vectors = self._features.fit_transform(Embeddings(labels.materials)).vectors
        self._domain = Domain.fit(labels.materials, labels.units)
        self._formulas, self._values = labels.materials.formulas, labels.values
        progress(f"{self.name}: learning", 1, 2)
        if labels.target.task == "classification":
            self._learn_classes(vectors, labels)
        else:
            self._learn_numbers(vectors, labels)
        progress(f"{self.name}: done", 2, 2)
        return self

    def _learn_numbers(self, vectors: Floats, labels: Labels) -> None:
        self._scale = TargetTransform.fit(transform_of(labels.target.scale).kind, labels.values)
        self._limits = limits_of(labels.values, labels.target)
        forward, back = self._scale.forward, self._scale.inverse

        def predict_from(rows: NDArray[np.bool_]) -> Floats:
            weights = None if labels.weights is None else labels.weights[rows]
            learner = self._new_regressor().fit(vectors[rows], forward(labels.values[rows]), weights)
            return back(self._centre(learner.predict(vectors)))

        values = resolve_bounds(labels, predict_from)
        # A bound that the model keeps to anyway would only teach it what it already says, and flatter its own errors.
        telling = labels.measured | (values == labels.values)
        labels = labels.subset(telling)
        fitted = self._fit_numbers(vectors[telling], forward(values[telling]), labels)
        self._learner: Regressor | Classifier = fitted.learner
        self._intervals: Intervals = fitted.intervals
        self.assumption = assumption(labels.unit, fitted.intervals.support(), self.origin_of_intervals)
        known = labels.measured & np.isfinite(fitted.left_out)
        errors = (fitted.left_out - forward(labels.values))[known]
        self.left_out = LeftOut(labels.materials, back(fitted.left_out), labels.groups)
        self.scores = scores_of(errors, labels.target.scale)

    def _learn_classes(self, vectors: Floats, labels: Labels) -> None:
        fitted = self._fit_classes(vectors, labels)
        self._learner = fitted.learner
        seen = np.isfinite(fitted.left_out).all(axis=1)
        self._class_scores = Scores.collect(
            class_scores(fitted.left_out, labels.classes), labels.units, f"{labels.unit}s"
        )
        self.assumption = assumption(labels.unit, self._class_scores.n_units)
        right = fitted.left_out[seen].argmax(axis=1) == labels.classes[seen]
        self.scores = {"accuracy": float(right.mean())}

    @abstractmethod
    def _new_regressor(self) -> Regressor:
        """An unfitted regressor with the options of this model."""

    def _centre(self, estimate: Estimate) -> Floats:
        return estimate.median if self.metric == "mae" else estimate.mean

    def estimate(self, materials: Materials) -> Estimate:
        """Mean, median and uncalibrated spread on the scale of the target, without intervals (regression only).

        Raises
        ------
        TypeError
            If the target is one of classes.
        """
        return self._estimate(self._features.transform(Embeddings(materials)).vectors)

    def _estimate(self, vectors: Floats) -> Estimate:
        if not isinstance(self._learner, Regressor):
            raise TypeError(f"{self._target.name} is a class, not a number")
        return self._learner.predict(vectors)

    def predict(self, materials: Materials, level: float = 0.9) -> AnyPredictions:
        """Predictions for every material, intervals at nominal coverage ``level``.

        Raises
        ------
        UsageError
            If ``level`` needs more training rows than there were, or a context column is missing.
        """
        return next(self.predict_at(materials, (level,)))

    def predict_at(self, materials: Materials, levels: Sequence[float]) -> Iterator[AnyPredictions]:
        """The predictions at one level after the other; the learner is asked once."""
        matrix = self._features.transform(Embeddings(materials))
        in_domain = self._domain.contains(materials) & matrix.represented
        matrix = replace(matrix, problems=(*matrix.problems, *self._domain.remarks(materials)))
        said = self._learner.predict(matrix.vectors)
        for level in levels:
            if isinstance(said, Estimate):
                yield self._predict_numbers(said, matrix, in_domain, level)
            else:
                yield self._predict_classes(said, matrix, in_domain, level)

    def _predict_numbers(
        self, estimate: Estimate, matrix: FeatureMatrix, in_domain: NDArray[np.bool_], level: float
    ) -> Predictions:
        self._intervals.require(level)
        return Predictions(
            target=self._target.name,
            unit=self._target.unit,
            level=level,
            distribution=self._intervals.distribution(
                transform_of(self._target.scale), self._scale.kept(self._centre(estimate)), estimate.std, self._limits
            ),
            in_domain=in_domain,
            assumption=self.assumption,
            problems=matrix.problems,
        )

    def _predict_classes(
        self, probabilities: Floats, matrix: FeatureMatrix, in_domain: NDArray[np.bool_], level: float
    ) -> ClassPredictions:
        return ClassPredictions(
            target=self._target.name,
            level=level,
            classes=self._target.classes,
            probabilities=probabilities,
            sets=class_sets(probabilities, self._class_scores, level),
            in_domain=in_domain,
            assumption=self.assumption,
            problems=matrix.problems,
        )

    def explain(self, materials: Materials, k: int = 3) -> list[Explanation]:
        """The k nearest labelled materials and the k most important properties for each material.

        Effects are those of :func:`matscout.predict.explaining.main_effects` on the mean prediction (a single property
        seldom moves the median over trees) or on the probability of the predicted class.
        """
        vectors = self._features.transform(Embeddings(materials)).vectors
        effects = main_effects({self.name: vectors}, {self.name: self._features}, self._outcome, k, self._target)
        nearest = self._domain.nearest(materials, k)
        return [
            Explanation(
                labelled_neighbours(self._target, self._formulas, nearest.rows[i], nearest.similarities[i]),
                effects[i],
                self._target.error_unit,
            )
            for i in range(len(materials))
        ]

    def _outcome(self, vectors: Mapping[str, Floats]) -> Floats:
        predicted = self._learner.predict(vectors[self.name])
        return self._scale.inverse(predicted.mean)[:, None] if isinstance(predicted, Estimate) else predicted

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        target = self._target
        spec: dict[str, Any] = {
            "options": self._options(),
            "target": facts_of(target),
            "assumption": self.assumption,
            "scores": dict(self.scores),
        }
        number = target.task == "regression"
        if number:
            spec["limits"] = limits_as_json(self._limits)
        parts = {
            "features": self._features.state(),
            "domain": self._domain.state(),
            "learner": self._learner.state(),
            "intervals": self._intervals.state() if number else self._class_scores.state(),
            "labels": State({}, {"formulas": self._formulas, "values": self._values}),
        }
        return join_states(spec, parts)

    def _options(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {"metric": self.metric, "fast": self.fast, "seed": self.seed}

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The fitted model again, with equal predictions."""
        model = cls(**state.spec["options"])
        model.assumption, model.scores = state.spec["assumption"], state.spec["scores"]
        labels = part_state(state, "labels").arrays
        model._formulas, model._values = labels["formulas"], labels["values"]
        model._target = target_of(state.spec["target"], model._values)
        model._features = Features.from_state(part_state(state, "features"))
        model._domain = Domain.from_state(part_state(state, "domain"))
        learner, intervals = part_state(state, "learner"), part_state(state, "intervals")
        if model._target.task == "regression":
            model._learner = cls.regressor.from_state(learner)
            model._intervals = cls.intervals.from_state(intervals)
            model._scale = TargetTransform.fit(transform_of(model._target.scale).kind, model._values)
            model._limits = stored_limits(state.spec)
        else:
            model._learner = cls.classifier.from_state(learner)
            model._class_scores = Scores.from_state(intervals)
        return model
