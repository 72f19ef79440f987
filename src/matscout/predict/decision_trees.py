"""Many decision trees as flat arrays, and the values of their leaves for many rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.errors import ArtefactError
from matscout.predict.states import State, Stored
from matscout.workers import threads

Floats = NDArray[np.float64]

ROWS_AT_ONCE = 512
FEW_WALKS = 100_000
"""So many rows times trees are walked through before compiled code, which is faster, is even loaded."""

_KINDS = {
    "roots": ("i8", 1),
    "feature": ("i4", 1),
    "threshold": ("f4", 1),
    "right": ("i4", 1),
    "leaf_values": ("f8", 2),
}
"""Type and number of axes of the arrays of trees."""


@dataclass(frozen=True, eq=False)
class DecisionTrees(Stored):
    """t binary trees whose nodes stand in depth-first order, so that the left child of node i is node i + 1.

    Inputs are compared in single precision, as scikit-learn does: a row goes left where ``input <= threshold``.

    Parameters
    ----------
    roots
        int64 [t], the node at which each tree starts.
    feature
        int32 [nodes], the column that a node splits on; -1 for a leaf.
    threshold
        float32 [nodes].
    right
        int32 [nodes], the right child; for a leaf the row of ``leaf_values`` that belongs to it.
    leaf_values
        float64 [leaves, k].
    """

    roots: NDArray[np.int64]
    feature: NDArray[np.int32]
    threshold: NDArray[np.float32]
    right: NDArray[np.int32]
    leaf_values: Floats

    def __len__(self) -> int:
        return len(self.roots)

    def predict(self, vectors: Floats) -> Floats:
        """The leaf values that each tree gives to each row of vectors [m, d]: [t, m, k]."""
        inputs = self._checked(vectors)
        few = len(self) * len(inputs) <= FEW_WALKS
        leaves = _leaves_of_few(self, inputs) if few else self._leaves(inputs)
        return np.asarray(self.leaf_values[leaves], dtype=np.float64)

    def summed(self, vectors: Floats) -> Floats:
        """The sum of the first leaf values of all trees for each row of vectors [m, d]: [m]."""
        inputs = self._checked(vectors)
        if len(self) * len(inputs) <= FEW_WALKS:
            return np.asarray(self.leaf_values[_leaves_of_few(self, inputs), 0].sum(axis=0), dtype=np.float64)
        from matscout.predict.tree_walks import add_leaves

        sums, values = np.zeros(len(inputs)), np.ascontiguousarray(self.leaf_values[:, 0])

        def fill(start: int) -> None:
            rows = slice(start, start + ROWS_AT_ONCE)
            add_leaves(inputs[rows], self.roots, self.feature, self.threshold, self.right, values, sums[rows])

        with ThreadPoolExecutor(threads()) as pool:
            list(pool.map(fill, range(0, len(inputs), ROWS_AT_ONCE)))
        return sums

    def _checked(self, vectors: Floats) -> NDArray[np.float32]:
        inputs = np.ascontiguousarray(vectors, dtype=np.float32)
        if len(self.feature) and self.feature.max() >= inputs.shape[1]:
            raise ArtefactError(
                f"the trees split on column {self.feature.max()} of vectors with {inputs.shape[1]} columns: the model "
                "is damaged; fit it again"
            )
        return inputs

    def _leaves(self, inputs: NDArray[np.float32]) -> NDArray[np.int32]:
        """The leaf of each tree for each row, [t, m]."""
        from matscout.predict.tree_walks import find_leaves

        leaves = np.empty((len(self), len(inputs)), dtype=np.int32)

        def fill(start: int) -> None:
            rows = slice(start, start + ROWS_AT_ONCE)
            find_leaves(inputs[rows], self.roots, self.feature, self.threshold, self.right, leaves[:, rows])

        with ThreadPoolExecutor(threads()) as pool:
            list(pool.map(fill, range(0, len(inputs), ROWS_AT_ONCE)))
        return leaves

    @classmethod
    def from_state(cls, state: State) -> DecisionTrees:
        """The trees again.

        Raises
        ------
        ValueError
            If the nodes are no trees: native code follows them without looking where they lead.
        """
        trees = super().from_state(state)
        trees._require_sound()
        return trees

    def _require_sound(self) -> None:
        """Every root is a node, every right child a later one, every leaf has values, and all numbers are finite."""
        kinds = {name: (array.dtype.str[1:], array.ndim) for name, array in self.state().arrays.items()}
        if kinds != _KINDS:
            raise ValueError(f"the arrays of the trees are {kinds}")
        nodes = len(self.feature)
        if not nodes == len(self.threshold) == len(self.right):
            raise ValueError("the arrays of the trees differ in length")
        is_leaf = self.feature < 0
        right, own = self.right.astype(np.int64), np.arange(nodes)
        sound = {
            "roots": _all_within(self.roots, 0, nodes),
            "leaves": _all_within(right[is_leaf], 0, len(self.leaf_values)),
            "right children": bool((right[~is_leaf] > own[~is_leaf] + 1).all() and (right[~is_leaf] < nodes).all()),
            "thresholds": bool(np.isfinite(self.threshold[~is_leaf]).all()),
            "values of leaves": bool(np.isfinite(self.leaf_values).all()),
        }
        if wrong := [name for name, is_right in sound.items() if not is_right]:
            raise ValueError(f"the {wrong[0]} of its trees point to no node")


def _all_within(numbers: NDArray[Any], low: int, high: int) -> bool:
    return bool((numbers >= low).all() and (numbers < high).all())


def _leaves_of_few(trees: DecisionTrees, inputs: NDArray[np.float32]) -> NDArray[np.int32]:
    """As :func:`~matscout.predict.tree_walks.find_leaves`, all trees and rows one step at a time, [t, m]."""
    nodes = np.repeat(trees.roots[:, None], len(inputs), axis=1)
    rows = np.arange(len(inputs))[None]
    while (inner := trees.feature[nodes] >= 0).any():
        goes_left = inputs[rows, trees.feature[nodes]] <= trees.threshold[nodes]
        nodes = np.where(inner, np.where(goes_left, nodes + 1, trees.right[nodes]), nodes)
    return trees.right[nodes]


def one_tree(
    left: NDArray[Any], right: NDArray[Any], feature: NDArray[Any], threshold: Floats, values: Floats
) -> DecisionTrees:
    """One tree from node arrays in depth-first order; ``left`` < 0 marks a leaf, ``values`` are [nodes, k]."""
    is_leaf = left < 0
    nodes = np.arange(len(left))
    if (left[~is_leaf] != nodes[~is_leaf] + 1).any():
        raise ValueError("the nodes of a tree must be in depth-first order")
    return DecisionTrees(
        np.zeros(1, dtype=np.int64),
        np.where(is_leaf, -1, feature).astype(np.int32),
        _round_down(np.where(is_leaf, 0.0, threshold)),
        np.where(is_leaf, np.cumsum(is_leaf) - 1, right).astype(np.int32),
        np.ascontiguousarray(values[is_leaf], dtype=np.float64),
    )


def join_trees(parts: Sequence[DecisionTrees]) -> DecisionTrees:
    """All trees of ``parts`` in order."""
    nodes = np.cumsum([0, *[len(part.feature) for part in parts]])
    leaves = np.cumsum([0, *[len(part.leaf_values) for part in parts]])
    right = [
        part.right + np.where(part.feature < 0, first_leaf, first_node).astype(np.int32)
        for part, first_node, first_leaf in zip(parts, nodes[:-1], leaves[:-1], strict=True)
    ]
    return DecisionTrees(
        np.concatenate([part.roots + first for part, first in zip(parts, nodes[:-1], strict=True)]),
        np.concatenate([part.feature for part in parts]),
        np.concatenate([part.threshold for part in parts]),
        np.concatenate(right),
        np.concatenate([part.leaf_values for part in parts]),
    )


def _round_down(thresholds: Floats) -> NDArray[np.float32]:
    """The largest single-precision numbers <= thresholds: comparisons of single-precision inputs stay the same."""
    single = thresholds.astype(np.float32)
    return np.where(single > thresholds, np.nextafter(single, np.float32(-np.inf)), single)
