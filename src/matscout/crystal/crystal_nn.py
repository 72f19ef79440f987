"""Neighbours that count as bonded and the likelihood of each coordination number: CrystalNN for many crystals."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import pairs_within
from matscout.crystal.voronoi_cells import cut_cells

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CUTOFFS = (7.0, 14.0, 28.0, 56.0)
"""Å. As in pymatgen a cell is that among the atoms within 7 Å if these enclose it; else the next one is tried."""

LARGEST_DIFFERENCE = 3.3
"""Of Pauling's electronegativities."""

CHEMICAL_WEIGHT = 3.0
WHOLE_BOND, NO_BOND = 0.5, 1.0
"""Å beyond the sum of the covalent radii: up to the first a neighbour counts in full, from the second not at all."""

SMALLEST_AREA = 1e-20
"""Å²."""

MOST = 24
"""Larger coordination numbers are not counted."""


@dataclass(frozen=True, eq=False)
class CrystalNeighbours:
    """b neighbours of s sites, those of one site together, the one that counts most first.

    Parameters
    ----------
    offsets
        int64 [s + 1]: site i has the neighbours ``offsets[i]:offsets[i + 1]``.
    second
        int64 [b], the other site.
    vectors
        float64 [b, 3], from the site to its neighbour, Å.
    distances
        float64 [b], Å.
    weights
        float64 [b], in (0, 1].
    likelihoods
        float64 [s, 25], of the coordination numbers 0 to 24; NaN for a site without a closed Voronoi cell, and for one
        that has no covalent radius in pymatgen's table or faces one that has none.
    nearest
        float64 [s], distance of the nearest site, whether it counts or not, Å; infinite without a closed cell.
    """

    offsets: Integers
    second: Integers
    vectors: Floats
    distances: Floats
    weights: Floats
    likelihoods: Floats
    nearest: Floats

    @property
    def first(self) -> Integers:
        """The site whose neighbour it is, [b]."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))


def crystal_neighbours(crystals: Crystals) -> CrystalNeighbours:
    """Neighbours as pymatgen's ``CrystalNN`` finds them in structures without charges.

    A neighbour counts as much as its face of the Voronoi cell has solid angle, times that per area, more with another
    electronegativity, less if it is far away; the solid angle's share of a semicircle is the likelihood (H. Pan et al.,
    Inorg. Chem. 60, 1590, 2021, doi:10.1021/acs.inorgchem.0c02996).

    Parameters
    ----------
    crystals
        n ordered crystals.
    """
    faces = _faces(crystals)
    sites = len(crystals.fractional)
    weights = _weights(faces, crystals.atomic_numbers - 1, sites)
    # A weight between two thousandths is one of them whatever its last digits are.
    rounded = np.rint(1000.0 * weights - 1e-6) / 1000.0
    nearest = np.full(sites, np.inf)
    np.minimum.at(nearest, faces.first, faces.distances)
    unknown = np.isinf(nearest) | np.isnan(np.bincount(faces.first, weights, minlength=sites))
    order = np.lexsort((-weights, faces.first))
    order = order[(rounded[order] > 0.0) & ~unknown[faces.first[order]]]
    offsets = np.concatenate([[0], np.cumsum(np.bincount(faces.first[order], minlength=sites))]).astype(np.int64)
    likelihoods = _likelihoods(offsets, rounded[order])
    likelihoods[unknown] = np.nan
    return CrystalNeighbours(
        offsets, faces.second[order], faces.vectors[order], faces.distances[order], weights[order], likelihoods, nearest
    )


@dataclass(frozen=True, eq=False)
class _Faces:
    """f faces of Voronoi cells, site by site: the sites on both sides [f], from one to the other (Å), and sizes."""

    first: Integers
    second: Integers
    vectors: Floats
    distances: Floats
    solid_angles: Floats
    areas: Floats


def _faces(crystals: Crystals) -> _Faces:
    """Faces of the cells that are closed within the largest cutoff."""
    owners, waiting = crystals.owners, np.arange(len(crystals))
    closed = np.zeros(len(owners), dtype=np.bool_)
    parts = []
    for cutoff in CUTOFFS:
        chosen = crystals[waiting]
        sites = np.flatnonzero(np.isin(owners, waiting))
        pairs = pairs_within(chosen, cutoff)
        _, counts, made_by, measures = cut_cells(pairs.offsets, pairs.vectors, pairs.distances, cutoff)
        first = np.repeat(np.arange(len(sites)), counts)
        whole = np.abs(np.bincount(first, measures[:, 0], minlength=len(sites)) - 4.0 * np.pi) < 1e-6
        new = np.flatnonzero((whole & ~closed[sites])[first])
        pair = made_by[new]
        parts.append(
            (sites[first[new]], sites[pairs.second[pair]], pairs.vectors[pair], pairs.distances[pair], measures[new])
        )
        closed[sites[whole]] = True
        waiting = np.unique(owners[~closed])
        if not len(waiting):
            break
    first, second, vectors, distances, measures = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    order = np.argsort(first, kind="stable")
    angles, areas = measures[order, 0], measures[order, 1]
    return _Faces(first[order], second[order], vectors[order], distances[order], angles, areas)


def _weights(faces: _Faces, elements: Integers, sites: int) -> Floats:
    """How much the neighbour behind each face counts, [f]; ``elements`` of the sites, [s], from 0 for hydrogen."""
    electronegativity, radius = _element_data()
    one, other = elements[faces.first], elements[faces.second]
    difference = np.abs(electronegativity[one] - electronegativity[other])
    chemical = 1.0 + CHEMICAL_WEIGHT * np.sqrt(np.nan_to_num(difference) / LARGEST_DIFFERENCE)
    weights = faces.solid_angles**2 / np.maximum(faces.areas, SMALLEST_AREA) * chemical
    largest = np.zeros(sites)
    np.maximum.at(largest, faces.first, weights)
    beyond = (faces.distances - radius[one] - radius[other] - WHOLE_BOND) / (NO_BOND - WHOLE_BOND)
    fading = (np.cos(np.pi * np.clip(beyond, 0.0, 1.0)) + 1.0) / 2.0
    return np.asarray(weights / largest[faces.first] * fading)


@cache
def _element_data() -> tuple[Floats, Floats]:
    """Electronegativity (Pauling) and covalent radius (Å) of the elements as pymatgen has them; NaN if unknown."""
    from pymatgen.analysis.molecule_structure_comparator import CovalentRadius
    from pymatgen.core import Element

    elements = [Element.from_Z(number) for number in range(1, 119)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        electronegativities = np.array([element.X for element in elements], dtype=np.float64)
    radii = np.array([CovalentRadius.radius.get(element.symbol, np.nan) for element in elements], dtype=np.float64)
    return electronegativities, radii


@njit(cache=True)  # type: ignore[untyped-decorator]
def _semicircle(limit: float) -> float:
    """Share of the area of a quarter of the unit circle that lies left of ``limit``."""
    return float((limit * np.sqrt(1.0 - limit * limit) + np.arcsin(limit)) / (0.5 * np.pi))


@njit(cache=True)  # type: ignore[untyped-decorator]
def _likelihoods(offsets: Integers, weights: Floats) -> Floats:
    """Of the coordination numbers 0 to ``MOST``, [s, 25], from the weights of the neighbours of each site [b]."""
    likelihoods = np.zeros((len(offsets) - 1, MOST + 1))
    for site in range(len(offsets) - 1):
        left = 1.0
        for neighbour in range(offsets[site], offsets[site + 1]):
            number = neighbour - offsets[site] + 1
            following = weights[neighbour + 1] if neighbour + 1 < offsets[site + 1] else 0.0
            share = _semicircle(weights[neighbour]) - _semicircle(following)
            left -= share
            if number <= MOST:
                likelihoods[site, number] = share
        likelihoods[site, 0] = max(0.0, left)
    return likelihoods
