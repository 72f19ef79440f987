"""Ragged columns: n rows in flat arrays, row i owns the entries ``offsets[i]:offsets[i + 1]``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Rows = slice | NDArray[np.int64] | NDArray[np.bool_] | Sequence[int]
"""Which rows: a range, positions, or True for each row that is wanted."""


def offsets_of(lengths: ArrayLike) -> NDArray[np.int64]:
    """Where each of n rows with so many entries [n] begins, and where the last one ends, [n + 1]."""
    return np.concatenate([[0], np.cumsum(np.asarray(lengths, dtype=np.int64))]).astype(np.int64)


def chosen(offsets: NDArray[np.int64], index: Rows) -> tuple[NDArray[np.int64], slice | NDArray[np.int64]]:
    """The offsets of the chosen rows, and their entries; a slice where they are one range of rows."""
    n = len(offsets) - 1
    if isinstance(index, slice) and index.step in (None, 1):
        start, stop, _ = index.indices(n)
        stop = max(start, stop)
        return offsets[start : stop + 1] - offsets[start], slice(offsets[start], offsets[stop])
    return ranges(offsets, np.arange(n)[index])


def ranges(offsets: NDArray[np.int64], rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The offsets of some rows, in any order and perhaps several times, and the entries that they own."""
    lengths = np.diff(offsets)[rows]
    new_offsets = offsets_of(lengths)
    return new_offsets, np.arange(new_offsets[-1]) + np.repeat(offsets[rows] - new_offsets[:-1], lengths)
