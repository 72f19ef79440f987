"""Deviation of the elements in the first three Voronoi neighbour shells from a random alloy."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.voronoi import VoronoiFaces, all_closed, voronoi_faces
from matscout.represent.structure_representation import StructureRepresentation

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SHELLS = 3
SHIFT_BASE = 2**20
"""A shift is coded as one number, so that codes add up as shifts do."""


class ChemicalOrdering(StructureRepresentation):
    """Warren-Cowley-like parameters of L. Ward et al., Phys. Rev. B 96, 024104 (2017), doi:10.1103/PhysRevB.96.024104.

    A shell of a site is where the paths of one, two or three steps between Voronoi neighbours end that never come to
    the same atom twice. A path weighs the product of the areas of the faces that it crosses, each relative to the
    largest of its cell. With c the share of an element in the shell and x that in the crystal, the column is the mean
    of abs(1 - c / x) over sites and elements: 0 in a random alloy, and in elements. As matminer's ``ChemicalOrdering``.
    """

    takes_disorder: ClassVar[bool] = False
    intensive: ClassVar[bool] = True
    columns = tuple(f"mean ordering parameter, shell {shell + 1}" for shell in range(SHELLS))

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 3]."""
        faces = voronoi_faces(crystals)
        closed = all_closed(crystals, faces)
        kinds = _kinds(crystals)
        shares = _shares(faces, kinds)
        counts = np.zeros((len(crystals), kinds.max() + 1))
        np.add.at(counts, (crystals.owners, kinds), 1.0)
        sites = np.diff(crystals.offsets)
        fractions = (counts / sites[:, None])[crystals.owners, None, :]
        with np.errstate(invalid="ignore", divide="ignore"):
            ordering = np.where(fractions > 0.0, np.abs(1.0 - shares / fractions), 0.0)
        totals = np.add.reduceat(ordering.sum(axis=2), crystals.offsets[:-1])
        vectors = totals / (sites * (counts > 0).sum(axis=1))[:, None]
        vectors[~closed] = np.nan
        return np.asarray(vectors)


def _kinds(crystals: Crystals) -> Integers:
    """The place of each site's element among those of its crystal, [s]."""
    keys, inverse = np.unique(np.stack([crystals.owners, crystals.atomic_numbers], axis=1), axis=0, return_inverse=True)
    first = np.searchsorted(keys[:, 0], np.arange(len(crystals)))
    place = np.arange(len(keys)) - first[keys[:, 0]]
    return np.asarray(place[inverse.ravel()])


def _shares(faces: VoronoiFaces, kinds: Integers) -> Floats:
    """Share of each kind in each shell of each site, [s, 3, k]; NaN for a cell that is not closed."""
    largest = np.zeros(len(kinds))
    np.maximum.at(largest, faces.first, faces.areas)
    codes = faces.shifts @ np.array([SHIFT_BASE**2, SHIFT_BASE, 1])
    totals = _paths(faces.offsets, faces.second, codes, faces.areas / largest[faces.first], kinds)
    with np.errstate(invalid="ignore"):
        return np.asarray(totals / totals.sum(axis=2, keepdims=True))


@njit(cache=True)  # type: ignore[untyped-decorator]
def _paths(offsets: Integers, second: Integers, codes: Integers, weights: Floats, kinds: Integers) -> Floats:
    """Weight of the paths without return that end on each kind after one, two and three steps, [s, 3, k]."""
    totals = np.zeros((len(kinds), SHELLS, kinds.max() + 1))
    for site in range(len(kinds)):
        for one in range(offsets[site], offsets[site + 1]):
            near, near_code, near_weight = second[one], codes[one], weights[one]
            totals[site, 0, kinds[near]] += near_weight
            for two in range(offsets[near], offsets[near + 1]):
                next_, next_code, next_weight = second[two], near_code + codes[two], near_weight * weights[two]
                if next_ == site and next_code == 0:
                    continue
                totals[site, 1, kinds[next_]] += next_weight
                for three in range(offsets[next_], offsets[next_ + 1]):
                    last, last_code = second[three], next_code + codes[three]
                    if (last == site and last_code == 0) or (last == near and last_code == near_code):
                        continue
                    totals[site, 2, kinds[last]] += next_weight * weights[three]
    return totals
