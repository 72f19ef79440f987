"""The Pareto front: candidates that no other candidate beats in every goal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def pareto_front(merits: NDArray[np.float64]) -> NDArray[np.bool_]:
    """True for rows that no other row dominates, [m].

    Parameters
    ----------
    merits
        float64 [m, goals], larger is better. A row dominates another if it is at least as good everywhere and better
        somewhere; equal rows do not dominate each other.
    """
    distinct, which = np.unique(merits, axis=0, return_inverse=True)
    front = np.zeros(len(distinct), dtype=np.bool_)
    # A row is dominated only by rows with a larger sum: the largest that is left belongs to the front.
    left = np.argsort(-distinct.sum(axis=1), kind="stable")
    while len(left):
        best = left[0]
        front[best] = True
        left = left[(distinct[left] > distinct[best]).any(axis=1)]
    return np.asarray(front[which], dtype=np.bool_)
