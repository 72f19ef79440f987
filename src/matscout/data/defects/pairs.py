"""Pairs of defects within arrangements, at their shortest periodic distance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.data.defects.column_store import Defects, SitePairs
from matscout.data.defects.images import shortest_vectors

Integers = NDArray[np.int64]


def pairs_of(defects: Defects) -> SitePairs:
    """All pairs of defects within arrangements whose positions are known, row by row."""
    rows, first, second = _numbered(defects)
    distances, heights = np.empty(len(rows)), np.zeros(len(rows))
    steps = defects.positions[second] - defects.positions[first]
    for same in defects.same_cells():
        own = np.flatnonzero(np.isin(rows, same))
        if not len(own):
            continue
        host = defects.hosts[defects.host[same[0]]]
        vectors = shortest_vectors(steps[own], defects.cell_of(int(same[0])), host.periodic)
        distances[own] = np.linalg.norm(vectors, axis=1)
        if host.normal is not None:
            heights[own] = np.abs(vectors @ host.normal)
    return SitePairs(rows, first, second, distances, heights)


def _numbered(defects: Defects) -> tuple[Integers, Integers, Integers]:
    """The arrangement of each pair, and its two sites, in the order of arrangements."""
    sizes = np.where(defects.placed, defects.sizes, 0)
    parts = []
    for size in np.unique(sizes[sizes > 1]).tolist():
        rows = np.flatnonzero(sizes == size)
        one, two = np.triu_indices(size, 1)
        starts = defects.offsets[rows][:, None]
        parts.append((np.repeat(rows, len(one)), (starts + one).ravel(), (starts + two).ravel()))
    if not parts:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing, nothing
    rows, first, second = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.argsort(rows, kind="stable")
    return rows[order], first[order], second[order]
