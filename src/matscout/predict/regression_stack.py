"""Stack for numbers: members judged on the same folds, combined, with conformal intervals from the same errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.predict.base import Metric, State
from matscout.predict.conformal import Conformal, Scores
from matscout.predict.error_model import ErrorModel
from matscout.predict.folds import divisions
from matscout.predict.labels import Labels
from matscout.predict.learners.base import Estimate
from matscout.predict.members import Member, resolved
from matscout.predict.recipes import Candidate, Floats, Matrices, Plan, Recipe, Training, recipes_that_count
from matscout.predict.stacking import select_weights
from matscout.predict.states import join_states, part_state
from matscout.progress import Progress, silent


@dataclass(frozen=True, eq=False)
class StackEstimate:
    """What the stack says about m rows: predicted values and the absolute errors to expect, [m] each."""

    predicted: Floats
    expected_error: Floats


@dataclass(frozen=True, eq=False)
class Judgement:
    """What c candidates of r recipes said about n measured rows that they had not seen.

    Parameters
    ----------
    predictions
        float64 [n, c].
    spreads
        float64 [n, r], the learners' own.
    """

    predictions: Floats
    spreads: Floats


class RegressionStack:
    """Fitted members with their weights, an error model and the conformal scores of the training rows.

    Attributes
    ----------
    candidates
        What became of every candidate.
    error
        Error of the combination on unseen rows, MAE or RMSE as the plan says; a little optimistic, because the same
        rows chose the weights.
    conformal
        Turns expected errors into intervals.
    low
        No prediction falls below: 0 if no training value is negative, else -inf.
    """

    def __init__(self) -> None:
        self._members: list[Member] = []
        self._weights: Floats = np.zeros(0)
        self._error_model: ErrorModel
        self.candidates: tuple[Candidate, ...] = ()
        self.error = 0.0
        self.conformal: Conformal
        self.low = -np.inf

    def fit(self, training: Training, plan: Plan, progress: Progress = silent) -> Self:
        """Judge every recipe on the folds, combine them, and fit those that count to all rows.

        Bounds train the members, but only measured rows judge them.
        """
        everything = np.ones(len(training.values), dtype=bool)
        final = resolved(training, everything, plan.recipes[0], plan.final)
        self.low = 0.0 if final.values.min() >= 0 else -np.inf
        judging, judged = training.judged(), judge(training, plan, progress)
        weights = self._choose(judged.predictions, judging, plan)
        n_statistics = [len(recipe.statistics) for recipe in plan.recipes]
        totals = np.add.reduceat(weights, np.cumsum([0, *n_statistics[:-1]]))
        kept = recipes_that_count(totals)
        counts = np.repeat(kept, n_statistics)
        self._weights = weights[counts] / weights[counts].sum()
        for at in np.flatnonzero(kept):
            recipe = plan.recipes[at]
            progress(f"final fit: {recipe.label}", int(at), len(plan.recipes))
            self._members.append(Member.fit(recipe, final, everything, plan.final))
        self._learn_errors(Judgement(judged.predictions[:, counts], judged.spreads[:, kept]), judging, plan)
        return self

    def predict(self, matrices: Matrices) -> StackEstimate:
        """Predicted values and expected absolute errors."""
        estimates = [member.predict(matrices) for member in self._members]
        predictions = _candidates(self._members, estimates)
        spreads = np.stack([estimate.std for estimate in estimates], axis=1)
        predicted, signs = self._combine(Judgement(predictions, spreads))
        return StackEstimate(predicted, self._error_model.predict(signs))

    def outcome(self, matrices: Matrices) -> Floats:
        """Prediction of the members that use the given column sets only, [m, 1]; for explaining."""
        used = [member.recipe.columns in matrices for member in self._members]
        members = [member for member, use in zip(self._members, used, strict=True) if use]
        weights = self._weights[np.repeat(used, [len(member.recipe.statistics) for member in self._members])]
        predictions = _candidates(members, [member.predict(matrices) for member in members])
        return np.asarray(predictions @ (weights + 1e-9) / (weights + 1e-9).sum(), dtype=np.float64)[:, None]

    @property
    def extrapolates(self) -> bool:
        """Whether a member carries weight that can predict beyond the labels it has seen."""
        return any(member.recipe.learner == "gaussian-process" for member in self._members)

    @property
    def n_units(self) -> int:
        """Number of training units that the intervals rest on."""
        return self.conformal.support()

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        spec = {
            "n_members": len(self._members),
            "bounded_at_zero": self.low == 0.0,
            "candidates": [vars(candidate) for candidate in self.candidates],
            "error": self.error,
        }
        parts = {f"member-{at}": member.state() for at, member in enumerate(self._members)}
        parts |= {"error_model": self._error_model.state(), "conformal": self.conformal.state()}
        return join_states(spec, {**parts, "combination": State({}, {"weights": self._weights})})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The fitted stack again."""
        stack = cls()
        n_members = state.spec["n_members"]
        stack._members = [Member.from_state(part_state(state, f"member-{at}")) for at in range(n_members)]
        stack.low = 0.0 if state.spec["bounded_at_zero"] else -np.inf
        stack.candidates = tuple(Candidate(**candidate) for candidate in state.spec["candidates"])
        stack.error = state.spec["error"]
        stack._error_model = ErrorModel.from_state(part_state(state, "error_model"))
        stack.conformal = Conformal.from_state(part_state(state, "conformal"))
        stack._weights = part_state(state, "combination").arrays["weights"]
        return stack

    def _choose(self, predictions: Floats, training: Training, plan: Plan) -> Floats:
        """Weights of the candidates, [c]; keeps what became of each."""
        errors = predictions - training.values[:, None]

        def loss(weights: Floats, rows: Floats) -> float:
            return mean_error(errors @ weights, plan.metric, rows)

        labels = training.labels
        chosen = select_weights(errors.shape[1], loss, labels.units, labels.weights, plan.seed)
        names = [f"{recipe.label} ({statistic})" for recipe in plan.recipes for statistic in recipe.statistics]
        self.candidates = tuple(
            Candidate(name, mean_error(errors[:, at], plan.metric), float(chosen[at])) for at, name in enumerate(names)
        )
        return chosen

    def _learn_errors(self, judged: Judgement, training: Training, plan: Plan) -> None:
        """Error model and intervals from what the kept members said about unseen rows."""
        predicted, signs = self._combine(judged)
        errors = training.values - predicted
        self.error = mean_error(errors, plan.metric)
        self._error_model = ErrorModel()
        labels = training.labels
        expected = self._error_model.fit(signs, np.abs(errors), training.folds)
        self.conformal = Conformal(pool_rows(np.abs(errors) / expected, labels), floor=0.0)

    def _combine(self, judged: Judgement) -> tuple[Floats, Floats]:
        """The weighted prediction [m] and the signs of trouble [m, s]: disagreement, and the spread of each member."""
        predicted = np.maximum(judged.predictions @ self._weights, self.low)
        disagreement = np.sqrt((judged.predictions - predicted[:, None]) ** 2 @ self._weights)
        return predicted, np.column_stack([disagreement, judged.spreads])


