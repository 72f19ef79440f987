"""Extremely randomised trees on all rows, with errors estimated by a second forest that leaves rows out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from matscout.predict.learner import Classifier, Estimate, Floats, Regressor
from matscout.predict.learners.extra_trees import ExtraTrees, ExtraTreesClassifier


@dataclass(eq=False, kw_only=True)
class JudgedTreesClassifier(Classifier):
    """Probabilities of a plain forest; out-of-bag probabilities of a bootstrapped one (see :class:`JudgedTrees`)."""

    n_trees: int = 400
    seed: int = 0
    plain: ExtraTreesClassifier = field(init=False)
    out_of_bag: Floats = field(init=False, metadata={"stored": False})
    """[n, c]; NaN for a row that every tree has seen."""

    def fit(
        self,
        vectors: Floats,
        classes: NDArray[np.int64],
        n_classes: int,
        weights: Floats | None = None,
        groups: NDArray[Any] | None = None,
    ) -> Self:
        """Learn from vectors [n, d] and classes [n]; with ``groups`` [n] whole groups are bootstrapped."""
        plain, judge = (
            ExtraTreesClassifier(n_trees=self.n_trees, bootstrap=bootstrap, seed=self.seed)
            for bootstrap in (False, True)
        )
        self.plain = plain.fit(vectors, classes, n_classes, weights)
        self.out_of_bag = judge.fit(vectors, classes, n_classes, weights, groups).out_of_bag
        return self

    def predict(self, vectors: Floats) -> Floats:
        """Probabilities [m, c]."""
        return self.plain.predict(vectors)


@dataclass(eq=False, kw_only=True)
class JudgedTrees(Regressor):
    """Mean and median of a plain forest; spread and out-of-bag estimates of a bootstrapped one.

    Trees on bootstrapped rows see 63 % of them and predict up to 10 % worse on few labels, but only they can say
    how well they predict rows that they have not seen. So each forest does what it is good at.

    Parameters
    ----------
    n_trees
        Number of trees of each of the two forests.
    seed
        Seed of all random choices.
    """

    classifier = JudgedTreesClassifier

    n_trees: int = 400
    seed: int = 0
    plain: ExtraTrees = field(init=False)
    judge: ExtraTrees = field(init=False)
    out_of_bag: Estimate = field(init=False, metadata={"stored": False})
    """[n], of the bootstrapped forest; NaN for a row that every tree has seen."""

    def fit(
        self, vectors: Floats, values: Floats, weights: Floats | None = None, groups: NDArray[Any] | None = None
    ) -> Self:
        """Learn from vectors [n, d] and values [n]; with ``groups`` [n] whole groups are bootstrapped."""
        self.plain = ExtraTrees(n_trees=self.n_trees, seed=self.seed).fit(vectors, values, weights)
        self.judge = ExtraTrees(n_trees=self.n_trees, bootstrap=True, seed=self.seed)
        self.out_of_bag = self.judge.fit(vectors, values, weights, groups).out_of_bag
        return self

    def predict(self, vectors: Floats) -> Estimate:
        """Estimates for vectors [m, d]."""
        plain = self.plain.predict(vectors)
        return Estimate(plain.mean, plain.median, self.judge.predict(vectors).std)
