"""Stack for numbers: members judged on the same folds, combined, with conformal intervals from the same errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from matscout.data.units import is_signed
from matscout.predict.base import State
from matscout.predict.combination import Combination, Judgement, positions_of_means, worth
from matscout.predict.conformal import Conformal, Scores
from matscout.predict.error_model import ErrorModel
from matscout.predict.judging import Judged, candidates_of, judge, mean_error
from matscout.predict.labels import Labels
from matscout.predict.members import Member, resolved
from matscout.predict.recipes import (
    EXTRAPOLATING,
    Candidate,
    Floats,
    Matrices,
    Plan,
    Recipe,
    Training,
    own_recipes,
    recipes_that_count,
)
from matscout.predict.stacking import select_weights
from matscout.predict.states import join_states, part_state
from matscout.predict.transforms import TargetTransform
from matscout.progress import Progress, silent


@dataclass(frozen=True, eq=False)
class StackEstimate:
    """What the stack says about m rows.

    Parameters
    ----------
    predicted, std
        float64 [m], value and standard deviation in the target's unit.
    average, expected
        float64 [m], value and expected size of its error on the scale on which members are averaged.
    """

    predicted: Floats
    std: Floats
    average: Floats
    expected: Floats


@dataclass(frozen=True, eq=False)
class StackInterval:
    """Lower and upper end for m rows in the target's unit, float64 [m] each."""

    lower: Floats
    upper: Floats


