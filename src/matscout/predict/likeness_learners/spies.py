"""Two steps: unlabelled rows that score below hidden known ones are reliable negatives, and trees learn from these."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.predict.decision_trees import DecisionTrees
from matscout.predict.likeness_learner import Floats, LikenessExamples, LikenessLearner
from matscout.predict.likeness_trees import balanced, bootstrapped, grow, out_of_bag, shares_of_trees, suitable_leaf

N_TREES = 200
N_FAST = 60
SPIES = 7
"""One known row in so many is hidden among the unlabelled ones."""
LOW = 0.05
"""Unlabelled rows below this quantile of the hidden ones are reliable negatives."""
FEWEST = 20
"""Reliable negatives that the second step needs; with fewer all unlabelled rows stand for them."""


@dataclass(eq=False)
class Spies(LikenessLearner):
    """Two-step learning with spies (Liu and others 2002, ICML, 387-394)."""

    trees: DecisionTrees = field(init=False)

    def fit(self, examples: LikenessExamples) -> Self:
        """Find reliable negatives, then learn from these and the known rows."""
        n_trees = N_FAST if examples.fast else N_TREES
        leaf = suitable_leaf(examples)
        rows = examples.known | reliable_negatives(examples, n_trees // 2, leaf)
        vectors, known = examples.vectors[rows], examples.known[rows]
        copies = np.tile(balanced(known), (n_trees, 1))
        self.trees = grow(vectors, known, copies, examples.seed, leaf)
        return self

    def score(self, vectors: Floats) -> Floats:
        """Mean share of known rows in the leaves."""
        return shares_of_trees(self.trees, vectors)


def reliable_negatives(examples: LikenessExamples, n_trees: int, leaf: int) -> NDArray[np.bool_]:
    """Unlabelled rows that score lower than nearly all spies do, by trees that have seen neither, bool [n]."""
    rng = np.random.default_rng(examples.seed)
    known = np.flatnonzero(examples.known)
    spies = rng.choice(known, max(1, len(known) // SPIES), replace=False)
    shown = examples.known.copy()
    shown[spies] = False
    copies = bootstrapped(balanced(shown), n_trees, examples.seed)
    scores = out_of_bag(grow(examples.vectors, shown, copies, examples.seed, leaf), examples.vectors, copies)
    low = float(np.nanquantile(scores[spies], LOW))
    chosen = ~examples.known & (scores < low)
    return chosen if chosen.sum() >= FEWEST else ~examples.known
