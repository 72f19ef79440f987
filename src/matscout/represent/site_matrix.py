"""What the Coulomb, sine and Ewald matrices have in common: a matrix of pairs of sites, and what is told of it."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.represent.structure_representation import StructureRepresentation

Floats = NDArray[np.float64]

MOST_SITES = 50
"""Vectors have a place for each of so many sites; those that a crystal lacks are filled with zeros."""

EXPONENT = 2.4
"""Half a nuclear charge to this power is about the energy of the free atom in hartree: M. Rupp et al.,
doi:10.1103/PhysRevLett.108.058301.
"""


class SiteMatrix(StructureRepresentation):
    """Eigenvalues of a symmetric matrix [sites, sites], those of largest absolute value first, then zeros.

    Charges are in elementary charges and lengths in Å, as in DScribe; with lengths in Bohr radii, as in matminer,
    pairs weigh 1.89 times less. The vector is of the cell as it is given: reduce structures to primitive cells first.

    Parameters
    ----------
    most_sites
        Crystals with more sites are refused.
    sorted_rows
        In place of eigenvalues the whole matrix, sites in descending order of the Euclidean norm of their rows
        (DScribe's ``"sorted_l2"``). Sites whose norms are equal, as of equivalent atoms, have no order but the given.
    """

    takes_disorder: ClassVar[bool] = False
    intensive: ClassVar[bool] = False

    def __init__(self, most_sites: int = MOST_SITES, sorted_rows: bool = False) -> None:
        self.most_sites = most_sites
        self.sorted_rows = sorted_rows

    @abstractmethod
    def matrix(self, crystals: Crystals, row: int) -> Floats:
        """The matrix of one of the crystals, symmetric, [sites, sites]."""

    @property
    def columns(self) -> tuple[str, ...]:
        """``"eigenvalue 1"`` ... or ``"element 1 1"``, ``"element 1 2"`` ..., row by row."""
        places = range(1, self.most_sites + 1)
        if self.sorted_rows:
            return tuple(f"element {row} {column}" for row in places for column in places)
        return tuple(f"eigenvalue {place}" for place in places)

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, most sites] or [n, most sites ** 2]; NaN for crystals with more sites."""
        vectors = np.full((len(crystals), self.dim), np.nan)
        for row in np.flatnonzero(np.diff(crystals.offsets) <= self.most_sites):
            matrix = self.matrix(crystals, int(row))
            vectors[row] = self._padded(_sorted_rows(matrix) if self.sorted_rows else _eigenvalues(matrix))
        return vectors

    def _padded(self, array: Floats) -> Floats:
        return np.pad(array, [(0, self.most_sites - len(array))] * array.ndim).ravel()

    def _reasons(self, crystals: Crystals) -> list[tuple[str, str] | None]:
        reasons = super()._reasons(crystals)
        sites = np.diff(crystals.offsets)
        for row in np.flatnonzero(sites > self.most_sites):
            reasons[row] = reasons[row] or (
                f"it has {sites[row]} sites, but vectors of {self.name} have room for {self.most_sites}",
                f"give most_sites={sites[row]} or more, or reduce the structure to its primitive cell",
            )
        return reasons


def charges(crystals: Crystals, row: int) -> Floats:
    """Nuclear charges of the sites of one ordered crystal, [sites]."""
    return crystals.atomic_numbers[crystals.offsets[row] : crystals.offsets[row + 1]].astype(np.float64)


def coulomb_like(charges: Floats, distances: Floats) -> Floats:
    """Products of charges over distances beside half the charges to the power of 2.4, [sites, sites].

    Parameters
    ----------
    charges
        [sites].
    distances
        Å, [sites, sites]; the diagonal is of no account.
    """
    apart = distances.copy()
    np.fill_diagonal(apart, 1.0)
    matrix = charges[:, None] * charges / apart
    np.fill_diagonal(matrix, 0.5 * charges**EXPONENT)
    return np.asarray(matrix)


def _eigenvalues(matrix: Floats) -> Floats:
    values = np.linalg.eigvalsh(matrix)
    return np.asarray(values[np.argsort(-np.abs(values), kind="stable")])


def _sorted_rows(matrix: Floats) -> Floats:
    order = np.argsort(-np.linalg.norm(matrix, axis=1), kind="stable")
    return matrix[order][:, order]
