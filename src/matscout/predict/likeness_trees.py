"""Trees that tell known from unlabelled rows, each tree on rows with weights of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.predict.decision_trees import DecisionTrees
from matscout.predict.learners.extra_trees import ExtraTreesClassifier

Floats = NDArray[np.float64]
Copies = NDArray[np.int64]

ROWS_AT_ONCE = 2048


@dataclass(eq=False, kw_only=True)
class _WeightedTrees(ExtraTreesClassifier):
    """Grown with weights that are given."""

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


def grow(vectors: Floats, known: NDArray[np.bool_], copies: Copies, seed: int) -> DecisionTrees:
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
    """
    forest = _WeightedTrees(n_trees=len(copies), seed=seed, copies=copies)
    return forest.fit(vectors, known.astype(np.int64), 2).trees


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
