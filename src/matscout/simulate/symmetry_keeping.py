"""Forces and stresses that keep the symmetry of a crystal: the means over its operations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import spglib
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.data.spglib_calls import ask_spglib

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TOLERANCE = 0.01
"""Å, within which sites count as images of one another."""


@dataclass(frozen=True, eq=False)
class SiteSymmetry:
    """g operations of a crystal with s sites.

    Parameters
    ----------
    turns
        float64 [g, 3, 3], what a Cartesian vector, as a column, is multiplied by.
    images
        int64 [g, s], the site onto which an operation brings each site.
    """

    turns: Floats
    images: Integers

    def forces(self, forces: Floats) -> Floats:
        """The symmetric part of forces, [s, 3]."""
        turned = np.einsum("gij,sj->gsi", self.turns, forces)
        total = np.zeros_like(forces)
        np.add.at(total, self.images, turned)
        return total / len(self.turns)

    def tensor(self, tensor: Floats) -> Floats:
        """The symmetric part of a tensor, [3, 3]."""
        return np.asarray(np.einsum("gij,jk,glk->il", self.turns, tensor, self.turns) / len(self.turns))


def symmetry_of(crystals: Crystals, row: int) -> SiteSymmetry | None:
    """The operations of one ordered crystal; None where it is not periodic, or spglib finds none."""
    if not crystals.periodic[row]:
        return None
    sites = slice(crystals.offsets[row], crystals.offsets[row + 1])
    lattice, places = crystals.lattices[row], crystals.fractional[sites]
    cell = (lattice, places, crystals.atomic_numbers[sites])
    dataset = ask_spglib(spglib.get_symmetry_dataset, cell, symprec=TOLERANCE)
    if dataset is None:
        return None
    turns = lattice.T @ dataset.rotations @ np.linalg.inv(lattice.T)
    moved = np.einsum("gij,sj->gsi", dataset.rotations, places) + dataset.translations[:, None]
    images = np.array([_nearest(one, places, lattice) for one in moved])
    return SiteSymmetry(turns, images)


def _nearest(moved: Floats, places: Floats, lattice: Floats) -> Integers:
    """The place nearest to each moved one, over the borders of the cell, [s]."""
    apart = moved[:, None] - places
    return np.asarray((((apart - np.round(apart)) @ lattice) ** 2).sum(axis=2).argmin(axis=1))
