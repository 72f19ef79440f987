"""Stack for classes: classifiers judged on the same folds, combined by log loss, calibrated by a temperature."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.predict.folds import divisions
from matscout.predict.labels import Labels
from matscout.predict.learner import Classifier
from matscout.predict.recipes import (
    Candidate,
    Effort,
    Floats,
    LearnerRecipe,
    Matrices,
    StackPlan,
    Training,
    is_hopeless,
    own_recipes,
    recipes_that_count,
)
from matscout.predict.stacking import select_weights
from matscout.predict.states import Stored
from matscout.predict.trials import run_trials
from matscout.progress import Progress, silent

LOWEST = 1e-4
"""Probabilities are kept this far from 0 before they are combined: no row may decide by an infinite loss."""


def log_loss(probabilities: Floats, classes: NDArray[np.int64]) -> float:
    """Mean of -ln p(true class), for probabilities [n, c]."""
    return float(-np.log(probabilities[np.arange(len(classes)), classes]).mean())


def sharpen(probabilities: Floats, temperature: float) -> Floats:
    """Probabilities raised to 1 / temperature and normalised, [n, c] (Guo and others 2017, arXiv:1706.04599)."""
    logs = np.log(probabilities) / temperature
    raised = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class JudgedClasses:
    """The recipes that went through all inner folds, and the others.

    Parameters
    ----------
    recipes
        r recipes.
    probabilities
        float64 [n, c, r], of every row by classifiers that have not seen its fold.
    given_up
        StackRecipes on trial that did not go on.
    """

    recipes: tuple[LearnerRecipe, ...]
    probabilities: Floats
    given_up: tuple[Candidate, ...]

    def of(self, rows: NDArray[np.bool_], columns: Container[str]) -> JudgedClasses:
        """What recipes of the given column sets said about the chosen rows (bool [n])."""
        kept = [recipe.columns in columns for recipe in self.recipes]
        recipes = tuple(recipe for recipe, keep in zip(self.recipes, kept, strict=True) if keep)
        return JudgedClasses(recipes, self.probabilities[rows][:, :, kept], self.given_up)


@dataclass(frozen=True, eq=False)
class ClassStack(Stored):
    """Fitted classifiers with their weights and a temperature.

    Parameters
    ----------
    recipes, learners
        What was fitted.
    weights
        float64 [r], of their probabilities.
    temperature
        See :func:`sharpen`.
    candidates
        What became of every candidate.
    error
        Log loss of the calibrated combination on unseen rows; a little optimistic, because the same rows chose the
        weights and the temperature.
    error_without_lent
        The same for the best combination without lent columns; None if none were lent.
    unseen
        Probabilities of each training row by learners that had not seen it, [n, c]; None after loading.
    """

    recipes: tuple[LearnerRecipe, ...]
    learners: tuple[Classifier, ...]
    weights: Floats
    temperature: float
    candidates: tuple[Candidate, ...]
    error: float
    error_without_lent: float | None
    unseen: Floats | None = field(default=None, metadata={"stored": False})

    @classmethod
    def fit(cls, training: Training, plan: StackPlan, progress: Progress = silent) -> Self:
        """Judge every recipe on the folds, combine and calibrate those that count, and fit them to all rows."""
        return cls.combine(judge_classes(training, plan, progress), training, training, plan, progress)

    @classmethod
    def combine(
        cls, judged: JudgedClasses, training: Training, judges: Training, plan: StackPlan, progress: Progress = silent
    ) -> Self:
        """Combine what was said about the rows of ``judges``, and fit what counts to all rows of ``training``."""
        labels = judges.labels
        of_true_class = judged.probabilities[np.arange(len(labels)), labels.classes]
        chosen = _weigh(of_true_class, labels, plan)
        kept = recipes_that_count(chosen)
        weights = chosen[kept] / chosen[kept].sum()
        combined = judged.probabilities[:, :, kept] @ weights
        temperature = best_temperature(combined, labels.classes)
        calibrated = sharpen(combined, temperature)
        recipes = tuple(recipe for recipe, keep in zip(judged.recipes, kept, strict=True) if keep)
        everything, learners = np.ones(len(training.labels), dtype=bool), []
        for at, recipe in enumerate(recipes):
            progress(f"final fit: {recipe.label}", at, len(recipes))
            learners.append(_fit(recipe, training, everything, plan.final))
        return cls(
            recipes,
            tuple(learners),
            weights,
            temperature,
            _candidates(judged, of_true_class, chosen),
            log_loss(calibrated, labels.classes),
            _error_without_lent(judged, of_true_class, labels, plan),
            calibrated,
        )

    def predict(self, matrices: Matrices) -> Floats:
        """Calibrated probabilities, [m, c]."""
        parts = [
            floored(learner.predict(matrices[recipe.columns]))
            for recipe, learner in zip(self.recipes, self.learners, strict=True)
        ]
        return sharpen(np.stack(parts, axis=2) @ self.weights, self.temperature)

    def outcome(self, matrices: Matrices) -> Floats:
        """Probabilities by the members that use the given column sets only, [m, c]; for explaining."""
        parts = [
            (weight + 1e-9) * learner.predict(matrices[recipe.columns])
            for recipe, learner, weight in zip(self.recipes, self.learners, self.weights, strict=True)
            if recipe.columns in matrices
        ]
        total = np.sum(parts, axis=0)
        return np.asarray(total / total.sum(axis=1, keepdims=True), dtype=np.float64)


def _candidates(judged: JudgedClasses, of_true_class: Floats, weights: Floats) -> tuple[Candidate, ...]:
    """What became of each of r recipes, by the probabilities they gave to the true classes [n, r] and weights [r]."""
    losses = -np.log(of_true_class).mean(axis=0)
    rows = zip(judged.recipes, losses, weights, strict=True)
    tried = [Candidate(recipe.label, float(error), float(weight)) for recipe, error, weight in rows]
    return (*tried, *judged.given_up)


def _error_without_lent(judged: JudgedClasses, of_true_class: Floats, labels: Labels, plan: StackPlan) -> float | None:
    """Log loss of the best combination of recipes that borrow nothing; None if none borrows."""
    own = own_recipes(judged.recipes, plan.lent)
    if own.all():
        return None
    alone = judged.probabilities[:, :, own] @ _weigh(of_true_class[:, own], labels, plan)
    return log_loss(sharpen(alone, best_temperature(alone, labels.classes)), labels.classes)


def _weigh(of_true_class: Floats, labels: Labels, plan: StackPlan) -> Floats:
    """Weights of r recipes from the probabilities they gave to the true classes [n, r]."""

    def losses(combinations: Floats, rows: Floats) -> Floats:
        return np.asarray(rows @ -np.log(of_true_class @ combinations), dtype=np.float64)

    return select_weights(of_true_class.shape[1], losses, labels.units, labels.weights, plan.seed)


def judge_classes(training: Training, plan: StackPlan, progress: Progress = silent) -> JudgedClasses:
    """Probabilities of every row by classifiers that have not seen its fold."""
    trials = run_trials(plan, lambda recipe, least: _judge(recipe, training, plan, least), progress)
    return JudgedClasses(trials.recipes, np.stack(trials.parts, axis=2), trials.given_up)


def _judge(recipe: LearnerRecipe, training: Training, plan: StackPlan, tolerated: float) -> tuple[Floats | None, float]:
    """Probabilities [n, c] by one recipe (None: it was given up), and its log loss in the first fold."""
    labels, error = training.labels, np.inf
    probabilities = np.zeros((len(labels), len(labels.target.classes)))
    for fold, (train, test) in enumerate(divisions(training.folds)):
        learner = _fit(recipe, training, train, plan.judging(fold))
        probabilities[test] = floored(learner.predict(training.matrices[recipe.columns][test]))
        if fold == 0:
            inputs = training.of(recipe.columns, test)
            error = log_loss(probabilities[inputs], labels.classes[inputs]) if inputs.any() else np.inf
            if is_hopeless(error, tolerated):
                return None, error
    return probabilities, error


def floored(probabilities: Floats) -> Floats:
    """Probabilities [n, c] of at least about ``LOWEST``, rows summing to 1."""
    raised = np.maximum(probabilities, LOWEST)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float64)


def best_temperature(probabilities: Floats, classes: NDArray[np.int64]) -> float:
    """The temperature in 0.2..5 of least log loss for probabilities [n, c] of unseen rows."""

    def loss(log_temperature: float) -> float:
        return log_loss(floored(sharpen(probabilities, float(np.exp(log_temperature)))), classes)

    from scipy.optimize import minimize_scalar

    minimum = minimize_scalar(loss, bounds=(np.log(0.2), np.log(5.0)), method="bounded")
    return float(np.exp(minimum.x))


def _fit(recipe: LearnerRecipe, training: Training, rows: NDArray[np.bool_], effort: Effort) -> Classifier:
    labels, rows = training.labels, training.of(recipe.columns, rows)
    vectors, n_classes = training.matrices[recipe.columns][rows], len(labels.target.classes)
    learner: Classifier = recipe.made("classification", effort, training.blocks[recipe.columns])
    return learner.fit(vectors, labels.classes[rows], n_classes, training.weights(rows))
