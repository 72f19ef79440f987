"""Eigenvalues of the Coulomb matrix: nuclear charges over the distances between the nearest images of two sites."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.space_groups import niggli_reduced
from matscout.represent.site_matrix import SiteMatrix, charges, coulomb_like

Floats = NDArray[np.float64]


class CoulombMatrix(SiteMatrix):
    """M. Rupp et al., Phys. Rev. Lett. 108, 058301 (2012), doi:10.1103/PhysRevLett.108.058301, with nearest images.

    It was made for molecules. Here, as in matminer, the distance of two sites is that of their nearest images, so that
    it does not matter in which cell of the crystal an atom is written, nor in which lattice vectors. DScribe's takes
    the atoms of a cell for a molecule: the two are equal only if none is nearer over a border of the cell.

    Parameters
    ----------
    most_sites, sorted_rows
        As in :class:`~matscout.represent.site_matrix.SiteMatrix`.
    """

    def matrix(self, crystals: Crystals, row: int) -> Floats:
        """Charges² / Å beside half the charges to the power of 2.4, [sites, sites]."""
        fractional = crystals.fractional[crystals.offsets[row] : crystals.offsets[row + 1]]
        lattice = crystals.lattices[row]
        # In a crooked cell there are thousands of images to look at.
        reduced = niggli_reduced(lattice)
        if np.isfinite(reduced).all():
            fractional, lattice = fractional @ lattice @ np.linalg.inv(reduced), reduced
        return coulomb_like(charges(crystals, row), nearest_images(fractional, np.ascontiguousarray(lattice)))


@njit(cache=True)  # type: ignore[untyped-decorator]
def nearest_images(fractional: Floats, lattice: Floats) -> Floats:
    """Distances of the nearest images of all pairs of sites, Å, [s, 3] and [3, 3] -> [s, s].

    Exact for any cell: images are looked at as far as the nearest of a pair may be, which is no farther than the one
    in the box around the site.
    """
    sites = len(fractional)
    distances = np.zeros((sites, sites))
    # How many planes of lattice points there are for each Å, by lattice vector.
    planes = np.sqrt((np.linalg.inv(lattice) ** 2).sum(axis=0))
    for one in range(sites):
        for other in range(one):
            apart = fractional[other] - fractional[one]
            apart -= np.floor(apart + 0.5)
            distances[one, other] = distances[other, one] = _shortest(apart, lattice, planes)
    return distances


@njit(cache=True)  # type: ignore[untyped-decorator]
def _shortest(apart: Floats, lattice: Floats, planes: Floats) -> float:
    """Length of the shortest vector among ``apart`` (fractional, [3]) and lattice vectors added to it, Å."""
    least = _square(apart[0], apart[1], apart[2], lattice)
    reach = np.floor(np.sqrt(least) * planes + 0.5)
    for i in np.arange(-reach[0], reach[0] + 1.0):
        for j in np.arange(-reach[1], reach[1] + 1.0):
            for k in np.arange(-reach[2], reach[2] + 1.0):
                least = min(least, _square(apart[0] + i, apart[1] + j, apart[2] + k, lattice))
    return float(np.sqrt(least))


@njit(cache=True)  # type: ignore[untyped-decorator]
def _square(a: float, b: float, c: float, lattice: Floats) -> float:
    total = 0.0
    for axis in range(3):
        total += (a * lattice[0, axis] + b * lattice[1, axis] + c * lattice[2, axis]) ** 2
    return total
