"""Extremely randomised trees, mean and median over trees (Geurts and others 2006, doi:10.1007/s10994-006-6226-1)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from matscout.predict.alike_columns import ColumnKinds
from matscout.predict.decision_trees import DecisionTrees, join_trees
from matscout.predict.ensembles import over_members
from matscout.predict.learner import Classifier, Estimate, Floats, Learner, Regressor
from matscout.workers import threads

ROWS_AT_ONCE = 2048


@dataclass(eq=False, kw_only=True)
class _Forest(Learner):
    """What the regressor and the classifier share: growing trees on (bootstrapped) rows.

    Parameters
    ----------
    n_trees
        Number of trees.
    max_features
        Fraction of the columns tried at each split.
    min_samples_leaf
        Smallest number of training rows in a leaf.
    bootstrap
        Grow each tree on rows drawn with replacement, so that ``out_of_bag`` estimates exist.
    seed
        Seed of all random choices.
    n_jobs
        Threads that grow trees; -1 uses all cores.
    """

    n_trees: int = 400
    max_features: float = 0.4
    min_samples_leaf: int = 1
    bootstrap: bool = False
    seed: int = 0
    n_jobs: int = -1
    trees: DecisionTrees = field(init=False)

    def _grow(
        self, vectors: Floats, values: Floats, weights: Floats | None, groups: NDArray[Any] | None
    ) -> NDArray[np.bool_]:
        """Grow all trees on values [n, k]; returns which rows each tree has seen, [n_trees, n]."""
        # Compiled code takes a moment to load, and who only predicts needs none.
        from matscout.predict.growing import GrowingRows, GrowingRules, grow_tree

        rng = np.random.default_rng(self.seed)
        drawn = self._draw(rng, len(vectors), groups)
        importance = drawn * self._trust(rng, len(vectors), weights)
        _fill_empty(importance, drawn, weights)
        seeds = rng.integers(2**31 - 1, size=self.n_trees)
        kinds = ColumnKinds.of(np.asarray(vectors, dtype=np.float32))
        rows = GrowingRows.of(kinds.vectors, values)
        rules = GrowingRules(self.max_features, self.min_samples_leaf)

        def grow(positions: NDArray[np.int64]) -> list[DecisionTrees]:
            return [
                grow_tree(rows, kinds.drawn(seed), importance[position], rules, seed=seed)
                for position, seed in zip(positions.tolist(), seeds[positions].tolist(), strict=True)
            ]

        n_threads = threads() if self.n_jobs < 0 else self.n_jobs
        with ThreadPoolExecutor(n_threads) as pool:
            parts = pool.map(grow, np.array_split(np.arange(self.n_trees), n_threads))
            self.trees = join_trees([tree for part in parts for tree in part])
        # A row that was drawn but not trusted counts as seen: others of its group may have been trusted.
        return np.asarray(drawn > 0)

    def _trust(self, rng: np.random.Generator, n: int, weights: Floats | None) -> NDArray[np.bool_]:
        """Which rows each tree may see, [n_trees, n]: as often as their weight is of the largest.

        A weight in the split criterion alone would change nothing where a leaf holds a single row.
        """
        if weights is None:
            return np.ones((self.n_trees, n), dtype=np.bool_)
        return np.asarray(rng.random((self.n_trees, n)) * weights.max() <= weights)

    def _draw(self, rng: np.random.Generator, n: int, groups: NDArray[Any] | None) -> NDArray[np.int64]:
        """How often each tree sees each row, [n_trees, n]; rows of one group are drawn together."""
        if not self.bootstrap:
            return np.ones((self.n_trees, n), dtype=np.int64)
        codes = np.arange(n) if groups is None else np.unique(groups, return_inverse=True)[1]
        n_groups = int(codes.max()) + 1
        draws = rng.multinomial(n_groups, np.full(n_groups, 1.0 / n_groups), size=self.n_trees)
        return np.asarray(draws[:, codes], dtype=np.int64)


@dataclass(eq=False, kw_only=True)
class ExtraTreesClassifier(_Forest, Classifier):
    """Forest for classes.

    After a bootstrapped fit ``out_of_bag`` holds the probabilities of the training rows by the trees that have not seen
    them.

    Grown as regression trees on the class indicators: the sum of their variances is the Gini impurity, so the splits
    are those of a classification tree, and the leaves hold the class fractions.

    Options as in :class:`ExtraTrees`: ``n_trees``, ``max_features`` (fraction of the columns tried at each split),
    ``min_samples_leaf``, ``bootstrap``, ``seed``, ``n_jobs``.
    """

    out_of_bag: Floats = field(init=False, metadata={"stored": False})
    """[n, c]; NaN for a row that every tree has seen (unlikely from 50 trees on)."""

    def fit(
        self,
        vectors: Floats,
        classes: NDArray[np.int64],
        n_classes: int,
        weights: Floats | None = None,
        groups: NDArray[Any] | None = None,
    ) -> Self:
        """Learn from vectors [n, d] and classes [n]; with ``groups`` [n] whole groups are bootstrapped."""
        seen = self._grow(vectors, np.eye(n_classes)[classes], weights, groups)
        if self.bootstrap:
            totals = (self.trees.predict(vectors) * ~seen[:, :, None]).sum(axis=0)
            unseen = (~seen).sum(axis=0)
            self.out_of_bag = totals / np.where(unseen > 0, unseen, np.nan)[:, None]
        return self

    def predict(self, vectors: Floats) -> Floats:
        """Class fractions averaged over the trees for vectors [m, d]: [m, c]."""
        blocks = [
            self.trees.predict(vectors[start : start + ROWS_AT_ONCE]).mean(axis=0)
            for start in range(0, max(len(vectors), 1), ROWS_AT_ONCE)
        ]
        return np.concatenate(blocks)


@dataclass(eq=False, kw_only=True)
class ExtraTrees(_Forest, Regressor):
    """Forest for numbers.

    After a bootstrapped fit ``out_of_bag`` estimates the training rows by the trees that have not seen them.

    Options as in :class:`ExtraTreesClassifier`: ``n_trees``, ``max_features`` (fraction of the columns tried at each
    split), ``min_samples_leaf``, ``bootstrap``, ``seed``, ``n_jobs``.
    """

    classifier = ExtraTreesClassifier
    statistics = ("mean", "median")
    takes_all = True
    plain_column_sets = (
        *("chemistry", "chemistry and donated", "chemistry and structure"),
        *("drfp", "descriptors"),
        "donor",
    )
    on_trial = False
    turn = 0

    out_of_bag: Estimate = field(init=False, metadata={"stored": False})
    """[n]; NaN for a row that every tree has seen (unlikely from 50 trees on)."""

    def fit(
        self, vectors: Floats, values: Floats, weights: Floats | None = None, groups: NDArray[Any] | None = None
    ) -> Self:
        """Learn from vectors [n, d] and values [n]; with ``groups`` [n] whole groups are bootstrapped."""
        seen = self._grow(vectors, np.asarray(values, dtype=np.float64)[:, None], weights, groups)
        if self.bootstrap:
            self.out_of_bag = over_members(np.where(seen, np.nan, self.trees.predict(vectors)[:, :, 0]))
        return self

    def predict(self, vectors: Floats) -> Estimate:
        """Mean, median and standard deviation over the trees for vectors [m, d]."""
        blocks = [
            over_members(self.trees.predict(vectors[start : start + ROWS_AT_ONCE])[:, :, 0])
            for start in range(0, max(len(vectors), 1), ROWS_AT_ONCE)
        ]
        return Estimate(*(np.concatenate([getattr(b, name) for b in blocks]) for name in ("mean", "median", "std")))


def _fill_empty(importance: NDArray[np.int64], drawn: NDArray[np.int64], weights: Floats | None) -> None:
    """Give a tree that trusts none of the rows drawn for it the heaviest of them; ``importance`` [t, n] is changed."""
    empty = ~(importance > 0).any(axis=1)
    if weights is None or not empty.any():
        return
    heaviness = np.where(drawn[empty] > 0, weights, -1.0)
    importance[empty] = drawn[empty] * (heaviness == heaviness.max(axis=1, keepdims=True))
