"""Several orders of the same materials as one, and a choice of different ones among the best."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Name = TypeVar("Name", bound=Hashable)

OFFSET = 60
"""Added to every rank, so that the first places of one order do not outweigh all others; of the paper."""
ROUNDING = 2e-6
"""Similarities, computed in single precision, that differ by less are equal."""


def reciprocal_rank_fusion(orders: Sequence[Mapping[Name, int]]) -> dict[Name, float]:
    """Name -> score, the best first: the sum over orders (name -> rank, from 1) of 1 / (60 + rank).

    G. V. Cormack, C. L. A. Clarke and S. Buettcher, doi:10.1145/1571941.1572114. What an order does not hold gets
    nothing from it.
    """
    scores: dict[Name, float] = {}
    for order in orders:
        for name, rank in order.items():
            scores[name] = scores.get(name, 0.0) + 1.0 / (OFFSET + rank)
    return dict(sorted(scores.items(), key=lambda item: -item[1]))


def tied_ranks(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rank of each of n values, the largest first, from 1; those that are equal but for rounding share the best."""
    rising = np.sort(values)
    return np.asarray(1 + len(values) - np.searchsorted(rising, values + ROUNDING, side="right"), dtype=np.int64)


def maximal_marginal_relevance(
    relevance: NDArray[np.float64], likeness: NDArray[np.float64], count: int, diversity: float
) -> NDArray[np.int64]:
    """Positions of relevant and different things, in the order in which they are chosen.

    J. Carbonell and J. Goldstein, doi:10.1145/290941.291025: each next one has the largest (1 - diversity) * relevance
    - diversity * (its largest likeness to one chosen before).

    Parameters
    ----------
    relevance
        Of n things, [n].
    likeness
        Of each pair, [n, n], on the same scale.
    count
        How many to choose; all if there are fewer.
    diversity
        0 chooses by relevance alone.
    """
    chosen: list[int] = []
    nearest = np.full(len(relevance), -np.inf)
    for _ in range(min(count, len(relevance))):
        unlike = np.where(np.isfinite(nearest), nearest, 0.0)
        gain = (1 - diversity) * relevance - diversity * unlike
        gain[chosen] = -np.inf
        chosen.append(int(gain.argmax()))
        nearest = np.maximum(nearest, likeness[chosen[-1]])
    return np.array(chosen, dtype=np.int64)
