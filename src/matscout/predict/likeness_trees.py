"""Trees that tell known from unlabelled rows, each tree on rows with weights of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.predict.decision_trees import DecisionTrees
from matscout.predict.learners.extra_trees import ExtraTreesClassifier
from matscout.predict.likeness_learner import LikenessExamples
from matscout.predict.recall_curves import area

Floats = NDArray[np.float64]
Copies = NDArray[np.int64]

ROWS_AT_ONCE = 2048

LEAVES = (1, 3, 10, 30)
"""Smallest numbers of rows in a leaf that are tried."""
N_TRYING, N_TRYING_FAST = 40, 10
"""Trees that try each of them, usually and in a fast fit."""
CLEARLY = 0.003
"""Larger leaves must win so much area: small ones tell the rows with the highest scores better apart."""
MAX_FEATURES = 0.2
"""Share of the columns tried at each split."""


@dataclass(eq=False, kw_only=True)
class _WeightedTrees(ExtraTreesClassifier):
    """Grown with weights that are given."""

    max_features: float = MAX_FEATURES
    copies: Copies = field(metadata={"stored": False})

    def _draw(self, rng: np.random.Generator, n: int, groups: NDArray[Any] | None) -> Copies:
        return self.copies


def balanced(known: NDArray[np.bool_]) -> Copies:
    """Whole weights [n] that make known and unlabelled rows weigh about the same."""
    n_known, n_unlabelled = int(known.sum()), int((~known).sum())
    return np.where(
        known,
        max(1, round(n_unlabelled / max(n_known, 1))),
        max(1, round(n_known / max(n_unlabelled, 1))),
    ).astype(np.int64)


def bootstrapped(weights: Copies, n_trees: int, seed: int) -> Copies:
    """The weights [n] of rows drawn with replacement, [n_trees, n]."""
    rng, n = np.random.default_rng(seed), len(weights)
    return rng.multinomial(n, np.full(n, 1.0 / n), size=n_trees) * weights


def grow(vectors: Floats, known: NDArray[np.bool_], copies: Copies, seed: int, leaf: int = 1) -> DecisionTrees:
    """A tree for each line of ``copies``.

    Parameters
    ----------
    vectors
        float64 [n, d].
    known
        bool [n].
    copies
        int64 [trees, n], the weight of each row in each tree; rows of weight 0 are not seen.
    seed
        Seed of all random choices.
    leaf
        Smallest number of rows in a leaf.
    """
    forest = _WeightedTrees(n_trees=len(copies), seed=seed, copies=copies, min_samples_leaf=leaf)
    return forest.fit(vectors, known.astype(np.int64), 2).trees


def suitable_leaf(examples: LikenessExamples) -> int:
    """How many rows a leaf holds at least, by the area on rows that bootstrapped trees had not seen.

    Where chemistry tells known rows apart, single rows are best; where known and unlabelled rows overlap, trees that
    learn each row by heart are far from the best order.
    """
    vectors, known, seed = examples.vectors, examples.known, examples.seed
    copies = bootstrapped(balanced(known), N_TRYING_FAST if examples.fast else N_TRYING, seed)
    best, most = 1, -np.inf
    for leaf in LEAVES:
        scores = out_of_bag(grow(vectors, known, copies, seed, leaf), vectors, copies)
        scored = np.isfinite(scores)
        reached = area(scores[scored & known], scores[scored & ~known]) if (scored & known).any() else 0.5
        if reached > most + CLEARLY:
            best, most = leaf, reached
    return best


def shares_of_trees(trees: DecisionTrees, vectors: Floats) -> Floats:
    """Mean share of known rows in the leaves of vectors [m, d], [m]."""
    blocks = [
        trees.predict(vectors[start : start + ROWS_AT_ONCE])[:, :, 1].mean(axis=0)
        for start in range(0, max(len(vectors), 1), ROWS_AT_ONCE)
    ]
    return np.concatenate(blocks)


def out_of_bag(trees: DecisionTrees, vectors: Floats, copies: Copies) -> Floats:
    """The same for rows [n] that the trees learned from, over those trees that have not seen a row; else NaN."""
    unseen = copies == 0
    places = [slice(start, start + ROWS_AT_ONCE) for start in range(0, len(vectors), ROWS_AT_ONCE)]
    votes = [(trees.predict(vectors[place])[:, :, 1] * unseen[:, place]).sum(axis=0) for place in places]
    counts = unseen.sum(axis=0)
    return np.asarray(np.concatenate(votes) / np.where(counts > 0, counts, np.nan), dtype=np.float64)
