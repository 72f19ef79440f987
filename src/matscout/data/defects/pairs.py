"""Pairs of defects within arrangements, at their shortest periodic distance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.data.defects.images import shortest_vectors

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SitePairs:
    """All pairs of defects within the same arrangement.

    Parameters
    ----------
    rows
        int64 [p], the arrangement of each.
    first, second
        int64 [p], positions among all sites.
    distances
        float64 [p], Å, the shortest over periodic images.
    heights
        float64 [p], Å, how far apart along the normal of a layer; 0 where the host is none.
    """

    rows: Integers
    first: Integers
    second: Integers
    distances: Floats
    heights: Floats


def numbered_pairs(offsets: Integers, placed: NDArray[np.bool_]) -> tuple[Integers, Integers, Integers]:
    """The arrangement of each pair of sites, and the two, in the order of arrangements.

    Parameters
    ----------
    offsets
        Arrangement i owns the sites ``offsets[i]:offsets[i + 1]``.
    placed
        bool [n], arrangements whose pairs are wanted.
    """
    sizes = np.where(placed, np.diff(offsets), 0)
    parts = []
    for size in np.unique(sizes[sizes > 1]).tolist():
        rows = np.flatnonzero(sizes == size)
        one, two = np.triu_indices(size, 1)
        starts = offsets[rows][:, None]
        parts.append((np.repeat(rows, len(one)), (starts + one).ravel(), (starts + two).ravel()))
    if not parts:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing, nothing
    rows, first, second = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.argsort(rows, kind="stable")
    return rows[order], first[order], second[order]


def lengths_and_heights(
    steps: Floats, cell: Floats, periodic: tuple[bool, bool, bool], normal: Floats | None
) -> tuple[Floats, Floats]:
    """Shortest lengths of steps [p, 3] in a cell, and how far they go along a normal, Å, [p] each."""
    vectors = shortest_vectors(steps, cell, periodic)
    heights = np.zeros(len(steps)) if normal is None else np.abs(vectors @ normal)
    return np.linalg.norm(vectors, axis=1), heights
