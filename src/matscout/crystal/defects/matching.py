"""Atoms of a supercell laid on the sites of its host: which is where, and how far off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from matscout.crystal.space_groups import niggli_reduced
from matscout.data.defects.column_store import place_in
from matscout.data.defects.hosts import HostCrystal, translations_in
from matscout.data.defects.images import shortest_vectors

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TOLERANCE = 0.5
"""How far from a site an atom may be, as a share of the nearest-neighbour distance."""
SAME_ELEMENT = 1e-3
"""Å by which an atom of the element of a site counts as nearer: elements decide between equal distances only."""
TRUSTED = 0.75
"""Share of the sites that hold their own element from which on the origin is right."""
TRIED_ATOMS = 4
REFINED = 2
"""Times that the drift of the matched atoms is taken out."""


@dataclass(frozen=True, eq=False)
class Matching:
    """Which of the a atoms is at which of the s sites of a supercell.

    Parameters
    ----------
    site
        int64 [a], -1 where an atom is at none.
    nearest, distances
        int64 [a], float64 [a]: the nearest site, and how far away it is, Å.
    places
        float64 [a, 3], where each atom is in the undeformed host, Å.
    shared
        Atoms without a site that are at one that another atom has.
    """

    site: Integers
    nearest: Integers
    distances: Floats
    places: Floats
    shared: Integers

    @property
    def displacements(self) -> Floats:
        """How far atoms with a site are from it, Å."""
        return self.distances[self.site >= 0]


def nearest_neighbours(host: HostCrystal) -> float:
    """The shortest distance of two sites of the host, Å."""
    steps = (host.coordinates[:, None] - host.coordinates).reshape(-1, 3) @ host.cell
    between = shortest_vectors(steps, host.cell, (True, True, True))
    # A site and its own image: the shortest vectors of the lattice are those of its reduced cell.
    apart = np.linalg.norm(np.concatenate([between, niggli_reduced(host.cell)]), axis=1)
    return float(apart[apart > 1e-3].min())


def match(
    host: HostCrystal, matrix: tuple[int, ...], fractional: Floats, numbers: Integers, tolerance: float
) -> Matching:
    """Lay atoms on sites.

    Parameters
    ----------
    host
        As deformed as the supercell is along an axis across a layer.
    matrix
        Nine whole numbers of the supercell.
    fractional
        Of the atoms in units of the host's vectors, [a, 3].
    numbers
        Their atomic numbers, [a].
    tolerance
        Å, beyond which an atom is at no site.
    """
    shift, laid = _best_shift(host, fractional, numbers, tolerance)
    for _ in range(REFINED):
        near = laid.least <= tolerance
        if near.any():
            shift = shift - (laid.steps[near].mean(axis=0) @ np.linalg.inv(host.cell))
            laid = _Laid.of(host, fractional + shift, numbers)
    return _assigned(host, matrix, laid, numbers, tolerance)


@dataclass(frozen=True, eq=False)
class _Laid:
    """Distances [a, h] of a atoms to the nearest image of each site of the cell, and to the nearest of all."""

    fractional: Floats
    vectors: Floats
    distances: Floats
    basis: Integers

    @classmethod
    def of(cls, host: HostCrystal, fractional: Floats, numbers: Integers) -> _Laid:
        steps = (fractional[:, None] - host.coordinates) @ host.cell
        vectors = shortest_vectors(steps.reshape(-1, 3), host.cell, (True, True, True)).reshape(steps.shape)
        distances = np.linalg.norm(vectors, axis=2)
        nearer = np.where(host.species == numbers[:, None], SAME_ELEMENT, 0.0)
        return cls(fractional, vectors, distances, (distances - nearer).argmin(axis=1))

    @property
    def least(self) -> Floats:
        """Distance to the nearest site, [a]."""
        return np.asarray(self.distances[np.arange(len(self.basis)), self.basis])

    @property
    def steps(self) -> Floats:
        """From the nearest site, Å, [a, 3]."""
        return np.asarray(self.vectors[np.arange(len(self.basis)), self.basis])


def _at_home(host: HostCrystal, laid: _Laid, numbers: Integers, tolerance: float) -> float:
    """The share of the atoms that are at a site of their element."""
    return float(((host.species[laid.basis] == numbers) & (laid.least <= tolerance)).mean())


def _best_shift(host: HostCrystal, fractional: Floats, numbers: Integers, tolerance: float) -> tuple[Floats, _Laid]:
    """What brings the atoms to their sites: nothing, or what brings one of the rarest element to one of its sites."""
    shift = np.zeros(3)
    outcome = _Laid.of(host, fractional, numbers)
    best = _at_home(host, outcome, numbers, tolerance)
    known = [number for number in np.unique(numbers).tolist() if number in host.numbers]
    if best >= TRUSTED or not known:
        return shift, outcome
    rarest = min(known, key=lambda number: int((numbers == number).sum()))
    atoms = np.flatnonzero(numbers == rarest)
    for atom in atoms[:: max(1, len(atoms) // TRIED_ATOMS)][:TRIED_ATOMS]:
        for site in np.flatnonzero(host.species == rarest):
            tried = host.coordinates[site] - fractional[atom]
            laid = _Laid.of(host, fractional + tried, numbers)
            share = _at_home(host, laid, numbers, tolerance)
            if share > best + 1e-9:
                best, shift, outcome = share, tried, laid
    return shift, outcome


def _assigned(host: HostCrystal, matrix: tuple[int, ...], laid: _Laid, numbers: Integers, tolerance: float) -> Matching:
    inverse, n_points = np.linalg.inv(host.cell), len(translations_in(matrix))
    atoms, basis = np.nonzero(
        (laid.distances <= tolerance) | (np.arange(laid.distances.shape[1]) == laid.basis[:, None])
    )
    points = laid.fractional[atoms] - host.coordinates[basis] - laid.vectors[atoms, basis] @ inverse
    sites = basis * n_points + place_in(matrix, np.round(points).astype(np.int64))
    apart = laid.distances[atoms, basis]
    own = basis == laid.basis[atoms]
    nearest = np.empty(len(laid.basis), dtype=np.int64)
    nearest[atoms[own]] = sites[own]
    near = apart <= tolerance
    cost = apart - np.where(host.species[basis] == numbers[atoms], SAME_ELEMENT, 0.0)
    site = _one_to_one(atoms[near], sites[near], cost[near], len(laid.basis))
    shared = np.flatnonzero((site < 0) & (laid.least <= tolerance))
    return Matching(site, nearest, laid.least, laid.fractional @ host.cell, shared)


def _one_to_one(atoms: Integers, sites: Integers, cost: Floats, n: int) -> Integers:
    """A site for as many of n atoms as possible at the least cost, each given once; -1 for the others."""
    outcome = np.full(n, -1, dtype=np.int64)
    _, of_atom, per_atom = np.unique(atoms, return_inverse=True, return_counts=True)
    _, of_site, per_site = np.unique(sites, return_inverse=True, return_counts=True)
    alone = (per_atom[of_atom] == 1) & (per_site[of_site] == 1)
    outcome[atoms[alone]] = sites[alone]
    rest = ~alone
    if rest.any():
        some, row = np.unique(atoms[rest], return_inverse=True)
        places, column = np.unique(sites[rest], return_inverse=True)
        table = np.full((len(some), len(places)), 1e6)
        np.minimum.at(table, (row, column), cost[rest])
        for one, place in zip(*linear_sum_assignment(table), strict=True):
            if table[one, place] < 1e6:
                outcome[some[one]] = places[place]
    return outcome
