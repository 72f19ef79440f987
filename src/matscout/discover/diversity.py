"""A diverse batch: what to make next when several things are made at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.data.materials import Materials
from matscout.predict.domain import Domain

POOL = 50
"""Candidates considered for each place in the batch."""

LARGEST_POOL = 2000
"""Candidates considered at most (their similarities are a square table)."""


def similarities(materials: Materials) -> NDArray[np.float64]:
    """Similarity of each pair of materials by composition, 0..1, [m, m] (see :mod:`matscout.predict.domain`)."""
    found = Domain(materials.compositions, 0.0, {}).nearest(materials, k=len(materials))
    table = np.zeros((len(materials), len(materials)))
    np.put_along_axis(table, found.rows, found.similarities, axis=1)
    return table


def diverse_batch(materials: Materials, size: int) -> NDArray[np.int64]:
    """Positions of ``size`` good and different candidates, in the order in which they were chosen.

    Greedy: the first is the best; each next one has the largest product of its merit, which falls from 1 for the first
    to 0 behind the last candidate considered, and its dissimilarity to the most similar one chosen so far.

    Parameters
    ----------
    materials
        m candidates, best first; the first ``POOL * size`` are considered.
    """
    considered = min(len(materials), max(size, min(POOL * size, LARGEST_POOL)))
    merit = 1.0 - np.arange(considered) / considered
    table = similarities(materials[:considered])
    chosen: list[int] = []
    nearest = np.zeros(considered)
    for _ in range(min(size, considered)):
        gain = np.where(np.isin(np.arange(considered), chosen), -1.0, merit * (1.0 - nearest))
        chosen.append(int(gain.argmax()))
        nearest = np.maximum(nearest, table[chosen[-1]])
    return np.array(chosen, dtype=np.int64)