def judge(training: Training, plan: Plan, progress: Progress = silent) -> Judgement:
    """Let every recipe predict the measured rows of each inner fold from the other folds."""
    by_fold = [
        resolved(training, train, plan.recipes[0], plan.judging(fold))
        for fold, (train, _) in enumerate(divisions(training.folds))
    ]
    parts = [_judge(recipe, at, by_fold, plan, progress) for at, recipe in enumerate(plan.recipes)]
    predictions = np.concatenate([part.predictions for part in parts], axis=1)
    return Judgement(predictions, np.concatenate([part.spreads for part in parts], axis=1))


def pool_rows(scores: Floats, labels: Labels) -> Scores:
    """Conformal scores [n] in which every row counts equally, while the units are what is exchangeable.

    Coverage is meant over rows: the next measurement of a new group, which more often belongs to a large group. So a
    row's share is K / ((K + 1) n) for n rows in K units; K + 1 keeps the finite-sample correction that K units need.
    (Equal shares for groups give the average over groups instead, and by paper wider intervals than the rows need.)
    """
    n = len(scores)
    shares = np.full(n, labels.n_units / ((labels.n_units + 1.0) * n))
    return Scores(np.sort(scores), shares, labels.n_units, f"{labels.unit}s")


def mean_error(errors: Floats, metric: Metric, weights: Floats | None = None) -> float:
    """MAE or RMSE of errors [n] with optional row weights [n]."""
    if metric == "mae":
        return float(np.average(np.abs(errors), weights=weights))
    return float(np.sqrt(np.average(errors**2, weights=weights)))


def _judge(recipe: Recipe, at: int, by_fold: Sequence[Training], plan: Plan, progress: Progress) -> Judgement:
    """What one recipe says; ``by_fold`` has the training rows as those who judge each fold may know them."""
    training = by_fold[0]
    predictions = np.zeros((len(training.values), len(recipe.statistics)))
    spreads = np.zeros((len(training.values), 1))
    for fold, (train, test) in enumerate(divisions(training.folds)):
        progress(recipe.label, at * training.n_folds + fold, len(plan.recipes) * training.n_folds)
        member = Member.fit(recipe, by_fold[fold], train, plan.judging(fold))
        estimate = member.predict(_rows(training.matrices, recipe.columns, test))
        predictions[test] = _candidates([member], [estimate])
        spreads[test, 0] = estimate.std
    measured = training.labels.measured
    return Judgement(predictions[measured], spreads[measured])


def _rows(matrices: Matrices, columns: str, rows: NDArray[np.bool_]) -> Matrices:
    return {columns: matrices[columns][rows]}


def _candidates(members: Sequence[Member], estimates: Sequence[Estimate]) -> Floats:
    """The statistics of each member that are candidates, [m, c]."""
    columns = [
        getattr(estimate, statistic)
        for member, estimate in zip(members, estimates, strict=True)
        for statistic in member.recipe.statistics
    ]
    return np.stack(columns, axis=1)
