"""Inner folds: every learner is judged on the same rows, and rows that belong together stay together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.bool_]


def inner_folds(units: NDArray[np.int64], n_folds: int, seed: int, measured: Rows | None = None) -> NDArray[np.int64]:
    """The fold 0..k-1 of each row, [n]; rows of one unit share a fold, and folds are about equally large.

    Units are dealt out in random order, the large ones first, each to the smallest fold so far. There are at most as
    many folds as units.

    Parameters
    ----------
    units
        int64 [n].
    n_folds
        k at most.
    seed
        Seed of the random order.
    measured
        bool [n], rows that can be judged (None: all). Folds are made equal in these first, so that each has some; a
        unit without any does not count for k.
    """
    _, codes, counts = np.unique(units, return_inverse=True, return_counts=True)
    judged = counts if measured is None else np.bincount(codes[measured], minlength=len(counts))
    n_folds = min(n_folds, int((judged > 0).sum()))
    # A row that can be judged outweighs all that cannot.
    sizes = judged * (len(units) + 1) + counts
    shuffled = np.random.default_rng(seed).permutation(len(sizes))
    order = shuffled[np.argsort(-sizes[shuffled], kind="stable")]
    fold_of_unit = np.zeros(len(sizes), dtype=np.int64)
    rows_in_fold = np.zeros(n_folds, dtype=np.int64)
    for unit in order:
        fold_of_unit[unit] = rows_in_fold.argmin()
        rows_in_fold[fold_of_unit[unit]] += sizes[unit]
    return np.asarray(fold_of_unit[codes], dtype=np.int64)


def divisions(folds: NDArray[np.int64]) -> Iterator[tuple[Rows, Rows]]:
    """(rows to learn from, rows to judge on), bool [n] each, for every fold."""
    for fold in range(int(folds.max()) + 1):
        yield folds != fold, folds == fold
