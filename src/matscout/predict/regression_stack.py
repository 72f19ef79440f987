"""Stack for numbers: members judged on the same folds, combined, with conformal intervals from the same errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.predict.base import Metric, State
from matscout.predict.conformal import Conformal
from matscout.predict.error_model import ErrorModel
from matscout.predict.labels import Labels
from matscout.predict.members import Member
from matscout.predict.recipes import Candidate, Matrices, Plan, Recipe
from matscout.predict.stacking import select_weights
from matscout.predict.states import join_states, part_state
from matscout.progress import Progress, silent

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class StackEstimate:
    """What the stack says about m rows: predicted values and the absolute errors to expect, [m] each."""

    predicted: Floats
    expected_error: Floats


class RegressionStack:
    """Fitted members with their weights, an error model and the out-of-fold scores of the training rows."""

    def __init__(self) -> None:
        self._members: list[Member] = []
        self._weights: Floats = np.zeros(0)
        self._error_model: ErrorModel
        self._low = -np.inf
        self.candidates: tuple[Candidate, ...] = ()
        self.error = 0.0
        self.conformal: Conformal

    def fit(
        self,
        matrices: Matrices,
        values: Floats,
        labels: Labels,
        folds: NDArray[np.int64],
        plan: Plan,
        progress: Progress = silent,
    ) -> Self:
        """Judge every recipe on the folds, combine them, and fit them to all rows; values [n] have bounds resolved."""
        self._low = 0.0 if values.min() >= 0 else -np.inf
        judged = [
            _out_of_fold(recipe, matrices, values, labels, folds, plan, at, progress)
            for at, recipe in enumerate(plan.recipes)
        ]
        predictions = np.concatenate([part.predictions for part in judged], axis=1)
        self._weights = self._choose(predictions, values, labels, plan)
        for at, recipe in enumerate(plan.recipes):
            progress(f"final fit: {recipe.label}", at, len(plan.recipes))
            vectors = matrices[recipe.columns]
            self._members.append(Member.fit(recipe, vectors, values, labels.weights, plan.n_trees, plan.seed))
        predicted, signs = self._combine(predictions, np.stack([part.spread for part in judged], axis=1))
        errors = values - predicted
        self.error = mean_error(errors, plan.metric)
        self._error_model = ErrorModel(n_trees=plan.n_fold_trees, seed=plan.seed)
        expected = self._error_model.fit(signs, np.abs(errors), labels.units)
        residuals = np.where(labels.measured, errors, np.nan)
        self.conformal = Conformal.fit(residuals, expected, labels.units, f"{labels.unit}s")
        return self

    def predict(self, matrices: Matrices) -> StackEstimate:
        """Predicted values and expected absolute errors."""
        estimates = [member.predict(matrices) for member in self._members]
        predictions = np.stack(
            [getattr(e, s) for m, e in zip(self._members, estimates, strict=True) for s in m.recipe.statistics], axis=1
        )
        spreads = np.stack([estimate.std for estimate in estimates], axis=1)
        predicted, signs = self._combine(predictions, spreads)
        return StackEstimate(predicted, self._error_model.predict(signs))

    @property
    def low(self) -> float:
        """The bound that no prediction falls below: 0 if no training value is negative, else -inf."""
        return self._low

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        spec = {
            "n_members": len(self._members),
            "bounded_at_zero": self._low == 0.0,
            "error": self.error,
            "candidates": [vars(candidate) for candidate in self.candidates],
        }
        parts = {f"member-{at}": member.state() for at, member in enumerate(self._members)}
        parts |= {"error_model": self._error_model.state(), "conformal": self.conformal.state()}
        return join_states(spec, {**parts, "combination": State({}, {"weights": self._weights})})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The fitted stack again."""
        stack = cls()
        stack._members = [Member.from_state(part_state(state, f"member-{at}")) for at in range(state.spec["n_members"])]
        stack._low = 0.0 if state.spec["bounded_at_zero"] else -np.inf
        stack.candidates = tuple(Candidate(**candidate) for candidate in state.spec["candidates"])
        stack._error_model = ErrorModel.from_state(part_state(state, "error_model"))
        stack.conformal = Conformal.from_state(part_state(state, "conformal"))
        stack.error = state.spec["error"]
        stack._weights = part_state(state, "combination").arrays["weights"]
        return stack

    def _combine(self, predictions: Floats, spreads: Floats) -> tuple[Floats, Floats]:
        """The weighted prediction [m] and the signs of trouble [m, s] from candidates [m, c] and spreads [m, members]."""
        predicted = np.maximum(predictions @ self._weights, self._low)
        disagreement = np.sqrt((predictions - predicted[:, None]) ** 2 @ self._weights)
        spread = spreads.mean(axis=1)
        return predicted, np.column_stack([predicted, disagreement, spread, np.hypot(disagreement, spread)])

    def _choose(self, predictions: Floats, values: Floats, labels: Labels, plan: Plan) -> Floats:
        """Weights of the candidates, [c]; keeps what became of each."""
        errors = predictions - values[:, None]

        def loss(weights: Floats, rows: Floats) -> float:
            return mean_error(errors @ weights, plan.metric, rows)

        chosen = select_weights(errors.shape[1], loss, labels.units, labels.weights, plan.seed)
        names = [f"{recipe.label} ({statistic})" for recipe in plan.recipes for statistic in recipe.statistics]
        self.candidates = tuple(
            Candidate(name, mean_error(errors[:, at], plan.metric), float(chosen[at])) for at, name in enumerate(names)
        )
        return chosen


def mean_error(errors: Floats, metric: Metric, weights: Floats | None = None) -> float:
    """MAE or RMSE of errors [n] with optional row weights [n]."""
    if metric == "mae":
        return float(np.average(np.abs(errors), weights=weights))
    return float(np.sqrt(np.average(errors**2, weights=weights)))


@dataclass(frozen=True, eq=False)
class _Judged:
    """Out-of-fold predictions [n, statistics] and spread [n] of one recipe."""

    predictions: Floats
    spread: Floats


def _out_of_fold(
    recipe: Recipe,
    matrices: Matrices,
    values: Floats,
    labels: Labels,
    folds: NDArray[np.int64],
    plan: Plan,
    at: int,
    progress: Progress,
) -> _Judged:
    vectors, n_folds = matrices[recipe.columns], int(folds.max()) + 1
    predictions = np.zeros((len(values), len(recipe.statistics)))
    spread = np.zeros(len(values))
    for fold in range(n_folds):
        progress(recipe.label, at * n_folds + fold, len(plan.recipes) * n_folds)
        train, test = folds != fold, folds == fold
        weights = None if labels.weights is None else labels.weights[train]
        member = Member.fit(recipe, vectors[train], values[train], weights, plan.n_fold_trees, plan.seed + fold)
        estimate = member.predict({recipe.columns: vectors[test]})
        predictions[test] = np.stack([getattr(estimate, name) for name in recipe.statistics], axis=1)
        spread[test] = estimate.std
    return _Judged(predictions, spread)
