"""Extremely randomised trees on all rows, judged by a second forest that leaves rows out."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from matscout.predict.learners.base import Classifier, Estimate, Floats, Regressor
from matscout.predict.learners.extra_trees import ExtraTrees, ExtraTreesClassifier
from matscout.predict.states import State, join_states, part_state


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

    out_of_bag: Estimate
    """[n], of the bootstrapped forest; NaN for a row that every tree has seen."""

    def __init__(self, *, n_trees: int = 400, seed: int = 0) -> None:
        self._plain = ExtraTrees(n_trees=n_trees, seed=seed)
        self._judge = ExtraTrees(n_trees=n_trees, bootstrap=True, seed=seed)

    def fit(
        self, vectors: Floats, values: Floats, weights: Floats | None = None, groups: NDArray[Any] | None = None
    ) -> Self:
        """Learn from vectors [n, d] and values [n]; with ``groups`` [n] whole groups are bootstrapped."""
        self._plain.fit(vectors, values, weights)
        self.out_of_bag = self._judge.fit(vectors, values, weights, groups).out_of_bag
        return self

    def predict(self, vectors: Floats) -> Estimate:
        """Estimates for vectors [m, d]."""
        plain = self._plain.predict(vectors)
        return Estimate(plain.mean, plain.median, self._judge.predict(vectors).std)

    def state(self) -> State:
        """Both forests."""
        return join_states({}, {"plain": self._plain.state(), "judge": self._judge.state()})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The fitted forests again (without out-of-bag estimates)."""
        trees = cls()
        trees._plain = ExtraTrees.from_state(part_state(state, "plain"))
        trees._judge = ExtraTrees.from_state(part_state(state, "judge"))
        return trees


class JudgedTreesClassifier(Classifier):
    """Probabilities of a plain forest; out-of-bag probabilities of a bootstrapped one (see :class:`JudgedTrees`)."""

    out_of_bag: Floats
    """[n, c]; NaN for a row that every tree has seen."""

    def __init__(self, *, n_trees: int = 400, seed: int = 0) -> None:
        self._n_trees = n_trees
        self._seed = seed
        self._plain = ExtraTreesClassifier(n_trees=n_trees, seed=seed)

    def fit(
        self,
        vectors: Floats,
        classes: NDArray[np.int64],
        n_classes: int,
        weights: Floats | None = None,
        groups: NDArray[Any] | None = None,
    ) -> Self:
        """Learn from vectors [n, d] and classes [n]; with ``groups`` [n] whole groups are bootstrapped."""
        self._plain.fit(vectors, classes, n_classes, weights)
        judge = ExtraTreesClassifier(n_trees=self._n_trees, bootstrap=True, seed=self._seed)
        self.out_of_bag = judge.fit(vectors, classes, n_classes, weights, groups).out_of_bag
        return self

    def predict(self, vectors: Floats) -> Floats:
        """Probabilities [m, c]."""
        return self._plain.predict(vectors)

    def state(self) -> State:
        """The plain forest: the other one is not needed to predict."""
        return self._plain.state()

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The fitted forest again (without out-of-bag probabilities)."""
        trees = cls()
        trees._plain = ExtraTreesClassifier.from_state(state)
        return trees
