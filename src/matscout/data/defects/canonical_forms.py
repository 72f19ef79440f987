"""Arrangements of defects in the form that all arrangements equal to them by symmetry share. Compiled."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Integers = NDArray[np.int64]


def kind_bounds(codes: Integers) -> Integers:
    """Where each kind begins among ascending codes of defects [d], and where the last one ends."""
    _, starts = np.unique(codes, return_index=True)
    return np.append(starts, len(codes)).astype(np.int64)


@njit(cache=True)  # type: ignore[untyped-decorator]
def canonical_forms(rows: Integers, bounds: Integers, permutations: NDArray[np.int32]) -> Integers:
    """The lexicographically smallest image of each list of sites, sorted among defects of one kind, [a, defects].

    Parameters
    ----------
    rows
        int64 [a, defects], contiguous: the sites of each arrangement, those of one kind together.
    bounds
        Of the kinds (:func:`kind_bounds`).
    permutations
        int32 [g, s], where each operation of symmetry takes each site.
    """
    size = rows.shape[1]
    best, image = np.empty_like(rows), np.empty(size, np.int64)
    for at in range(len(rows)):
        for place in range(len(permutations)):
            for column in range(size):
                image[column] = permutations[place, rows[at, column]]
            for group in range(len(bounds) - 1):
                # Insertion: there are few.
                for column in range(bounds[group] + 1, bounds[group + 1]):
                    value, back = image[column], column - 1
                    while back >= bounds[group] and image[back] > value:
                        image[back + 1] = image[back]
                        back -= 1
                    image[back + 1] = value
            smaller = place == 0
            if not smaller:
                for column in range(size):
                    if image[column] != best[at, column]:
                        smaller = image[column] < best[at, column]
                        break
            if smaller:
                for column in range(size):
                    best[at, column] = image[column]
    return best
