"""Which atoms of a structure are joined by sticks: neighbours in the sense of CrystalNN, seen from both ends."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.bond_graph import BondGraph
from matscout.crystal.bonding import Bonding
from matscout.crystal.boxes import in_boxes
from matscout.crystal.crystal_nn import crystal_neighbours
from matscout.crystal.crystals import Crystals

Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

OVERLAP = 0.7
"""Of the sum of the covalent radii; sites nearer to each other are never occupied at once."""

REACH = 3.0
"""Å; no two atoms that overlap are so far from each other."""


def bonds_of(crystal: Crystals) -> BondGraph:
    """The bonds of one crystal, each from both of its ends.

    A site counts another as neighbour as CrystalNN does, in its likeliest coordination number, and both must count
    each other: so oxygen keeps to titanium in SrTiO3. A shared site stands for its most frequent species; of sites that
    overlap the fullest has the bonds.
    """
    kept = np.flatnonzero(_fullest(crystal))
    species = main_species(crystal)[kept]
    whole = Crystals(
        crystal.lattices,
        np.array([0, len(kept)]),
        crystal.fractional[kept],
        np.arange(len(kept)),
        crystal.atomic_numbers[species],
        np.ones(len(kept)),
        crystal.pbc,
    )
    neighbours = crystal_neighbours(in_boxes(whole))
    rank = np.arange(len(neighbours.second)) - neighbours.offsets[neighbours.first]
    near = rank < neighbours.likelihoods.argmax(axis=1)[neighbours.first]
    first, second = neighbours.first[near], neighbours.second[near]
    across = whole.fractional[second] - whole.fractional[first]
    shifts = np.rint(neighbours.vectors[near] @ np.linalg.inv(whole.lattices[0]) - across).astype(np.int64)
    return _agreed(crystal, np.column_stack([kept[first], kept[second], shifts]))


def main_species(crystal: Crystals) -> Integers:
    """The species of largest occupancy on each site, as a place in ``crystal.atomic_numbers``, [s]."""
    order = np.lexsort((-crystal.occupancies, crystal.site_of_species))
    return np.asarray(order[np.searchsorted(crystal.site_of_species, np.arange(len(crystal.fractional)))])


def _fullest(crystal: Crystals) -> Mask:
    """Whether no fuller site overlaps with a site, [s]."""
    near = Bonding.within(crystal, REACH)
    overlaps = near.pairs.distances < OVERLAP * near.reference
    first, second = near.first[overlaps], near.pairs.second[overlaps]
    kept = np.ones(len(crystal.fractional), dtype=np.bool_)
    for site in np.argsort(-crystal.occupied, kind="stable"):
        others = second[first == site]
        if kept[site]:
            kept[others[others != site]] = False
    return kept


def _agreed(crystal: Crystals, seen: Integers) -> BondGraph:
    """Of bonds as their first site sees them (first, second, shift), [b, 5], those that the second sees as well."""
    reverse = set(map(tuple, np.column_stack([seen[:, [1, 0]], -seen[:, 2:]]).tolist()))
    chosen = seen[[tuple(bond) in reverse for bond in seen.tolist()]].reshape(-1, 5)
    chosen = chosen[np.argsort(chosen[:, 0], kind="stable")]
    offsets = np.searchsorted(chosen[:, 0], np.arange(len(crystal.fractional) + 1))
    return BondGraph(crystal, offsets.astype(np.int64), chosen[:, 1], chosen[:, 2:])


def molecules(graph: BondGraph) -> tuple[Integers, Integers]:
    """Which sites belong together in a molecule, and in which cell each lies beside the others of its own.

    Returns
    -------
    molecule : int64 [s]
        Counted from 0; an atom of a chain, a layer or a framework is alone.
    cells : int64 [s, 3]
        In lattice vectors.
    """
    groups, cells = [], np.zeros((len(graph.crystals.fractional), 3), dtype=np.int64)
    left = np.ones(len(cells), dtype=np.bool_)
    for root in range(len(cells)):
        if left[root]:
            sites, ends = _connected(graph, root, cells)
            left[sites] = False
            if ends:
                groups.append(sites)
            else:
                groups += [[site] for site in sites]
                cells[sites] = 0
    molecule = np.empty(len(cells), dtype=np.int64)
    for number, sites in enumerate(groups):
        molecule[sites] = number
    return molecule, cells


def _connected(graph: BondGraph, root: int, cells: Integers) -> tuple[list[int], bool]:
    """The sites that are bonded to one, over others, and whether these bonds come to an end; ``cells`` is filled in."""
    sites, ends, waiting = {root: None}, True, deque([root])
    while waiting:
        site = waiting.popleft()
        for bond in range(*graph.offsets[site : site + 2]):
            other, cell = int(graph.second[bond]), cells[site] + graph.shifts[bond]
            if other not in sites:
                sites[other], cells[other] = None, cell
                waiting.append(other)
            ends &= bool((cells[other] == cell).all())
    return list(sites), ends
