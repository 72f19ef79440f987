"""Several orders of the same materials as one, and a choice of different ones among the best."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Name = TypeVar("Name", bound=Hashable)

OFFSET = 60
"""Added to every rank, so that the first places of one order do not outweigh all others; of the paper."""


def reciprocal_rank_fusion(orders: Sequence[Sequence[Name]]) -> dict[Name, float]:
    """Name -> score, the best first: the sum over orders of 1 / (60 + rank), ranks from 1.

    G. V. Cormack, C. L. A. Clarke and S. Buettcher, doi:10.1145/1571941.1572114. What an order does not hold gets
    nothing from it.
    """
    scores: dict[Name, float] = {}
    for order in orders:
        for rank, name in enumerate(order, start=1):
            scores[name] = scores.get(name, 0.0) + 1.0 / (OFFSET + rank)
    return dict(sorted(scores.items(), key=lambda item: -item[1]))


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
