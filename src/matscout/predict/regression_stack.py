"""Stack for numbers: members judged on the same folds, combined, with conformal intervals from the same errors."""

from __future__ import annotations

from typing import Self

import numpy as np

from matscout.predict.ceilings import Ceiling, SignedScores
from matscout.predict.combination import Combination, Judgement, positions_of_means
from matscout.predict.conformal import Conformal, Scores
from matscout.predict.distributions import NO_LIMITS, Distribution, limits_as_json, stored_limits
from matscout.predict.error_model import ErrorModel
from matscout.predict.judging import Judged, candidates_of, judge
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
from matscout.predict.states import State, join_states, part_state
from matscout.predict.target_facts import limits_of
from matscout.predict.transforms import TargetTransform, transform_of
from matscout.predict.unseen_errors import in_words_of, mean_error
from matscout.progress import Progress, silent


class RegressionStack:
    """Fitted members with their weights, an error model and the conformal scores of the training rows.

    Attributes
    ----------
    candidates
        What became of every candidate.
    error
        Error of the combination on unseen rows, MAE or RMSE as the plan says, in the target's unit or in decades; a
        little optimistic, because the same rows chose the weights.
    error_without_lent
        The same for the best combination without lent columns; None if none were lent.
    left_out
        What the combination said of each measured training row that its members had not seen, [n measured]; set by
        :meth:`fit`.
    conformal
        Turns expected errors into intervals.
    limits
        Smallest and largest value that can be predicted, see :func:`matscout.predict.target_facts.limits_of`.
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
        self.limits = NO_LIMITS
        self._grows = False

    def fit(self, training: Training, plan: Plan, progress: Progress = silent) -> Self:
        """Judge every recipe on the folds, combine them, and fit those that count to all rows.

        Bounds train the members, but only measured rows judge them.
        """
        return self.combine(judge(training, plan, progress), training, training.judged(), plan, progress)

    def combine(
        self, judged: Judged, training: Training, judges: Training, plan: Plan, progress: Progress = silent
    ) -> Self:
        """Combine what was said about the rows of ``judges``, and fit what counts to all rows of ``training``."""
        everything = np.ones(len(training.values), dtype=bool)
        final = resolved(training, everything, plan.recipes[0], plan.final)
        self.limits = limits_of(final.values, training.labels.target)
        self._grows = bool(np.isfinite(self.limits[0])) and plan.scale == "linear"
        kept = self._choose(judged, judges, plan)
        for at, recipe in enumerate(kept):
            progress(f"final fit: {recipe.label}", at, len(kept))
            self._members.append(Member.fit(recipe, final, everything, plan.final))
        return self

    def predict(self, matrices: Matrices) -> Distribution:
        """What the values of m rows may be."""
        estimates = [member.predict(matrices) for member in self._members]
        spreads = np.stack([estimate.std for estimate in estimates], axis=1)
        judged = Judgement(candidates_of(self._members, estimates), spreads)
        expected = self._error_model.predict(self._signs(judged))
        return self.conformal.distribution(
            self._combination.scale, self._combination.average(judged), expected, self.limits
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
            "limits": limits_as_json(self.limits),
            "grows": self._grows,
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
        stack.limits, stack._grows = stored_limits(state.spec), state.spec.get("grows", False)
        stack.candidates = tuple(Candidate(**candidate) for candidate in state.spec["candidates"])
        stack.error, stack.error_without_lent = state.spec["error"], state.spec["error_without_lent"]
        stack._error_model = ErrorModel.from_state(part_state(state, "error_model"))
        stack.conformal = Conformal.from_state(part_state(state, "conformal"))
        combination = part_state(state, "combination")
        stack._combination = Combination(
            TargetTransform(combination.spec["scale"]),
            positions_of_means([member.recipe for member in stack._members]),
            combination.arrays["weights"],
            stack.limits[0],
        )
        return stack

    def _choose(self, judged: Judged, training: Training, plan: Plan) -> list[Recipe]:
        """Combine what counts, learn its errors, and return its recipes."""
        scale = transform_of(plan.scale)
        recipes, predictions = judged.recipes, judged.judgement.predictions
        changed = scale.forward(predictions)
        weights = self._weigh(changed, scale, training, plan)
        means, n_statistics = positions_of_means(recipes), [len(recipe.statistics) for recipe in recipes]
        own = np.repeat(own_recipes(recipes, plan.lent), n_statistics)
        if not own.all():
            alone = changed[:, own] @ self._weigh(changed[:, own], scale, training, plan)
            self.error_without_lent = self._told(alone - scale.forward(training.values), plan)
        kept = recipes_that_count(np.add.reduceat(weights, means))
        counts = np.repeat(kept, n_statistics)
        names = [f"{recipe.label} ({statistic})" for recipe in recipes for statistic in recipe.statistics]
        errors = [self._told(column - scale.forward(training.values), plan) for column in changed.T]
        told = zip(names, errors, weights, strict=True)
        self.candidates = (*(Candidate(name, error, float(weight)) for name, error, weight in told), *judged.given_up)
        chosen = [recipe for recipe, keep in zip(recipes, kept, strict=True) if keep]
        final = weights[counts] / weights[counts].sum()
        self._combination = Combination(scale, positions_of_means(chosen), final, self.limits[0])
        self._learn_errors(Judgement(predictions[:, counts], judged.judgement.spreads[:, kept]), training, plan)
        return chosen

    def _weigh(self, changed: Floats, scale: TargetTransform, training: Training, plan: Plan) -> Floats:
        """Weights of the candidates from their predictions on the scale [n, c]; [c]."""
        true = scale.forward(training.values)

        def loss(weights: Floats, rows: Floats) -> float:
            return mean_error(changed @ weights - true, plan.metric, rows)

        labels = training.labels
        return select_weights(changed.shape[1], loss, labels.units, labels.weights, plan.seed)

    def _learn_errors(self, judged: Judgement, training: Training, plan: Plan) -> None:
        """Error model and intervals from what the kept members said about unseen rows."""
        scale, average = self._combination.scale, self._combination.average(judged)
        true, signs = scale.forward(training.values), self._signs(judged)
        self._error_model = ErrorModel()
        expected = self._error_model.fit(signs, np.abs(true - average), training.folds)
        labels = training.labels
        ceiling = Ceiling.fit(true, labels.units, expected, grouped=labels.grouped)
        told = SignedScores.of(true - average, expected, true, ceiling)
        self.left_out, self.error = scale.inverse(told.centre), self._told(average - true, plan)
        self.conformal = Conformal(pool_rows(told.sizes, training.labels), 0.0, told.ceiling, told.sides)

    def _signs(self, judged: Judgement) -> Floats:
        """Signs of trouble, [n, s]: those of the combination and, of values that end at 0, the prediction itself."""
        signs = self._combination.signs(judged)
        if not self._grows:
            return signs
        return np.column_stack([signs, self._combination.average(judged) - self.limits[0]])

    def _told(self, errors: Floats, plan: Plan) -> float:
        """One error of many on the scale [n], in the target's unit or in decades."""
        return mean_error(in_words_of(errors, plan.scale), plan.metric)


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
