"""StackRecipes: what a stack may be made of, before it has seen data, and what became of each candidate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from matscout import registry
from matscout.data.dataset import Task
from matscout.data.scales import Scale
from matscout.predict.base import Metric
from matscout.predict.column_sets import Menu
from matscout.predict.labels import Labels
from matscout.predict.learner import Learner, Regressor, learner_class, of_task
from matscout.predict.states import Stored
from matscout.predict.transforms import TransformKind
from matscout.registry import load_class

Floats = NDArray[np.float64]
Matrices = Mapping[str, Floats]
"""Name of a column set -> vectors [n, d]."""
Blocks = tuple[NDArray[np.int64], ...]
"""Positions of the columns of each representation that is joined."""

HOPELESS = 1.15
"""A recipe on trial is given up if its error in the first inner fold is this many times the least so far."""

LEAST_WEIGHT = 0.03
"""Members with less are left out of the final fit: they cost time and change little."""

MAX_FEATURES = 0.3
"""Fraction of the columns that a tree tries at each split."""


@dataclass(frozen=True)
class LearnerRecipe(Stored):
    """One learner (its name in the catalogue) on one set of columns and one scale of the target."""

    learner: str
    columns: str
    transform: TransformKind = "none"

    @property
    def label(self) -> str:
        """As it stands in reports, e.g. ``"extra-trees on magpie, log"``."""
        scale = "" if self.transform == "none" else f", {self.transform}"
        return f"{self.learner} on {self.columns}{scale}"

    @property
    def statistics(self) -> tuple[str, ...]:
        """The statistics that are candidates of a stack for numbers."""
        learner: type[Regressor] = learner_class(self.learner, "regression")
        return learner.statistics

    @property
    def extrapolates(self) -> bool:
        """Whether it can predict beyond the labels that it has seen."""
        learner: type[Regressor] = learner_class(self.learner, "regression")
        return learner.extrapolates

    def made(self, task: Task, effort: Effort, blocks: Blocks) -> Any:
        """An unfitted learner of numbers or classes, for columns in such blocks.

        It is given those of the options ``n_trees``, ``max_features``, ``seed`` and ``blocks`` that it has.
        """
        maker = learner_class(self.learner, task)
        options = {"n_trees": effort.n_trees, "max_features": MAX_FEATURES, "seed": effort.seed, "blocks": blocks}
        known = {one.name for one in fields(maker) if one.init}
        return maker(**{name: value for name, value in options.items() if name in known})


@dataclass(frozen=True)
class StackRecipes:
    """What a stack tries.

    Parameters
    ----------
    kept
        Through all inner folds; the first is kept to the end.
    on_trial
        What is given up after the first inner fold if ``is_hopeless`` there.
    """

    kept: tuple[LearnerRecipe, ...]
    on_trial: tuple[LearnerRecipe, ...]

    @classmethod
    def of(cls, offered: Menu, values: Floats, task: Task, easier: TransformKind, *, fast: bool) -> Self:
        """What all learners of the catalogue ask for.

        Parameters
        ----------
        offered
            The column sets.
        values
            Labels [n].
        task
            Whether they are numbers or classes.
        easier
            The transform with which they may be easier to learn; "none" if there is none.
        fast
            Whether nothing is taken on trial.
        """
        plug_ins = {one.name: load_class("learners", one.name) for one in registry.plug_ins("learners")}
        learners = {name: plug_in for name, plug_in in plug_ins.items() if of_task(plug_in, task)}
        in_turn = sorted(learners.items(), key=lambda one: one[1].turn)
        kept, tried = ([one for one in in_turn if one[1].on_trial == on_trial] for on_trial in (False, True))
        easy = [LearnerRecipe(name, columns, easier) for name, made in kept for columns in _asked_for(made, offered)]
        plain = [
            LearnerRecipe(name, columns)
            for name, made in kept
            if made.suits(values)
            for columns in _plainly_asked_for(made, offered)
        ]
        trials = [LearnerRecipe(name, columns, easier) for name, made in tried for columns in _asked_for(made, offered)]
        return cls(tuple(dict.fromkeys([*easy, *plain])), () if fast else tuple(trials))

    def __len__(self) -> int:
        return len(self.kept) + len(self.on_trial)


def _asked_for(learner: type[Learner], offered: Menu) -> list[str]:
    """Names of the column sets on which a learner is tried, those that it names first."""
    there = {one.name: one for one in offered}
    named = [name for name in learner.column_sets if name in there]
    others = [one.name for one in offered if learner.takes_all or (learner.by_distances and one.by_distances)]
    return list(dict.fromkeys([*named, *others]))


def _plainly_asked_for(learner: type[Learner], offered: Menu) -> list[str]:
    there = {one.name for one in offered}
    named = [name for name in learner.plain_column_sets if name in there]
    return named[:1] if learner.first_only else named


@dataclass(frozen=True, eq=False)
class Training:
    """The rows that a stack learns from.

    Parameters
    ----------
    matrices
        Name of a column set -> float64 [n, d].
    blocks
        Name of a column set -> positions of the columns of each representation joined in it.
    values
        float64 [n], measured values, and bounds or what they were replaced by (see :func:`matscout.predict.members.
        resolved`); for classification the position of the class.
    labels
        Weights, units and the target.
    folds
        int64 [n], the inner fold of each row.
    described
        Name of a column set that does not describe all rows -> bool [n], those that it does; what learns from it learns
        from these only.
    """

    matrices: Matrices
    blocks: Mapping[str, Blocks]
    values: Floats
    labels: Labels
    folds: NDArray[np.int64]
    described: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)

    @property
    def n_folds(self) -> int:
        """Number of inner folds."""
        return int(self.folds.max()) + 1

    def judged(self) -> Training:
        """The measured rows: only they tell how wrong a prediction is."""
        return self.subset(self.labels.measured)

    def subset(self, rows: NDArray[np.bool_]) -> Training:
        """The chosen rows (bool [n]), themselves if these are all; their folds are numbered anew."""
        if rows.all():
            return self
        matrices = {name: vectors[rows] for name, vectors in self.matrices.items()}
        folds = np.unique(self.folds[rows], return_inverse=True)[1].astype(np.int64)
        described = {name: known[rows] for name, known in self.described.items()}
        return Training(matrices, self.blocks, self.values[rows], self.labels.subset(rows), folds, described)

    def of(self, columns: str, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Those of the chosen rows (bool [n]) that a column set describes."""
        return rows & self.described[columns] if columns in self.described else rows

    def weights(self, rows: NDArray[np.bool_]) -> Floats | None:
        """Weights of the chosen rows, None if all count equally."""
        return None if self.labels.weights is None else self.labels.weights[rows]


