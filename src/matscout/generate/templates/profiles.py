"""Contact profiles: how far the atoms of each two elements are from one another, whatever the elements and the size.

Structures that the usual matching of structures calls equal have close profiles. A profile does not change with the
origin, the choice of cell or a mirror image, and costs microseconds, so that all templates of a stoichiometry can be
sorted into prototypes by it.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int64]

FIRST, STEP, BINS = 0.45, 0.1, 18
"""Bins of distances, in units of the cube root of the volume per atom: centre of the first, distance, number."""
WIDTH = 0.13
"""Standard deviation of the Gaussian that each distance becomes, in the same unit."""
REACH = FIRST + STEP * BINS
"""Longest distance that is seen, in the same unit."""


def pair_of(first: int, second: int, slots: int) -> int:
    """Place of a pair of slots among the slots * (slots + 1) / 2 pairs."""
    low, high = min(first, second), max(first, second)
    return low * slots - low * (low - 1) // 2 + high - low


def pair_table(slots: int) -> Integers:
    """The place of each pair, int64 [slots, slots]."""
    return np.array([[pair_of(first, second, slots) for second in range(slots)] for first in range(slots)])


def contact_profiles(
    lattices: Floats, offsets: Integers, fractional: Floats, slots: NDArray[np.int64], n_slots: int
) -> tuple[Singles, Singles]:
    """Profiles of n crystals whose atoms belong to ``n_slots`` slots (elements in a fixed order).

    Parameters
    ----------
    lattices
        float64 [n, 3, 3], Å, rows.
    offsets
        int64 [n + 1]: the atoms of each.
    fractional
        float64 [atoms, 3].
    slots
        int64 [atoms].
    n_slots
        How many elements each of them has.

    Returns
    -------
    Neighbours per atom of the crystal at each distance, divided by the square of the distance, float32 [n, pairs,
    BINS]; and the shortest distance of each pair, float32 [n, pairs]. Distances are in units of the cube root of the
    volume per atom.
    """
    n, pairs = len(lattices), n_slots * (n_slots + 1) // 2
    profiles = np.zeros((n, pairs, BINS), dtype=np.float32)
    nearest = np.full((n, pairs), REACH, dtype=np.float32)
    _fill(lattices, offsets, fractional, slots, pair_table(n_slots), profiles, nearest)
    return profiles, nearest


@njit(cache=True)  # type: ignore[untyped-decorator]
def _fill(  # noqa: PLR0917
    lattices: Floats,
    offsets: Integers,
    fractional: Floats,
    slots: Integers,
    pairs: Integers,
    out: Singles,
    nearest: Singles,
) -> None:
    for row in range(len(lattices)):
        start, stop = offsets[row], offsets[row + 1]
        lattice, atoms = lattices[row], stop - start
        volume = abs(np.linalg.det(lattice))
        length = (volume / atoms) ** (1 / 3)
        cutoff = REACH * length
        inverse = np.linalg.inv(lattice)
        images = np.empty(3, dtype=np.int64)
        for axis in range(3):
            images[axis] = math.ceil(cutoff * math.sqrt((inverse[:, axis] ** 2).sum()))
        for one in range(start, stop):
            for other in range(one, stop):
                delta = fractional[other] - fractional[one]
                delta -= np.floor(delta)
                pair = pairs[slots[one], slots[other]]
                weight = 1.0 if one == other else 2.0
                for i in range(-images[0] - 1, images[0] + 1):
                    for j in range(-images[1] - 1, images[1] + 1):
                        for k in range(-images[2] - 1, images[2] + 1):
                            x = (delta[0] + i) * lattice[0, 0] + (delta[1] + j) * lattice[1, 0]
                            x += (delta[2] + k) * lattice[2, 0]
                            y = (delta[0] + i) * lattice[0, 1] + (delta[1] + j) * lattice[1, 1]
                            y += (delta[2] + k) * lattice[2, 1]
                            z = (delta[0] + i) * lattice[0, 2] + (delta[1] + j) * lattice[1, 2]
                            z += (delta[2] + k) * lattice[2, 2]
                            square = x * x + y * y + z * z
                            if square > cutoff * cutoff or square < 1e-6:
                                continue
                            distance = math.sqrt(square) / length
                            nearest[row, pair] = min(nearest[row, pair], distance)
                            amount = weight / (atoms * distance * distance)
                            low = max(0, int((distance - FIRST) / STEP) - 3)
                            for place in range(low, min(BINS, low + 8)):
                                away = (distance - FIRST - place * STEP) / WIDTH
                                out[row, pair, place] += amount * math.exp(-0.5 * away * away)
