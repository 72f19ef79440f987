"""Eigenvalues of the Ewald sum matrix: Coulomb energies of pairs of nuclei with all their images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfc

from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import pairs_within
from matscout.represent.site_matrix import MOST_SITES, SiteMatrix, charges

Floats = NDArray[np.float64]


class EwaldMatrix(SiteMatrix):
    """F. Faber et al., Int. J. Quantum Chem. 115, 1094 (2015), doi:10.1002/qua.24917, as in DScribe.

    An element is the energy of the charges of two sites and all their images, each in a background that makes it
    neutral; one of the diagonal that of a site with its own images. It does not depend on which lattice vectors the
    structure is written in. The screening that makes both sums equally long is that of R. A. Jackson and
    C. R. A. Catlow, doi:10.1080/08927022.2013.840898.

    Parameters
    ----------
    most_sites, sorted_rows
        As in :class:`~matscout.represent.site_matrix.SiteMatrix`.
    accuracy
        About how small the neglected terms are. With DScribe's default of 1e-5 eigenvalues are up to 1e-3 of
        themselves from those of the whole sums.
    """

    def __init__(self, most_sites: int = MOST_SITES, sorted_rows: bool = False, accuracy: float = 1e-9) -> None:
        super().__init__(most_sites, sorted_rows)
        self.accuracy = accuracy

    def matrix(self, crystals: Crystals, row: int) -> Floats:
        """Charges² / Å, [sites, sites]."""
        one = crystals[np.array([row])]
        number, volume = len(one.fractional), float(one.volumes[0])
        screening = np.sqrt(np.pi) * (number / volume**2) ** (1.0 / 6.0)
        reach = np.sqrt(-np.log(self.accuracy))
        matrix = _near(one, screening, reach / screening) + _far(one, screening, 2.0 * screening * reach)
        matrix -= np.pi / (volume * screening**2)
        # A pair of sites is counted from both, a site with its images once.
        np.fill_diagonal(matrix, np.diag(matrix) / 2.0 - screening / np.sqrt(np.pi))
        own = charges(one, 0)
        return np.asarray(matrix * own[:, None] * own)


def _near(crystal: Crystals, screening: float, cutoff: float) -> Floats:
    """The sum over images within ``cutoff`` (Å), 1/Å, [s, s]."""
    sites = len(crystal.fractional)
    pairs = pairs_within(crystal, cutoff)
    first = pairs.first
    terms = erfc(screening * pairs.distances) / pairs.distances
    sums = np.bincount(first * sites + pairs.second, terms, minlength=sites * sites)
    return sums.astype(np.float64).reshape(sites, sites)


def _far(crystal: Crystals, screening: float, cutoff: float) -> Floats:
    """The sum over reciprocal lattice vectors shorter than ``cutoff`` (1/Å), 1/Å, [s, s]."""
    indices, squares = _half_of_reciprocal(crystal.lattices[0], cutoff)
    phases = 2.0 * np.pi * indices @ crystal.fractional.T
    factors = 8.0 * np.pi / float(crystal.volumes[0]) * np.exp(-squares / (4.0 * screening**2)) / squares
    cosines, sines = np.cos(phases), np.sin(phases)
    return np.asarray((cosines.T * factors) @ cosines + (sines.T * factors) @ sines)


def _half_of_reciprocal(lattice: Floats, cutoff: float) -> tuple[Floats, Floats]:
    """Indices [g, 3] and squared lengths [g] of one of each two opposite reciprocal lattice vectors, without zero."""
    reciprocal = 2.0 * np.pi * np.linalg.inv(lattice).T
    # The planes of reciprocal lattice points are 2 pi / |lattice vector| apart.
    most = np.floor(cutoff * np.sqrt((lattice**2).sum(axis=1)) / (2.0 * np.pi)).astype(np.int64)
    ranges = [np.arange(0, most[0] + 1), *(np.arange(-reach, reach + 1) for reach in most[1:])]
    indices = np.stack(np.meshgrid(*ranges, indexing="ij"), axis=-1).reshape(-1, 3)
    i, j, k = indices.T
    indices = indices[(i > 0) | ((i == 0) & (j > 0)) | ((i == 0) & (j == 0) & (k > 0))]
    squares = ((indices @ reciprocal) ** 2).sum(axis=1)
    near = squares <= cutoff**2
    return indices[near].astype(np.float64), squares[near]
