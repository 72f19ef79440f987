"""How near atoms of crystals come to one another: in Å, and relative to the sum of their covalent radii."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.crystal.tables import own_table
from matscout.data.structures import Structures
from matscout.data.unit_cells import heights_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FARTHEST = 6.0
"""Å; pairs farther apart are not looked at. The largest sum of covalent radii is 5.2."""

_MOST_IMAGES = 12
"""Cells to each side."""

_LARGEST_RADIUS = 2.6


@dataclass(frozen=True, eq=False)
class ClosestPairs:
    """The nearest atoms of each of n crystals.

    Parameters
    ----------
    distances
        float64 [n], Å; infinite where no pair is nearer than :data:`FARTHEST`.
    ratios
        float64 [n], the least distance in sums of the covalent radii (B. Cordero et al., doi:10.1039/b801115j); those
        of two atoms need not be the nearest in Å.
    """

    distances: Floats
    ratios: Floats


def closest_pairs(
    structures: Structures, centres: NDArray[np.bool_] | None = None, enough: float = 0.0
) -> ClosestPairs:
    """The nearest atoms of crystals, over the borders of their cells.

    Parameters
    ----------
    structures
        n crystals.
    centres
        bool [entries]: only pairs of one of these with any other atom are looked at, all if None. One site of each
        orbit is enough.
    enough
        A crystal with a ratio below this is not looked at any further: its numbers are then upper limits.
    """
    if centres is None:
        centres = np.ones(len(structures.atomic_numbers), dtype=np.bool_)
    images = np.clip(np.floor(FARTHEST / np.maximum(heights_of(structures.lattices), 1e-6) + 0.5), 1, _MOST_IMAGES)
    images = np.where(structures.pbc, images, 0.0)
    distances, ratios = _closest(
        structures.lattices,
        images.astype(np.int64),
        structures.offsets,
        structures.fractional_coordinates,
        covalent_radii()[structures.atomic_numbers.astype(np.int64)],
        centres,
        enough,
    )
    return ClosestPairs(distances, ratios)


def covalent_radii() -> Floats:
    """Å, by atomic number (0: no element); elements without one have the largest."""
    radii = own_table("elements").column("covalent radius (Å)")
    return np.concatenate([[0.0], np.where(np.isnan(radii), _LARGEST_RADIUS, radii)])


@njit(cache=True)  # type: ignore[untyped-decorator]
def _closest(  # noqa: PLR0917 - numba compiles it
    lattices: Floats,
    images: Integers,
    offsets: Integers,
    places: Floats,
    radii: Floats,
    centres: NDArray[np.bool_],
    enough: float,
) -> tuple[Floats, Floats]:
    distances, ratios = np.full(len(lattices), np.inf), np.full(len(lattices), np.inf)
    for row in range(len(lattices)):
        for first in range(offsets[row], offsets[row + 1]):
            if centres[first]:
                for second in range(offsets[row], offsets[row + 1]):
                    if ratios[row] < enough:
                        break
                    distance = _nearest_image(lattices[row], images[row], places[second] - places[first])
                    distances[row] = min(distances[row], distance)
                    ratios[row] = min(ratios[row], distance / (radii[first] + radii[second]))
    return distances, ratios


@njit(cache=True)  # type: ignore[untyped-decorator]
def _nearest_image(lattice: Floats, images: Integers, apart: Floats) -> float:
    """Distance to the nearest image of a site that is not the first site itself; infinite beyond the cutoff."""
    least = FARTHEST * FARTHEST
    x, y, z = apart[0] - np.round(apart[0]), apart[1] - np.round(apart[1]), apart[2] - np.round(apart[2])
    itself = apart[0] == 0.0 and apart[1] == 0.0 and apart[2] == 0.0
    for i in range(-images[0], images[0] + 1):
        for j in range(-images[1], images[1] + 1):
            for k in range(-images[2], images[2] + 1):
                if itself and i == 0 and j == 0 and k == 0:
                    continue
                squared = 0.0
                for axis in range(3):
                    length = (x + i) * lattice[0, axis] + (y + j) * lattice[1, axis] + (z + k) * lattice[2, axis]
                    squared += length * length
                least = min(least, squared)
    return np.sqrt(least) if least < FARTHEST * FARTHEST else np.inf
