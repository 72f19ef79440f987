"""Eigenvalues of the Coulomb matrix: nuclear charges over the distances between the nearest images of two sites."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.space_groups import niggli_reduced
from matscout.data.defects.images import shortest_vectors
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
        return coulomb_like(charges(crystals, row), nearest_images(fractional, lattice))


def nearest_images(fractional: Floats, lattice: Floats) -> Floats:
    """Distances of the nearest images of all pairs of sites, Å, [s, 3] and [3, 3] -> [s, s]; exact for any cell."""
    distances = np.zeros((len(fractional), len(fractional)))
    first, second = np.triu_indices(len(fractional), 1)
    steps = (fractional[second] - fractional[first]) @ lattice
    lengths = np.linalg.norm(shortest_vectors(steps, lattice, (True, True, True)), axis=1)
    distances[first, second] = distances[second, first] = lengths
    return distances
