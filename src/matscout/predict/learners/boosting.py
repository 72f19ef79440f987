"""Bagged gradient-boosted trees on binned columns (Friedman 2001, doi:10.1214/aos/1013203451)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from matscout.predict.decision_trees import DecisionTrees, join_trees, one_tree
from matscout.predict.ensembles import (
    average_probabilities,
    bootstrap_rows,
    bootstrap_rows_of_all,
    over_members,
)
from matscout.predict.learner import Classifier, Estimate, Floats, Learner, Regressor

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier as SklearnClassifier
    from sklearn.ensemble import HistGradientBoostingRegressor as SklearnRegressor

ROWS_AT_ONCE = 2048
MAXIMUM_LEAVES = 15
"""Leaves of a tree."""
MINIMUM_ROWS_LEAF = 5
"""Rows in a leaf; scikit-learn's 20 is too coarse for a few dozen labels."""


@dataclass(eq=False, kw_only=True)
class _Boosted(Learner):
    """What the regressor and the classifier share: members as trees whose leaf values add up.

    Parameters
    ----------
    n_members
        Boosted models, each on a bootstrap of the rows; their disagreement is the spread.
    n_iterations
        Boosting steps of each.
    learning_rate
        Share of each step that is taken.
    seed
        Seed of all random choices.
    """

    n_members: int = 3
    n_iterations: int = 100
    learning_rate: float = 0.1
    seed: int = 0
    trees: DecisionTrees = field(init=False)
    starts: Floats = field(init=False)

    def _boost(self, vectors: Floats, targets: NDArray[Any], weights: Floats | None, *, classify: bool) -> None:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        maker = HistGradientBoostingClassifier if classify else HistGradientBoostingRegressor
        rng = np.random.default_rng(self.seed)
        inputs = _single(vectors)
        members = []
        for seed in rng.integers(2**31 - 1, size=self.n_members):
            member = maker(
                max_iter=self.n_iterations,
                learning_rate=self.learning_rate,
                max_leaf_nodes=MAXIMUM_LEAVES,
                min_samples_leaf=MINIMUM_ROWS_LEAF,
                l2_regularization=1.0,
                early_stopping=False,
                random_state=int(seed),
            )
            rows = bootstrap_rows_of_all(rng, targets) if classify else bootstrap_rows(rng, len(targets))
            members.append(member.fit(inputs[rows], targets[rows], None if weights is None else weights[rows]))
        self.trees = join_trees([tree for member in members for tree in flatten(member)])
        self.starts = np.concatenate([member._baseline_prediction for member in members])

    def _raw(self, vectors: Floats) -> Floats:
        """Sum of the trees of each member, [n_members, m, k]."""
        blocks = []
        for start in range(0, max(len(vectors), 1), ROWS_AT_ONCE):
            by_tree = self.trees.predict(vectors[start : start + ROWS_AT_ONCE])
            blocks.append(by_tree.reshape(self.n_members, -1, *by_tree.shape[1:]).sum(axis=1))
        return np.asarray(np.concatenate(blocks, axis=1) + self.starts[:, None, :], dtype=np.float64)


@dataclass(eq=False, kw_only=True)
class BoostingClassifier(_Boosted, Classifier):
    """Boosted classification trees, log loss; probabilities are averaged over bagged members.

    Options as in :class:`Boosting`. A class absent from the training rows gets probability 0.
    """

    present: NDArray[np.int64] = field(init=False)
    n_classes: int = field(init=False)

    def fit(self, vectors: Floats, classes: NDArray[np.int64], n_classes: int, weights: Floats | None = None) -> Self:
        """Learn from vectors [n, d] and classes [n] (two or more different ones)."""
        self.present = np.unique(classes)
        self.n_classes = n_classes
        self._boost(vectors, classes, weights, classify=True)
        return self

    def predict(self, vectors: Floats) -> Floats:
        """Probabilities for vectors [m, d]: [m, c]."""
        return average_probabilities(self._raw(vectors), self.present, self.n_classes)


@dataclass(eq=False, kw_only=True)
class Boosting(_Boosted, Regressor):
    """Boosted regression trees, squared error; mean, median and spread over bagged members.

    Options: ``n_members``, ``n_iterations``, ``learning_rate``, ``seed``.
    """

    classifier = BoostingClassifier
    extrapolates = True
    column_sets = ("chemistry", "descriptors", "drfp and descriptors")
    turn = 40

    def fit(self, vectors: Floats, values: Floats, weights: Floats | None = None) -> Self:
        """Learn from vectors [n, d], values [n] and optional weights [n]."""
        self._boost(vectors, values, weights, classify=False)
        return self

    def predict(self, vectors: Floats) -> Estimate:
        """Statistics over the members for vectors [m, d]."""
        return over_members(self._raw(vectors)[:, :, 0])


def _single(vectors: Floats) -> Floats:
    """Rounded to single precision, as :class:`Trees` sees them; scikit-learn wants them in double."""
    return np.asarray(vectors.astype(np.float32), dtype=np.float64)


def flatten(member: SklearnRegressor | SklearnClassifier) -> list[DecisionTrees]:
    """The trees of a fitted scikit-learn model; the one for output j of k has leaf values in column j."""
    k = member._baseline_prediction.shape[1]
    return [_flatten_tree(predictor.nodes, j, k) for step in member._predictors for j, predictor in enumerate(step)]


def _flatten_tree(nodes: NDArray[Any], j: int, k: int) -> DecisionTrees:
    order, waiting = [], [0]
    while waiting:
        node = waiting.pop()
        order.append(node)
        if not nodes["is_leaf"][node]:
            waiting += [int(nodes["right"][node]), int(nodes["left"][node])]
    place = np.empty(len(nodes), dtype=np.int64)
    place[order] = np.arange(len(nodes))
    nodes = nodes[order]
    is_leaf = nodes["is_leaf"] == 1
    values = np.zeros((len(nodes), k))
    values[:, j] = nodes["value"]
    left = np.where(is_leaf, -1, place[nodes["left"]])
    return one_tree(left, place[nodes["right"]], nodes["feature_idx"], nodes["num_threshold"], values)