class RegressionStack:
    """Fitted members with their weights, an error model and the conformal scores of the training rows.

    Attributes
    ----------
    candidates
        What became of every candidate.
    error
        Error of the combination on unseen rows, MAE or RMSE as the plan says; a little optimistic, because the same
        rows chose the weights.
    error_without_lent
        The same for the best combination without lent columns; None if none were lent.
    left_out
        What the combination said of each measured training row that its members had not seen, [n measured]; set by
        :meth:`fit`.
    conformal
        Turns expected errors into intervals.
    low
        No prediction falls below: 0 if no training value is negative and the unit is not that of a signed quantity,
        else -inf.
    """

    def __init__(self) -> None:
        self._members: list[Member] = []
        self._combination: Combination
        self._error_model: ErrorModel
        self.candidates: tuple[Candidate, ...] = ()
        self.error = 0.0
        self.error_without_lent: float | None = None
        self.left_out: Floats
        self.conformal: Conformal
        self.low = -np.inf

    def fit(self, training: Training, plan: Plan, progress: Progress = silent) -> Self:
        """Judge every recipe on the folds, combine them, and fit those that count to all rows.

        Bounds train the members, but only measured rows judge them.
        """
        everything = np.ones(len(training.values), dtype=bool)
        final = resolved(training, everything, plan.recipes[0], plan.final)
        one_sided = final.values.min() >= 0 and not is_signed(training.labels.target.unit)
        self.low = 0.0 if one_sided else -np.inf
        kept = self._choose(judge(training, plan, progress), training.judged(), plan)
        for at, recipe in enumerate(kept):
            progress(f"final fit: {recipe.label}", at, len(kept))
            self._members.append(Member.fit(recipe, final, everything, plan.final))
        return self

    def predict(self, matrices: Matrices) -> StackEstimate:
        """Values, standard deviations, and what intervals are made from."""
        estimates = [member.predict(matrices) for member in self._members]
        spreads = np.stack([estimate.std for estimate in estimates], axis=1)
        judged = Judgement(candidates_of(self._members, estimates), spreads)
        scale, average = self._combination.scale, self._combination.average(judged)
        expected = self._error_model.predict(self._combination.signs(judged))
        std = self.conformal.std(expected) * worth(scale, average)
        return StackEstimate(scale.inverse(average), std, average, expected)

    def interval(self, estimate: StackEstimate, level: float) -> StackInterval:
        """Where the true values lie with probability ``level``.

        Raises
        ------
        UsageError
            If ``level`` needs more training rows than there were.
        """
        scale, half = self._combination.scale, self.conformal.half_width(estimate.expected, level)
        return StackInterval(
            np.maximum(scale.inverse(estimate.average - half), self.low), scale.inverse(estimate.average + half)
        )

    def outcome(self, matrices: Matrices) -> Floats:
        """Prediction of the members that use the given column sets only, [m, 1]; for explaining."""
        used = [member.recipe.columns in matrices for member in self._members]
        members = [member for member, use in zip(self._members, used, strict=True) if use]
        weights = self._combination.weights[
            np.repeat(used, [len(member.recipe.statistics) for member in self._members])
        ]
        predictions = candidates_of(members, [member.predict(matrices) for member in members])
        return np.asarray(predictions @ (weights + 1e-9) / (weights + 1e-9).sum(), dtype=np.float64)[:, None]

    @property
    def extrapolates(self) -> bool:
        """Whether a member carries weight that can predict beyond the labels it has seen."""
        return any(member.recipe.learner in EXTRAPOLATING for member in self._members)

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
            "error_without_lent": self.error_without_lent,
        }
        parts = {f"member-{at}": member.state() for at, member in enumerate(self._members)}
        parts |= {"error_model": self._error_model.state(), "conformal": self.conformal.state()}
        combination = State({"scale": self._combination.scale.kind}, {"weights": self._combination.weights})
        return join_states(spec, {**parts, "combination": combination})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The fitted stack again."""
        stack = cls()
        n_members = state.spec["n_members"]
        stack._members = [Member.from_state(part_state(state, f"member-{at}")) for at in range(n_members)]
        stack.low = 0.0 if state.spec["bounded_at_zero"] else -np.inf
        stack.candidates = tuple(Candidate(**candidate) for candidate in state.spec["candidates"])
        stack.error, stack.error_without_lent = state.spec["error"], state.spec["error_without_lent"]
        stack._error_model = ErrorModel.from_state(part_state(state, "error_model"))
        stack.conformal = Conformal.from_state(part_state(state, "conformal"))
        combination = part_state(state, "combination")
        stack._combination = Combination(
            TargetTransform(combination.spec["scale"]),
            positions_of_means([member.recipe for member in stack._members]),
            combination.arrays["weights"],
            stack.low,
        )
        return stack

    def _choose(self, judged: Judged, training: Training, plan: Plan) -> list[Recipe]:
        """Combine what counts, learn its errors, and return its recipes."""
        scale = TargetTransform(plan.scale)
        recipes, predictions = judged.recipes, judged.judgement.predictions
        changed = scale.forward(predictions)
        weights = self._weigh(changed, scale, training, plan)
        means, n_statistics = positions_of_means(recipes), [len(recipe.statistics) for recipe in recipes]
        own = np.repeat(own_recipes(recipes, plan.lent), n_statistics)
        if not own.all():
            alone = changed[:, own] @ self._weigh(changed[:, own], scale, training, plan)
            self.error_without_lent = mean_error(scale.inverse(alone) - training.values, plan.metric)
        kept = recipes_that_count(np.add.reduceat(weights, means))
        counts = np.repeat(kept, n_statistics)
        names = [f"{recipe.label} ({statistic})" for recipe in recipes for statistic in recipe.statistics]
        errors = [mean_error(column - training.values, plan.metric) for column in predictions.T]
        told = zip(names, errors, weights, strict=True)
        self.candidates = (*(Candidate(name, error, float(weight)) for name, error, weight in told), *judged.given_up)
        chosen = [recipe for recipe, keep in zip(recipes, kept, strict=True) if keep]
        final = weights[counts] / weights[counts].sum()
        self._combination = Combination(scale, positions_of_means(chosen), final, self.low)
        self._learn_errors(Judgement(predictions[:, counts], judged.judgement.spreads[:, kept]), training, plan)
        return chosen

    def _weigh(self, changed: Floats, scale: TargetTransform, training: Training, plan: Plan) -> Floats:
        """Weights of the candidates from their predictions on the scale [n, c]; [c]."""

        def loss(weights: Floats, rows: Floats) -> float:
            return mean_error(scale.inverse(changed @ weights) - training.values, plan.metric, rows)

        labels = training.labels
        return select_weights(changed.shape[1], loss, labels.units, labels.weights, plan.seed)

    def _learn_errors(self, judged: Judgement, training: Training, plan: Plan) -> None:
        """Error model and intervals from what the kept members said about unseen rows."""
        scale, average = self._combination.scale, self._combination.average(judged)
        self.left_out = scale.inverse(average)
        self.error = mean_error(training.values - self.left_out, plan.metric)
        errors = np.abs(scale.forward(training.values) - average)
        self._error_model = ErrorModel()
        expected = self._error_model.fit(self._combination.signs(judged), errors, training.folds)
        self.conformal = Conformal(pool_rows(errors / expected, training.labels), floor=0.0)


def pool_rows(scores: Floats, labels: Labels) -> Scores:
    """Conformal scores [n] in which every row counts equally, while the units are what is exchangeable.

    Coverage is meant over rows: the next measurement of a new group, which more often belongs to a large group. So a
    row's share is 1 / (n + 1) for n rows, while the K units limit the level. (Equal shares for groups give the average
    over groups instead, and shares of K / (K + 1) / n the correction for K units: both make wider intervals by paper
    than the rows need, and a worse interval score.)
    """
    n = len(scores)
    shares = np.full(n, 1.0 / (n + 1.0))
    return Scores(np.sort(scores), shares, labels.n_units, f"{labels.unit}s")
