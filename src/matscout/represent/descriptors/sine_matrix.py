"""Eigenvalues of the sine matrix: nuclear charges over a distance that is periodic in the cell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.represent.site_matrix import SiteMatrix, charges, coulomb_like

Floats = NDArray[np.float64]


class SineMatrix(SiteMatrix):
    """F. Faber et al., Int. J. Quantum Chem. 115, 1094 (2015), doi:10.1002/qua.24917, as in DScribe.

    The length of the vector whose components along the lattice vectors are the squared sines of pi times those of the
    vector between two sites stands for their distance. It depends on which lattice vectors the structure is written in.

    Parameters
    ----------
    most_sites, sorted_rows
        As in :class:`~matscout.represent.site_matrix.SiteMatrix`.
    """

    def matrix(self, crystals: Crystals, row: int) -> Floats:
        """Charges² / Å beside half the charges to the power of 2.4, [sites, sites]."""
        fractional = crystals.fractional[crystals.offsets[row] : crystals.offsets[row + 1]]
        sines = np.sin(np.pi * (fractional[:, None] - fractional)) ** 2
        distances = np.sqrt(((sines @ crystals.lattices[row]) ** 2).sum(axis=2))
        return coulomb_like(charges(crystals, row), distances)
