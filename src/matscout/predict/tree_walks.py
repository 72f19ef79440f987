"""From the root of each tree to the leaf of each row. Compiled."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _leaf(
    row: NDArray[np.float32],
    root: np.int64,
    feature: NDArray[np.int32],
    threshold: NDArray[np.float32],
    right: NDArray[np.int32],
) -> np.int32:
    """The leaf of a row [d] in a tree."""
    node = root
    while feature[node] >= 0:
        node = node + 1 if row[feature[node]] <= threshold[node] else right[node]
    leaf: np.int32 = right[node]
    return leaf


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def find_leaves(  # noqa: PLR0917
    inputs: NDArray[np.float32],
    roots: NDArray[np.int64],
    feature: NDArray[np.int32],
    threshold: NDArray[np.float32],
    right: NDArray[np.int32],
    leaves: NDArray[np.int32],
) -> None:
    """Write the leaf of each of m rows [m, d] in each of t trees to ``leaves`` [t, m]; see ``DecisionTrees``."""
    for tree in range(len(roots)):
        for row in range(len(inputs)):
            leaves[tree, row] = _leaf(inputs[row], roots[tree], feature, threshold, right)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def add_leaves(  # noqa: PLR0917
    inputs: NDArray[np.float32],
    roots: NDArray[np.int64],
    feature: NDArray[np.int32],
    threshold: NDArray[np.float32],
    right: NDArray[np.int32],
    values: NDArray[np.float64],
    sums: NDArray[np.float64],
) -> None:
    """Add the value of the leaf of each of m rows [m, d] in each tree, in their order, to ``sums`` [m]."""
    for tree in range(len(roots)):
        for row in range(len(inputs)):
            sums[row] += values[_leaf(inputs[row], roots[tree], feature, threshold, right)]
