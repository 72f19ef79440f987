"""Recipes: what a stack may be made of, before it has seen data, and what became of each candidate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from matscout.data.scales import Scale
from matscout.predict.base import Metric
from matscout.predict.hurdle import Hurdle
from matscout.predict.labels import Labels
from matscout.predict.learners.base import Classifier, Regressor
from matscout.predict.learners.extra_trees import ExtraTrees, ExtraTreesClassifier
from matscout.predict.learners.gaussian_process import Blocks, GaussianProcess, GaussianProcessClassifier
from matscout.predict.learners.hist_gradient_boosting import HistGradientBoosting, HistGradientBoostingClassifier
from matscout.predict.learners.neural_ensemble import NeuralEnsemble, NeuralEnsembleClassifier
from matscout.predict.learners.ridge import Ridge
from matscout.predict.transforms import Kind

Floats = NDArray[np.float64]
Matrices = Mapping[str, Floats]
"""Name of a column set -> vectors [n, d]."""

LearnerName = Literal["extra-trees", "gaussian-process", "hurdle", "ridge", "boosting", "networks"]
"""Hurdle and ridge are for numbers only."""
REGRESSORS: dict[LearnerName, type[Regressor]] = {
    "extra-trees": ExtraTrees,
    "gaussian-process": GaussianProcess,
    "hurdle": Hurdle,
    "ridge": Ridge,
    "boosting": HistGradientBoosting,
    "networks": NeuralEnsemble,
}
CLASSIFIERS: dict[LearnerName, type[Classifier]] = {
    "extra-trees": ExtraTreesClassifier,
    "gaussian-process": GaussianProcessClassifier,
    "boosting": HistGradientBoostingClassifier,
    "networks": NeuralEnsembleClassifier,
}
EXTRAPOLATING: frozenset[LearnerName] = frozenset({"gaussian-process", "boosting", "networks"})
"""Can predict beyond the labels they have seen: forests average labels, and ridge is clipped to their range."""
STATISTICS: dict[LearnerName, tuple[str, ...]] = {
    "extra-trees": ("mean", "median"),
    "gaussian-process": ("mean",),
    "hurdle": ("mean", "median"),
    "ridge": ("mean",),
    "boosting": ("mean",),
    "networks": ("mean",),
}
"""What of a regressor's distribution is a candidate of its own."""

HOPELESS = 1.15
"""A recipe on trial is given up if its error in the first inner fold is this many times the least so far."""

LEAST_WEIGHT = 0.03
"""Members with less are left out of the final fit: they cost time and change little."""

MAX_FEATURES = 0.3
"""Fraction of the columns that a tree tries at each split."""


@dataclass(frozen=True)
class Recipe:
    """One learner on one set of columns and one scale of the target."""

    learner: LearnerName
    columns: str
    transform: Kind = "none"

    @property
    def label(self) -> str:
        """As it stands in reports, e.g. ``"extra-trees on magpie, log"``."""
        scale = "" if self.transform == "none" else f", {self.transform}"
        return f"{self.learner} on {self.columns}{scale}"

    @property
    def statistics(self) -> tuple[str, ...]:
        """The statistics that are candidates of a stack for numbers."""
        return STATISTICS[self.learner]

    def regressor(self, effort: Effort, blocks: Blocks) -> Regressor:
        """An unfitted learner of numbers, for columns in such blocks."""
        n_trees, seed = effort.n_trees, effort.seed
        if self.learner == "extra-trees":
            return ExtraTrees(n_trees=n_trees, max_features=MAX_FEATURES, seed=seed)
        if self.learner == "hurdle":
            return Hurdle(n_trees=n_trees, max_features=MAX_FEATURES, seed=seed)
        if self.learner == "ridge":
            return Ridge()
        if self.learner == "boosting":
            return HistGradientBoosting(seed=seed)
        if self.learner == "networks":
            return NeuralEnsemble(seed=seed)
        return GaussianProcess(seed=seed, blocks=blocks)

    def classifier(self, effort: Effort, blocks: Blocks) -> Classifier:
        """An unfitted learner of classes, for columns in such blocks."""
        n_trees, seed = effort.n_trees, effort.seed
        if self.learner == "extra-trees":
            return ExtraTreesClassifier(n_trees=n_trees, max_features=MAX_FEATURES, seed=seed)
        if self.learner == "boosting":
            return HistGradientBoostingClassifier(seed=seed)
        if self.learner == "networks":
            return NeuralEnsembleClassifier(seed=seed)
        return GaussianProcessClassifier(seed=seed, blocks=blocks)


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
class Plan:
    """How one stack is fitted.

    Parameters
    ----------
    recipes
        What to try; the first is always kept.
    on_trial
        What is tried as well, but given up after the first inner fold if ``is_hopeless`` there.
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

    recipes: tuple[Recipe, ...]
    on_trial: tuple[Recipe, ...]
    lent: frozenset[str]
    scale: Scale
    metric: Metric
    n_trees: int
    n_fold_trees: int
    seed: int

    @property
    def n_recipes(self) -> int:
        """All that are tried."""
        return len(self.recipes) + len(self.on_trial)

    @property
    def final(self) -> Effort:
        """For the fit to all rows."""
        return Effort(self.n_trees, self.seed)

    def judging(self, fold: int) -> Effort:
        """For the fit that judges an inner fold."""
        return Effort(self.n_fold_trees, self.seed + fold)


@dataclass(frozen=True)
class Candidate:
    """What became of a candidate: its error on unseen rows (target's unit or decades; classes: log loss), its weight.

    ``given_up`` after the first inner fold, whose error this is.
    """

    label: str
    error: float
    weight: float
    given_up: bool = False


def own_recipes(recipes: Sequence[Recipe], lent: frozenset[str]) -> NDArray[np.bool_]:
    """True for each of r recipes that uses no lent columns, [r]."""
    return np.array([recipe.columns not in lent for recipe in recipes], dtype=np.bool_)


def is_hopeless(error: float, least: float) -> bool:
    """Whether a recipe on trial is not worth the other inner folds."""
    return error > HOPELESS * least


def recipes_that_count(weights: Floats) -> NDArray[np.bool_]:
    """True for the first of r recipes, the heaviest, and each of weight ``LEAST_WEIGHT`` or more, [r]."""
    first = np.arange(len(weights)) == 0
    return np.asarray(first | (weights >= LEAST_WEIGHT) | (weights == weights.max()), dtype=np.bool_)
