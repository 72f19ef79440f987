"""Extremely randomised trees, mean and median over trees (Geurts and others 2006, doi:10.1007/s10994-006-6226-1)."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from matscout.predict.alike_columns import ColumnKinds
from matscout.predict.decision_trees import DecisionTrees, join_trees, one_tree
from matscout.predict.ensembles import over_members
from matscout.predict.learner import Classifier, Estimate, Floats, Learner, Regressor

if TYPE_CHECKING:
    from sklearn.tree import ExtraTreeRegressor

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
        from sklearn.tree import ExtraTreeRegressor

        rng = np.random.default_rng(self.seed)
        drawn = self._draw(rng, len(vectors), groups)
        importance = drawn * self._trust(rng, len(vectors), weights)
        _fill_empty(importance, drawn, weights)
        seeds = rng.integers(2**31 - 1, size=self.n_trees)
        kinds = ColumnKinds.of(np.asarray(vectors, dtype=np.float32))
        unit = _unit_of(values)
        values = values / unit

        def grow(position: int) -> DecisionTrees:
            rows = np.flatnonzero(importance[position] > 0)
            columns, inputs = kinds.drawn(int(seeds[position]))
            tree = ExtraTreeRegressor(
                max_features=self.max_features,
                min_samples_leaf=self.min_samples_leaf,
                random_state=int(seeds[position]),
            )
            tree.fit(inputs[rows], values[rows], sample_weight=importance[position][rows], check_input=False)
            return flatten(tree, columns)

        with ThreadPoolExecutor(os.cpu_count() if self.n_jobs < 0 else self.n_jobs) as pool:
            trees = join_trees(list(pool.map(grow, range(self.n_trees))))
        self.trees = replace(trees, leaf_values=trees.leaf_values * unit)
        # A row that was drawn but not trusted counts as seen: others of its group may have been trusted.
        return np.asarray(drawn > 0)

    def _trust(self, rng: np.random.Generator, n: int, weights: Floats | None) -> NDArray[np.bool_]:
        """Which rows each tree may see, [n_trees, n]: as often as their weight is of the largest.

        A weight in the split criterion alone would change nothing where a leaf holds a single row.
        """
        if weights is None:
            return np.ones((self.n_trees, n), dtype=np.bool_)
        return np.asarray(rng.random((self.n_trees, n)) * weights.max() <= weights)

    def _draw(self, rng: np.random.Generator, n: int, groups: NDArray[Any] | None) -> Floats:
        """How often each tree sees each row, [n_trees, n]; rows of one group are drawn together."""
        if not self.bootstrap:
            return np.ones((self.n_trees, n))
        codes = np.arange(n) if groups is None else np.unique(groups, return_inverse=True)[1]
        n_groups = int(codes.max()) + 1
        draws = rng.multinomial(n_groups, np.full(n_groups, 1.0 / n_groups), size=self.n_trees)
        return draws[:, codes].astype(np.float64)


def _unit_of(values: Floats) -> float:
    """The power of two nearest to how far values lie apart; 1 where they do not.

    scikit-learn takes a variance below 2.2e-16 for none, so values around 1e-9 and less would all end in one leaf.
    """
    reach = float(np.ptp(values))
    return 2.0 ** round(float(np.log2(reach))) if np.isfinite(reach) and reach > 0 else 1.0


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


def _fill_empty(importance: Floats, drawn: Floats, weights: Floats | None) -> None:
    """Give a tree that trusts none of the rows drawn for it the heaviest of them; ``importance`` [t, n] is changed."""
    empty = ~(importance > 0).any(axis=1)
    if weights is None or not empty.any():
        return
    heaviness = np.where(drawn[empty] > 0, weights, -1.0)
    importance[empty] = drawn[empty] * (heaviness == heaviness.max(axis=1, keepdims=True))


def flatten(tree: ExtraTreeRegressor, columns: NDArray[np.int64]) -> DecisionTrees:
    """A fitted scikit-learn regression tree as flat arrays; ``columns`` are those of the vectors that it has seen."""
    nodes = tree.tree_
    features = np.where(nodes.feature >= 0, columns[np.maximum(nodes.feature, 0)], nodes.feature)
    return one_tree(nodes.children_left, nodes.children_right, features, nodes.threshold, nodes.value[:, :, 0])
