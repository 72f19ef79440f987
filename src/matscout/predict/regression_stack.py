"""Stack for numbers: members judged on the same folds and combined; their errors say how wrong it may be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.predict.combination import Combination, Judgement, positions_of_means
from matscout.predict.error_model import ErrorModel
from matscout.predict.judging import Judged, candidates_of, judge
from matscout.predict.members import Member, resolved
from matscout.predict.recipes import (
    Candidate,
    Floats,
    LearnerRecipe,
    Matrices,
    StackPlan,
    Training,
    own_recipes,
    recipes_that_count,
)
from matscout.predict.stacking import select_weights
from matscout.predict.states import Stored
from matscout.predict.target_facts import limits_of
from matscout.predict.transforms import TargetTransform, transform_of
from matscout.predict.unseen_errors import in_words_of, mean_error, mean_errors
from matscout.progress import Progress, silent


@dataclass(frozen=True, eq=False)
class Expectation:
    """What a stack expects of n rows on its scale: the value, and the absolute error of that, [n] each."""

    centre: Floats
    error: Floats


@dataclass(frozen=True, eq=False)
class RegressionStack(Stored):
    """Fitted members with their weights and an error model.

    Parameters
    ----------
    members
        Fitted recipes.
    combination
        Their weighted average.
    error_model
        Expected errors from signs of trouble.
    candidates
        What became of every candidate.
    error
        Error of the combination on unseen rows, MAE or RMSE as the plan says, in the target's unit or in decades; a
        little optimistic, because the same rows chose the weights.
    error_without_lent
        The same for the best combination without lent columns; None if none were lent.
    grows
        Whether values end at 0, so that errors may grow with them.
    unseen
        What the combination said of each measured training row that its members had not seen; None after loading.
    """

    members: tuple[Member, ...]
    combination: Combination
    error_model: ErrorModel
    candidates: tuple[Candidate, ...]
    error: float
    error_without_lent: float | None
    grows: bool
    unseen: Expectation | None = field(default=None, metadata={"stored": False})

    @classmethod
    def fit(cls, training: Training, plan: StackPlan, progress: Progress = silent) -> Self:
        """Judge every recipe on the folds, combine them, and fit those that count to all rows.

        Bounds train the members, but only measured rows judge them.
        """
        return cls.combine(judge(training, plan, progress), training, training.judged(), plan, progress)

    @classmethod
    def combine(
        cls, judged: Judged, training: Training, judges: Training, plan: StackPlan, progress: Progress = silent
    ) -> Self:
        """Combine what was said about the rows of ``judges``, and fit what counts to all rows of ``training``."""
        everything = np.ones(len(training.values), dtype=bool)
        final = resolved(training, everything, plan.first, plan.final)
        low, _ = limits_of(final.values, training.labels.target)
        choice = _Choice.made(judged, judges, plan, low)
        grows = bool(np.isfinite(low)) and plan.scale == "linear"
        error_model, unseen = _learned_errors(choice, judges, grows=grows)
        members = []
        for at, recipe in enumerate(choice.recipes):
            progress(f"final fit: {recipe.label}", at, len(choice.recipes))
            members.append(Member.fit(recipe, final, everything, plan.final))
        true = choice.combination.scale.forward(judges.values)
        error = _worded(unseen.centre - true, plan)
        return cls(
            tuple(members),
            choice.combination,
            error_model,
            choice.candidates,
            error,
            choice.error_without_lent,
            grows,
            unseen,
        )

    def predict(self, matrices: Matrices) -> Expectation:
        """What is expected of m rows."""
        estimates = [member.predict(matrices) for member in self.members]
        spreads = np.stack([estimate.std for estimate in estimates], axis=1)
        judged = Judgement(candidates_of(self.members, estimates), spreads)
        signs = signs_of(self.combination, judged, grows=self.grows)
        return Expectation(self.combination.average(judged), self.error_model.predict(signs))

    def outcome(self, matrices: Matrices) -> Floats:
        """Prediction of the members that use the given column sets only, [m, 1]; for explaining."""
        used = [member.recipe.columns in matrices for member in self.members]
        members = [member for member, use in zip(self.members, used, strict=True) if use]
        weights = self.combination.weights[np.repeat(used, [len(member.recipe.statistics) for member in self.members])]
        predictions = candidates_of(members, [member.predict(matrices) for member in members])
        return np.asarray(predictions @ (weights + 1e-9) / (weights + 1e-9).sum(), dtype=np.float64)[:, None]

    @property
    def extrapolates(self) -> bool:
        """Whether a member carries weight that can predict beyond the labels it has seen."""
        return any(member.recipe.extrapolates for member in self.members)


@dataclass(frozen=True, eq=False)
class _Choice:
    """What counts of all that was judged: its recipes and what these said, their combination, what became of each."""

    recipes: tuple[LearnerRecipe, ...]
    judgement: Judgement
    combination: Combination
    candidates: tuple[Candidate, ...]
    error_without_lent: float | None

    @classmethod
    def made(cls, judged: Judged, training: Training, plan: StackPlan, low: float) -> Self:
        """Weigh all candidates, and keep what counts."""
        scale = transform_of(plan.scale)
        recipes, predictions = judged.recipes, judged.judgement.predictions
        changed, true = scale.forward(predictions), scale.forward(training.values)
        weights = _weigh(changed, scale, training, plan)
        n_statistics = [len(recipe.statistics) for recipe in recipes]
        kept = recipes_that_count(np.add.reduceat(weights, positions_of_means(recipes)))
        counts = np.repeat(kept, n_statistics)
        names = [f"{recipe.label} ({statistic})" for recipe in recipes for statistic in recipe.statistics]
        errors = [_worded(column - true, plan) for column in changed.T]
        rows = zip(names, errors, weights, strict=True)
        chosen = tuple(recipe for recipe, keep in zip(recipes, kept, strict=True) if keep)
        final = weights[counts] / weights[counts].sum()
        return cls(
            chosen,
            Judgement(predictions[:, counts], judged.judgement.spreads[:, kept]),
            Combination(scale, positions_of_means(chosen), final, low),
            (*(Candidate(name, error, float(weight)) for name, error, weight in rows), *judged.given_up),
            _error_without_lent(np.repeat(own_recipes(recipes, plan.lent), n_statistics), changed, training, plan),
        )


def _error_without_lent(own: NDArray[np.bool_], changed: Floats, training: Training, plan: StackPlan) -> float | None:
    """Error of the best combination of the candidates that borrow nothing (bool [c]); None if none borrows."""
    if own.all():
        return None
    scale = transform_of(plan.scale)
    alone = changed[:, own] @ _weigh(changed[:, own], scale, training, plan)
    return _worded(alone - scale.forward(training.values), plan)


def _weigh(changed: Floats, scale: TargetTransform, training: Training, plan: StackPlan) -> Floats:
    """Weights of the candidates from their predictions on the scale [n, c]; [c]."""
    true = scale.forward(training.values)

    def losses(combinations: Floats, rows: Floats) -> Floats:
        return mean_errors(changed @ combinations - true[:, None], plan.metric, rows)

    labels = training.labels
    return select_weights(changed.shape[1], losses, labels.units, labels.weights, plan.seed)


def _learned_errors(choice: _Choice, training: Training, *, grows: bool) -> tuple[ErrorModel, Expectation]:
    """An error model from what the kept members said about unseen rows, and what is expected of these."""
    combination, judged = choice.combination, choice.judgement
    true, average = combination.scale.forward(training.values), combination.average(judged)
    error_model = ErrorModel()
    signs = signs_of(combination, judged, grows=grows)
    return error_model, Expectation(average, error_model.fit(signs, np.abs(true - average), training.folds))


def signs_of(combination: Combination, judged: Judgement, *, grows: bool) -> Floats:
    """Signs of trouble, [n, s]: those of the combination and, of values that end at 0, the prediction itself."""
    signs = combination.signs(judged)
    return np.column_stack([signs, combination.average(judged) - combination.low]) if grows else signs


def _worded(errors: Floats, plan: StackPlan) -> float:
    """One error of many on the scale [n], in the target's unit or in decades."""
    return mean_error(in_words_of(errors, plan.scale), plan.metric)
