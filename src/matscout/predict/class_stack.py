"""Stack for classes: classifiers judged on the same folds, combined by log loss, calibrated by a temperature."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from matscout.predict.base import State
from matscout.predict.conformal import Scores, class_scores
from matscout.predict.labels import Labels
from matscout.predict.learners.base import Classifier
from matscout.predict.recipes import CLASSIFIERS, Candidate, Matrices, Plan, Recipe
from matscout.predict.stacking import select_weights
from matscout.predict.states import join_states, part_state
from matscout.progress import Progress, silent

Floats = NDArray[np.float64]

LOWEST = 1e-4
"""Probabilities are kept away from 0 by this much before they are combined: no single row may decide by an infinite loss."""


def log_loss(probabilities: Floats, classes: NDArray[np.int64], weights: Floats | None = None) -> float:
    """Mean of -ln p(true class), for probabilities [n, c]."""
    return float(np.average(-np.log(probabilities[np.arange(len(classes)), classes]), weights=weights))


def sharpen(probabilities: Floats, temperature: float) -> Floats:
    """Probabilities raised to 1 / temperature and normalised, [n, c] (Guo and others 2017, arXiv:1706.04599)."""
    logs = np.log(probabilities) / temperature
    raised = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float64)


class ClassStack:
    """Fitted classifiers with their weights, a temperature, and conformal scores of the training rows."""

    def __init__(self) -> None:
        self._recipes: tuple[Recipe, ...] = ()
        self._learners: list[Classifier] = []
        self._weights: Floats = np.zeros(0)
        self._temperature = 1.0
        self.candidates: tuple[Candidate, ...] = ()
        self.error = 0.0
        self.scores: Scores

    def fit(
        self, matrices: Matrices, labels: Labels, folds: NDArray[np.int64], plan: Plan, progress: Progress = silent
    ) -> Self:
        """Judge every recipe on the folds, combine and calibrate them, and fit them to all rows."""
        self._recipes = plan.recipes
        by_recipe = np.stack(
            [
                _out_of_fold(recipe, matrices, labels, folds, plan, at, progress)
                for at, recipe in enumerate(plan.recipes)
            ],
            axis=2,
        )

        def loss(weights: Floats, rows: Floats) -> float:
            return log_loss(by_recipe @ weights, labels.classes, rows)

        self._weights = select_weights(len(plan.recipes), loss, labels.units, labels.weights, plan.seed)
        combined = by_recipe @ self._weights
        self._temperature = _best_temperature(combined, labels.classes)
        calibrated = sharpen(combined, self._temperature)
        self.scores = Scores.collect(class_scores(calibrated, labels.classes), labels.units, f"{labels.unit}s")
        self.error = log_loss(calibrated, labels.classes)
        self.candidates = tuple(
            Candidate(recipe.label, log_loss(by_recipe[:, :, at], labels.classes), float(self._weights[at]))
            for at, recipe in enumerate(plan.recipes)
        )
        for at, recipe in enumerate(plan.recipes):
            progress(f"final fit: {recipe.label}", at, len(plan.recipes))
            learner = recipe.classifier(plan.n_trees, plan.seed)
            vectors = matrices[recipe.columns]
            self._learners.append(learner.fit(vectors, labels.classes, len(labels.target.classes), labels.weights))
        return self

    def predict(self, matrices: Matrices) -> Floats:
        """Calibrated probabilities, [m, c]."""
        parts = [
            _floored(learner.predict(matrices[recipe.columns]))
            for recipe, learner in zip(self._recipes, self._learners, strict=True)
        ]
        return sharpen(np.stack(parts, axis=2) @ self._weights, self._temperature)

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        spec = {
            "recipes": [vars(recipe) for recipe in self._recipes],
            "temperature": self._temperature,
            "candidates": [vars(candidate) for candidate in self.candidates],
            "error": self.error,
        }
        parts = {f"learner-{at}": learner.state() for at, learner in enumerate(self._learners)}
        parts |= {"scores": self.scores.state(), "combination": State({}, {"weights": self._weights})}
        return join_states(spec, parts)

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The fitted stack again."""
        stack = cls()
        stack._recipes = tuple(Recipe(**recipe) for recipe in state.spec["recipes"])
        stack._learners = [
            CLASSIFIERS[recipe.learner].from_state(part_state(state, f"learner-{at}"))
            for at, recipe in enumerate(stack._recipes)
        ]
        stack._temperature = state.spec["temperature"]
        stack.candidates = tuple(Candidate(**candidate) for candidate in state.spec["candidates"])
        stack.error = state.spec["error"]
        stack.scores = Scores.from_state(part_state(state, "scores"))
        stack._weights = part_state(state, "combination").arrays["weights"]
        return stack


def _out_of_fold(
    recipe: Recipe,
    matrices: Matrices,
    labels: Labels,
    folds: NDArray[np.int64],
    plan: Plan,
    at: int,
    progress: Progress,
) -> Floats:
    """Probabilities of every row by a classifier that has not seen its fold, [n, c]."""
    vectors, n_classes, n_folds = matrices[recipe.columns], len(labels.target.classes), int(folds.max()) + 1
    probabilities = np.zeros((len(labels), n_classes))
    for fold in range(n_folds):
        progress(recipe.label, at * n_folds + fold, len(plan.recipes) * n_folds)
        train, test = folds != fold, folds == fold
        learner = recipe.classifier(plan.n_fold_trees, plan.seed + fold)
        weights = None if labels.weights is None else labels.weights[train]
        learner.fit(vectors[train], labels.classes[train], n_classes, weights)
        probabilities[test] = learner.predict(vectors[test])
    return _floored(probabilities)


def _floored(probabilities: Floats) -> Floats:
    raised = np.maximum(probabilities, LOWEST)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float64)


def _best_temperature(probabilities: Floats, classes: NDArray[np.int64]) -> float:
    """The temperature in 0.2..5 of least log loss."""

    def loss(log_temperature: float) -> float:
        return log_loss(np.maximum(sharpen(probabilities, float(np.exp(log_temperature))), LOWEST), classes)

    found = minimize_scalar(loss, bounds=(np.log(0.2), np.log(5.0)), method="bounded")
    return float(np.exp(found.x))
