"""Trees that take unlabelled rows for negatives, balanced; a random sample of positives is ranked as well so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from matscout.predict.decision_trees import DecisionTrees
from matscout.predict.likeness_learner import Floats, LikenessExamples, LikenessLearner
from matscout.predict.likeness_trees import balanced, grow, shares_of_trees, suitable_leaf

N_TREES = 200
N_FAST = 60


@dataclass(eq=False)
class Naive(LikenessLearner):
    """Known rows against unlabelled ones.

    If known rows are a random sample of their class, P(known | x) is P(class | x) times a constant, so the order is
    the same (Elkan and Noto 2008, doi:10.1145/1401890.1401920).
    """

    trees: DecisionTrees = field(init=False)

    def fit(self, examples: LikenessExamples) -> Self:
        """Grow the trees on all rows."""
        n_trees = N_FAST if examples.fast else N_TREES
        copies = np.tile(balanced(examples.known), (n_trees, 1))
        leaf = suitable_leaf(examples)
        self.trees = grow(examples.vectors, examples.known, copies, examples.seed, leaf)
        return self

    def score(self, vectors: Floats) -> Floats:
        """Mean share of known rows in the leaves."""
        return shares_of_trees(self.trees, vectors)
