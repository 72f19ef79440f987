"""Which atoms of a crystal are bonded: a periodic graph, its components and the shortest rings in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matscout.crystal.bonding import Bonding
from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import Pairs, pairs_within
from matscout.crystal.percolation import dimension_thresholds
from matscout.crystal.tables import own_table

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

CUTOFF = 6.0
"""Å."""

BONDED = 0.5
"""Least weight of a bond (:func:`~matscout.crystal.bonds.bond_weights`)."""

POLAR = 0.25
"""From this polarity on metals are not bonded to each other, see :func:`polarity`."""

METALS = frozenset((3, 4, *range(11, 14), *range(19, 32), *range(37, 51), *range(55, 85), *range(87, 117)))
"""Atomic numbers. Boron, silicon, germanium, arsenic, antimony and tellurium are none here."""

RING_SIZES = range(3, 9)
_SLOTS = 1 << 14


@dataclass(frozen=True, eq=False)
class BondGraph:
    """b directed bonds of the s sites of n crystals, those of one site together.

    Parameters
    ----------
    crystals
        Whose sites they join.
    offsets
        int64 [s + 1]: site i has the bonds ``offsets[i]:offsets[i + 1]``.
    second
        int64 [b], the other site.
    shifts
        int64 [b, 3], in which cell it lies.
    """

    crystals: Crystals
    offsets: Integers
    second: Integers
    shifts: Integers

    @classmethod
    def of(cls, crystals: Crystals) -> BondGraph:
        """What each site sees as bonded to it: pairs whose weight is above ``BONDED``, from the view of the site.

        Covalent radii make the cations of oxides and nitrides seem near to each other; hence pairs of metals count
        only in crystals that are not polar.
        """
        near = pairs_within(crystals, CUTOFF)
        metals = np.isin(crystals.atomic_numbers[_first_species(crystals)], list(METALS))
        first = _first_sites(near.offsets)
        both = metals[first] & metals[near.second]
        polar = (polarity(crystals) >= POLAR)[crystals.owners]
        pairs = _chosen(near, ~(both & polar[first]))
        bonds = _chosen(pairs, Bonding(crystals, pairs).weights > BONDED)
        return cls(crystals, bonds.offsets, bonds.second, bonds.shifts)

    @property
    def first(self) -> Integers:
        """The site that each bond starts from, [b]."""
        return _first_sites(self.offsets)

    @property
    def coordination(self) -> Integers:
        """Number of bonds of each site, [s]."""
        return np.diff(self.offsets)

    def mutual(self) -> BondGraph:
        """The graph in which sites are bonded if at least one of them sees the other."""
        first, sites = self.first, len(self.offsets) - 1
        ends = np.concatenate(
            [np.column_stack([first, self.second, self.shifts]), np.column_stack([self.second, first, -self.shifts])]
        )
        reach = int(np.abs(self.shifts).max(initial=0))
        shape = (max(sites, 1), max(sites, 1), *(2 * reach + 1,) * 3)
        keys = np.unique(np.ravel_multi_index((*ends[:, :2].T, *(ends[:, 2:] + reach).T), shape))
        start, second, *shifts = np.unravel_index(keys, shape)
        offsets = np.concatenate([[0], np.cumsum(np.bincount(start, minlength=sites))]).astype(np.int64)
        return BondGraph(self.crystals, offsets, second.astype(np.int64), np.stack(shifts, axis=1) - reach)

    def dimensions(self) -> Integers:
        """In how many directions the part of a mutual graph goes on that each site belongs to, 0 to 3, [s].

        Molecules have 0, chains 1, layers 2, frameworks 3.
        """
        sites = len(self.offsets) - 1
        edges = coo_array((np.ones(len(self.second)), (self.first, self.second)), shape=(sites, sites))
        parts, labels = connected_components(edges, directed=False)
        order = np.argsort(labels, kind="stable")
        place = np.argsort(order, kind="stable")
        bonds = np.argsort(place[self.first], kind="stable")
        thresholds = dimension_thresholds(
            np.searchsorted(labels[order], np.arange(parts + 1)),
            np.concatenate([[0], np.cumsum(self.coordination[order])]).astype(np.int64),
            place[self.second[bonds]],
            self.shifts[bonds],
            np.ones(len(bonds)),
        )
        return np.asarray(np.isfinite(thresholds).sum(axis=1)[labels])

    def rings(self) -> Integers:
        """Rings of 3, 4, ... 8 atoms through each site of a mutual graph, [s, 6].

        Counted are, for each two bonds of the atom, the shortest closed paths that hold both (S. V. King, Nature 213,
        1112 (1967), doi:10.1038/2131112a0; all of them, if several are equally short).
        """
        return np.asarray(_rings(self.offsets, self.second, self.shifts))


def polarity(crystals: Crystals) -> Floats:
    """Share of atoms that are no metals times how much more electronegative they are than the metals, [n].

    Zero where there are no metals, or only metals; Pauling's electronegativities. It is 0.3 in molybdenite, 0.8 in
    lithium oxide, 0.2 in cementite.
    """
    number = crystals.atomic_numbers[_first_species(crystals)]
    electronegativity = own_table("magpie").column("Electronegativity")[number - 1]
    known = ~np.isnan(electronegativity)
    metals = np.isin(number, list(METALS)) & known
    others = known & ~metals
    means, counts = [], []
    for chosen in (metals, others):
        owners = crystals.owners[chosen]
        counts.append(np.bincount(owners, minlength=len(crystals)))
        means.append(
            np.bincount(owners, electronegativity[chosen], minlength=len(crystals)) / np.maximum(counts[-1], 1)
        )
    share = counts[1] / np.diff(crystals.offsets)
    return np.asarray(np.where((counts[0] > 0) & (counts[1] > 0), share * (means[1] - means[0]), 0.0))


def _first_species(crystals: Crystals) -> Integers:
    """What is on each site, the first if there are several, [s]."""
    return np.searchsorted(crystals.site_of_species, np.arange(len(crystals.fractional)))


def _first_sites(offsets: Integers) -> Integers:
    return np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))


def _chosen(pairs: Pairs, chosen: Mask) -> Pairs:
    counts = np.bincount(_first_sites(pairs.offsets)[chosen], minlength=len(pairs.offsets) - 1)
    return Pairs(
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        pairs.second[chosen],
        pairs.shifts[chosen],
        pairs.vectors[chosen],
        pairs.distances[chosen],
    )


class _Visited(NamedTuple):
    """A hash table of the atoms that a search has met, and the atoms in the order in which they were met.

    Keys, the search that wrote them, distances, numbers of shortest paths: int64 [slots] each. Atoms int64 [slots, 5]:
    site, cell and slot.
    """

    keys: Integers
    writers: Integers
    distances: Integers
    paths: Integers
    atoms: Integers


@njit(cache=True)  # type: ignore[untyped-decorator]
def _slot(visited: _Visited, search: int, key: int) -> int:
    """Where ``key`` is, or would be."""
    mask = len(visited.keys) - 1
    slot = ((key * 0x9E3779B1) >> 7) & mask
    while visited.writers[slot] == search and visited.keys[slot] != key:
        slot = (slot + 1) & mask
    return slot


@njit(cache=True)  # type: ignore[untyped-decorator]
def _key(site: int, cell: Integers) -> int:
    """One number for an atom; cells are counted from -512 to 511."""
    return int((((site * 1024) + cell[0] + 512) * 1024 + cell[1] + 512) * 1024 + cell[2] + 512)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _meet(visited: _Visited, search: int, count: int, atom: tuple[int, Integers], path: tuple[int, int]) -> int:
    """Note that ``atom`` is reached at a distance by so many paths; returns the number of atoms met."""
    key = _key(atom[0], atom[1])
    slot = _slot(visited, search, key)
    if visited.writers[slot] == search:
        if visited.distances[slot] == path[0]:
            visited.paths[slot] += path[1]
        return count
    visited.writers[slot], visited.keys[slot] = search, key
    visited.distances[slot], visited.paths[slot] = path
    visited.atoms[count, 0], visited.atoms[count, 1:4], visited.atoms[count, 4] = atom[0], atom[1], slot
    return count + 1


@njit(cache=True)  # type: ignore[untyped-decorator]
def _all_met(visited: _Visited, search: int, keys: Integers) -> bool:
    missing = 0
    for key in keys:
        missing += visited.writers[_slot(visited, search, key)] != search
    return missing == 0


@njit(cache=True)  # type: ignore[untyped-decorator]
def _spread(visited: _Visited, search: int, targets: Integers, graph: tuple[Integers, Integers, Integers]) -> None:
    """Breadth first from the only atom in ``visited.atoms``, until all targets are met or rings become too large.

    The atom with distance -1 is met already, so that no path goes through it.
    """
    offsets, second, shifts = graph
    start, stop, most = 0, 1, len(visited.keys) // 2
    for distance in range(1, 7):
        count = stop
        for place in range(start, stop):
            site, paths = visited.atoms[place, 0], visited.paths[visited.atoms[place, 4]]
            for bond in range(offsets[site], offsets[site + 1]):
                if count < most:
                    cell = visited.atoms[place, 1:4] + shifts[bond]
                    count = _meet(visited, search, count, (second[bond], cell), (distance, paths))
        start, stop = stop, count
        if start == stop or _all_met(visited, search, targets):
            return


@njit(cache=True)  # type: ignore[untyped-decorator]
def _rings(offsets: Integers, second: Integers, shifts: Integers) -> Integers:
    sites = len(offsets) - 1
    rings = np.zeros((sites, 6), dtype=np.int64)
    visited = _Visited(
        np.zeros(_SLOTS, dtype=np.int64), np.full(_SLOTS, -1), np.zeros(_SLOTS, dtype=np.int64),
        np.zeros(_SLOTS, dtype=np.int64), np.zeros((_SLOTS, 5), dtype=np.int64),
    )  # fmt: skip
    here, search = np.zeros(3, dtype=np.int64), 0
    for site in range(sites):
        keys = np.array([_key(second[bond], shifts[bond]) for bond in range(offsets[site], offsets[site + 1])])
        for at in range(len(keys) - 1):
            search += 1
            bond = offsets[site] + at
            _meet(visited, search, 0, (site, here), (-1, 0))
            _meet(visited, search, 0, (second[bond], shifts[bond]), (0, 1))
            _spread(visited, search, keys[at + 1 :], (offsets, second, shifts))
            for key in keys[at + 1 :]:
                slot = _slot(visited, search, key)
                if visited.writers[slot] == search and visited.distances[slot] > 0:
                    rings[site, visited.distances[slot] - 1] += visited.paths[slot]
    return rings
