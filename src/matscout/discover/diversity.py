"""A diverse batch: what to make next when several things are made at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.data.materials import Materials
from matscout.discover.candidate_kinds import candidate_kind
from matscout.predict.domain import Domain

POOL = 50
"""Candidates considered for each place in the batch."""

LARGEST_POOL = 2000
"""Candidates considered at most (their similarities are a square table)."""


FLOOR_SHARE = 0.02
"""A proposal is among this share of all ranked candidates,"""
FLOOR_FEWEST = 20
"""or among the first so many, where these are more;"""
FLOOR_SCORE = 0.5
"""and its score is at least so far up the way from the median of all scores to the best. Measured on six tasks with 100
labels, batches of 8: against no floor, 32 % instead of 19 % of the proposals are among the true best twentieth, and 0.3
proposals fewer are made (benchmarks/results/batch_floor.md)."""


def worth_making(scores: NDArray[np.float64]) -> int:
    """How many of n ranked candidates are above the floor; at least one, if there are any.

    Parameters
    ----------
    scores
        float64 [n], descending.
    """
    if not len(scores):
        return 0
    middle = float(np.median(scores))
    high = int((scores >= middle + FLOOR_SCORE * (scores[0] - middle)).sum())
    return max(1, min(high, max(int(np.ceil(FLOOR_SHARE * len(scores))), FLOOR_FEWEST)))


def systems_of(materials: Materials) -> NDArray[np.str_]:
    """What candidates have in common that differ in details only: the host system, of reactions what is made, [m].

    Where no product is named, it is what reacts.
    """
    return candidate_kind(materials).systems(materials)


def system_noun(materials: Materials) -> str:
    """What :func:`systems_of` gives is called, in the singular."""
    return candidate_kind(materials).system_noun(materials)


def similarities(materials: Materials) -> NDArray[np.float64]:
    """Similarity of each pair of materials, or reactions, 0..1, [m, m] (see :mod:`matscout.predict.measures`)."""
    nearest = Domain.yardstick(materials).nearest(materials, k=len(materials))
    table = np.zeros((len(materials), len(materials)))
    np.put_along_axis(table, nearest.rows, nearest.similarities, axis=1)
    return table


def diverse_batch(materials: Materials, size: int) -> NDArray[np.int64]:
    """Positions of ``size`` good and different candidates, in the order in which they were chosen.

    Greedy: the first is the best; each next one has the largest product of its merit, which falls from 1 for the first
    to 0 behind the last candidate considered, and its dissimilarity to the most similar one chosen so far. No two are
    of one :func:`system <systems_of>` while another system is left among those considered.

    Parameters
    ----------
    materials
        m candidates, best first; the first ``POOL * size`` are considered.
    """
    considered = min(len(materials), max(size, min(POOL * size, LARGEST_POOL)))
    merit = 1.0 - np.arange(considered) / considered
    table = similarities(materials[:considered])
    systems = systems_of(materials[:considered])
    chosen: list[int] = []
    nearest = np.zeros(considered)
    repeated = np.zeros(considered, dtype=np.bool_)
    for _ in range(min(size, considered)):
        # the product lies in 0..1, so that a step of 1 puts every repeated system behind every new one
        gain = merit * (1.0 - nearest) - repeated
        gain[chosen] = -np.inf
        chosen.append(int(gain.argmax()))
        nearest = np.maximum(nearest, table[chosen[-1]])
        repeated |= systems == systems[chosen[-1]]
    return np.array(chosen, dtype=np.int64)
