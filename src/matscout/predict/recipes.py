"""Recipes: what a stack may be made of, before it has seen data, and what became of each candidate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from matscout.predict.base import Metric
from matscout.predict.learners.base import Classifier, Regressor
from matscout.predict.learners.extra_trees import ExtraTrees, ExtraTreesClassifier
from matscout.predict.learners.gaussian_process import GaussianProcess, GaussianProcessClassifier
from matscout.predict.transforms import Kind

Floats = NDArray[np.float64]
Matrices = Mapping[str, Floats]
"""Name of a column set -> vectors [n, d]."""

LearnerName = Literal["extra-trees", "gaussian-process"]
REGRESSORS: dict[LearnerName, type[Regressor]] = {"extra-trees": ExtraTrees, "gaussian-process": GaussianProcess}
CLASSIFIERS: dict[LearnerName, type[Classifier]] = {
    "extra-trees": ExtraTreesClassifier,
    "gaussian-process": GaussianProcessClassifier,
}
STATISTICS: dict[LearnerName, tuple[str, ...]] = {"extra-trees": ("mean", "median"), "gaussian-process": ("mean",)}
"""What of a regressor's distribution is a candidate of its own."""


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

    def regressor(self, n_trees: int, seed: int) -> Regressor:
        """An unfitted learner of numbers."""
        if self.learner == "extra-trees":
            return ExtraTrees(n_trees=n_trees, seed=seed)
        return GaussianProcess(seed=seed)

    def classifier(self, n_trees: int, seed: int) -> Classifier:
        """An unfitted learner of classes."""
        if self.learner == "extra-trees":
            return ExtraTreesClassifier(n_trees=n_trees, seed=seed)
        return GaussianProcessClassifier(seed=seed)


@dataclass(frozen=True)
class Plan:
    """How one stack is fitted.

    Parameters
    ----------
    recipes
        What to try.
    metric
        "mae" or "rmse", what a combination of regressors keeps small; classifiers keep the log loss small.
    n_trees, n_fold_trees
        Trees of a forest in the end, and of one that only judges an inner fold.
    seed
        Seed of every random choice.
    """

    recipes: tuple[Recipe, ...]
    metric: Metric
    n_trees: int
    n_fold_trees: int
    seed: int


@dataclass(frozen=True)
class Candidate:
    """What became of a candidate: its error on unseen rows (target's unit; classes: log loss) and its weight."""

    label: str
    error: float
    weight: float
