"""Trees on all known rows and as many drawn unlabelled ones, draw after draw (doi:10.1016/j.patrec.2013.06.010)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from matscout.predict.decision_trees import DecisionTrees
from matscout.predict.likeness_learner import Floats, LikenessExamples, LikenessLearner
from matscout.predict.likeness_trees import grow, shares_of_trees, suitable_leaf

N_DRAWS, N_EACH = 40, 5
N_FAST = 12


@dataclass(eq=False)
class Bag(LikenessLearner):
    """Bagging (Mordelet and Vert 2014): what is drawn holds few rows of the known class, and not the same each time."""

    trees: DecisionTrees = field(init=False)

    def fit(self, examples: LikenessExamples) -> Self:
        """Grow some trees on each draw."""
        rng = np.random.default_rng(examples.seed)
        known, unlabelled = np.flatnonzero(examples.known), np.flatnonzero(~examples.known)
        copies = np.zeros((N_FAST if examples.fast else N_DRAWS, len(examples.known)), dtype=np.int64)
        for line in copies:
            line[known] = 1
            line[rng.choice(unlabelled, min(len(known), len(unlabelled)), replace=False)] = 1
        each = np.repeat(copies, N_EACH, axis=0)
        leaf = suitable_leaf(examples)
        self.trees = grow(examples.vectors, examples.known, each, examples.seed, leaf)
        return self

    def score(self, vectors: Floats) -> Floats:
        """Mean share of known rows in the leaves."""
        return shares_of_trees(self.trees, vectors)
