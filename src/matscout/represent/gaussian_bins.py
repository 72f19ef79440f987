"""Histograms in which every value is a Gaussian, so that nothing jumps where a value crosses the edge of a bin."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

REACH = 6.0
"""Standard deviations; 2e-9 of a Gaussian lies beyond them."""


@njit(cache=True)  # type: ignore[untyped-decorator]
def gaussian_shares(value: float, step: float, width: float, shares: Floats) -> tuple[int, int]:
    """How much of a Gaussian lies in each bin; what lies outside of all bins is lost.

    Parameters
    ----------
    value, width
        Mean and standard deviation; with a width of 0 the bin of the mean gets everything.
    step
        Width of the bins, of which the first begins at 0.
    shares
        float64 [bins], written where it matters.

    Returns
    -------
    tuple
        The bins ``first:last`` were written.
    """
    bins = len(shares)
    if width == 0.0:
        place = int(value / step)
        # As numpy's histogram compares with the edges, k times the step.
        place += int((place + 1) * step <= value) - int(place * step > value)
        if 0 <= place < bins:
            shares[place] = 1.0
        return min(max(place, 0), bins), min(max(place + 1, 0), bins)
    first = min(max(int((value - REACH * width) // step), 0), bins)
    last = min(max(int((value + REACH * width) // step) + 1, 0), bins)
    below = math.erf((first * step - value) / (width * math.sqrt(2.0)))
    for place in range(first, last):
        above = math.erf(((place + 1) * step - value) / (width * math.sqrt(2.0)))
        shares[place] = (above - below) / 2.0
        below = above
    return first, last
