"""Judging: what every recipe for numbers says about rows that it has not seen."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.predict.combination import Judgement
from matscout.predict.folds import divisions
from matscout.predict.learner import Estimate
from matscout.predict.members import Member, resolved
from matscout.predict.recipes import Candidate, Floats, LearnerRecipe, Matrices, StackPlan, Training, is_hopeless
from matscout.predict.transforms import transform_of
from matscout.predict.trials import run_trials
from matscout.predict.unseen_errors import mean_error
from matscout.progress import Progress, silent


@dataclass(frozen=True, eq=False)
class Judged:
    """The recipes that went through all inner folds, what they said about the measured rows, and the others."""

    recipes: tuple[LearnerRecipe, ...]
    judgement: Judgement
    given_up: tuple[Candidate, ...]

    def of(self, rows: NDArray[np.bool_], columns: Container[str]) -> Judged:
        """What recipes of the given column sets said about the chosen ones of the measured rows (bool [n])."""
        kept = [recipe.columns in columns for recipe in self.recipes]
        recipes = tuple(recipe for recipe, keep in zip(self.recipes, kept, strict=True) if keep)
        candidates = np.repeat(kept, [len(recipe.statistics) for recipe in self.recipes])
        predictions, spreads = self.judgement.predictions[rows], self.judgement.spreads[rows]
        return Judged(recipes, Judgement(predictions[:, candidates], spreads[:, kept]), self.given_up)


def judge(training: Training, plan: StackPlan, progress: Progress = silent) -> Judged:
    """Let every recipe predict the measured rows of each inner fold from the other folds."""
    by_fold = [
        resolved(training, train, plan.first, plan.judging(fold))
        for fold, (train, _) in enumerate(divisions(training.folds))
    ]
    trials = run_trials(plan, lambda recipe, least: _judge(recipe, by_fold, plan, least), progress)
    predictions = np.concatenate([part.predictions for part in trials.parts], axis=1)
    spreads = np.concatenate([part.spreads for part in trials.parts], axis=1)
    return Judged(trials.recipes, Judgement(predictions, spreads), trials.given_up)


def candidates_of(members: Sequence[Member], estimates: Sequence[Estimate]) -> Floats:
    """The statistics of each member that are candidates, [m, c]."""
    columns = [
        getattr(estimate, statistic)
        for member, estimate in zip(members, estimates, strict=True)
        for statistic in member.recipe.statistics
    ]
    return np.stack(columns, axis=1)


def _judge(
    recipe: LearnerRecipe, by_fold: Sequence[Training], plan: StackPlan, tolerated: float
) -> tuple[Judgement | None, float]:
    """What one recipe says (None: it was given up) and its error in the first fold, on the scale of the plan.

    ``by_fold`` has the training rows as those who judge each fold may know them; ``tolerated`` is the least error of
    the first fold so far.
    """
    training, forward = by_fold[0], transform_of(plan.scale).forward
    measured, error = training.labels.measured, np.inf
    predictions = np.zeros((len(training.values), len(recipe.statistics)))
    spreads = np.zeros((len(training.values), 1))
    for fold, (train, test) in enumerate(divisions(training.folds)):
        member = Member.fit(recipe, by_fold[fold], train, plan.judging(fold))
        estimate = member.predict(_rows(training.matrices, recipe.columns, test))
        predictions[test] = candidates_of([member], [estimate])
        spreads[test, 0] = estimate.std
        if fold == 0:
            rows = training.of(recipe.columns, test & measured)
            estimated, true = forward(predictions[rows]), forward(training.values[rows])
            error = min(mean_error(column - true, plan.metric) for column in estimated.T) if rows.any() else np.inf
            if is_hopeless(error, tolerated):
                return None, error
    return Judgement(predictions[measured], spreads[measured]), error


def _rows(matrices: Matrices, columns: str, rows: NDArray[np.bool_]) -> Matrices:
    return {columns: matrices[columns][rows]}