@dataclass(frozen=True)
class Effort:
    """Trees of each forest, and the seed of its random choices."""

    n_trees: int
    seed: int


@dataclass(frozen=True)
class StackPlan:
    """How one stack is fitted.

    Parameters
    ----------
    recipes
        What to try.
    lent
        Column sets that hold what was learned from other properties.
    scale
        The scale on which the target is judged: there regressors are chosen and combined, and error bars symmetric.
    metric
        "mae" or "rmse", what a combination of regressors keeps small; classifiers keep the log loss small.
    n_trees, n_fold_trees
        Trees of a forest in the end, and of one that only judges an inner fold.
    seed
        Seed of every random choice.
    """

    recipes: StackRecipes
    lent: frozenset[str]
    scale: Scale
    metric: Metric
    n_trees: int
    n_fold_trees: int
    seed: int

    @property
    def first(self) -> LearnerRecipe:
        """What is always kept."""
        return self.recipes.kept[0]

    @property
    def final(self) -> Effort:
        """For the fit to all rows."""
        return Effort(self.n_trees, self.seed)

    def judging(self, fold: int) -> Effort:
        """For the fit that judges an inner fold."""
        return Effort(self.n_fold_trees, self.seed + fold)


@dataclass(frozen=True)
class Candidate(Stored):
    """What became of a candidate: its error on unseen rows (target's unit or decades; classes: log loss), its weight.

    ``given_up`` after the first inner fold, whose error this is.
    """

    label: str
    error: float
    weight: float
    given_up: bool = False


def own_recipes(recipes: Sequence[LearnerRecipe], lent: frozenset[str]) -> NDArray[np.bool_]:
    """True for each of r recipes that uses no lent columns, [r]."""
    return np.array([recipe.columns not in lent for recipe in recipes], dtype=np.bool_)


def is_hopeless(error: float, least: float) -> bool:
    """Whether a recipe on trial is not worth the other inner folds."""
    return error > HOPELESS * least


def recipes_that_count(weights: Floats) -> NDArray[np.bool_]:
    """True for the first of r recipes, the heaviest, and each of weight ``LEAST_WEIGHT`` or more, [r]."""
    first = np.arange(len(weights)) == 0
    return np.asarray(first | (weights >= LEAST_WEIGHT) | (weights == weights.max()), dtype=np.bool_)
