"""The sites of a host on which defects are arranged, and the energies of all their states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.data.defects.column_store import Defects, type_name
from matscout.data.defects.hosts import HostCrystal, site_permutations, supercell_sites
from matscout.data.defects.images import shortest_vectors
from matscout.data.elements import SYMBOLS
from matscout.data.ragged import offsets_of
from matscout.errors import UsageError
from matscout.generate.arrangements.arrangement_energy import ArrangementEnergy
from matscout.generate.arrangements.pair_energies import PairEnergies

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SLACK = 1e-3
"""Å; distances that differ less are equal."""


@dataclass(frozen=True, eq=False)
class HostSites:
    """Sites of a supercell on which a fixed number of defects is arranged.

    Parameters
    ----------
    host
        The crystal without defects.
    matrix
        Nine whole numbers: the vectors of the supercell are M times those of the host.
    kinds
        Kinds of defects, ``(was, now)``; state k of a site is ``kinds[k - 1]``, state 0 its own atom.
    counts
        How many of each.
    sites
        int64 [n], positions among the sites of the supercell, of all sites that a kind may replace.
    sublattices
        int64 [n], from 0: sites of one element.
    """

    host: HostCrystal
    matrix: tuple[int, ...]
    kinds: tuple[tuple[int, int], ...]
    counts: tuple[int, ...]
    sites: Integers
    sublattices: Integers

    @classmethod
    def of(cls, host: HostCrystal, matrix: Sequence[int], wanted: Mapping[tuple[int, int], int]) -> HostSites:
        """Of the defects that are wanted and how many of each.

        Raises
        ------
        UsageError
            If the host has no site for one, or too few.
        """
        if not host.is_known:
            raise UsageError("arranging needs the structure of the host, not its formula alone")
        size = tuple(int(one) for one in matrix)
        _, numbers = supercell_sites(host, size)
        taken: dict[int, int] = {}
        for (was, now), count in wanted.items():
            if was == 0:
                raise UsageError(
                    f"{type_name(was, now)} stands between the sites of the host: arranging replaces atoms on sites"
                )
            taken[was] = taken.get(was, 0) + count
        for was, count in taken.items():
            there = int((numbers == was).sum())
            if count > there:
                named = ", ".join(f"{one} {type_name(*kind)}" for kind, one in wanted.items() if kind[0] == was)
                raise UsageError(
                    f"{named} need {count} sites of {SYMBOLS[was - 1]}; this supercell of {host.formula} has {there}: "
                    "use a larger one, or fewer defects"
                )
        elements = sorted(taken)
        sites = np.flatnonzero(np.isin(numbers, elements))
        sublattices = np.searchsorted(elements, numbers[sites])
        return cls(host, size, tuple(wanted), tuple(wanted.values()), sites, sublattices.astype(np.int64))

    @property
    def start(self) -> Integers:
        """One arrangement: the defects on the first sites, [n]."""
        states = np.zeros(len(self.sites), dtype=np.int64)
        _, numbers = supercell_sites(self.host, self.matrix)
        for state, ((was, _), count) in enumerate(zip(self.kinds, self.counts, strict=True), start=1):
            free = np.flatnonzero((numbers[self.sites] == was) & (states == 0))
            states[free[:count]] = state
        return states

    def energy(self, energies: PairEnergies) -> ArrangementEnergy:
        """Energies of all arrangements; a pair has that of its shortest distance over the border of the supercell.

        Raises
        ------
        UsageError
            If a defect and its image are within the cutoff, or an energy is not known.
        """
        distances, heights = self._distances(energies.cutoff)
        n, q = len(self.sites), len(self.kinds) + 1
        _, numbers = supercell_sites(self.host, self.matrix)
        own = numbers[self.sites]
        fields, couplings = np.zeros((q, n)), np.zeros((q, q, n, n))
        for a, one in enumerate(self.kinds, start=1):
            fields[a, own == one[0]] = energies.alone(one)
            for b, other in enumerate(self.kinds, start=1):
                rows, columns = np.meshgrid(
                    np.flatnonzero(own == one[0]), np.flatnonzero(own == other[0]), indexing="ij"
                )
                near = (rows != columns) & (distances[rows, columns] <= energies.cutoff + SLACK)
                i, j = rows[near], columns[near]
                couplings[a, b, i, j] = _each_once(energies, one, other, distances[i, j], heights[i, j])
        return ArrangementEnergy(fields, couplings)

    def _distances(self, cutoff: float) -> tuple[Floats, Floats]:
        """Shortest distances between all sites and how far apart they are along the normal, Å, [n, n] each."""
        positions = supercell_sites(self.host, self.matrix)[0][self.sites]
        lattice = np.array(self.matrix).reshape(3, 3) @ self.host.cell
        n = len(positions)
        steps = (positions[None] - positions[:, None]).reshape(-1, 3)
        vectors = shortest_vectors(steps, lattice, self.host.periodic)
        if np.isfinite(cutoff):
            own = np.linalg.norm(lattice[list(self.host.periodic)], axis=1).min(initial=np.inf)
            if own < 2 * cutoff:
                raise UsageError(
                    f"the supercell repeats after {own:.2f} Å, less than twice the cutoff of {cutoff:g} Å, so that "
                    "defects would see their own images: use a larger supercell"
                )
        normal = self.host.normal
        heights = np.zeros(n * n) if normal is None else np.abs(vectors @ normal)
        return np.linalg.norm(vectors, axis=1).reshape(n, n), heights.reshape(n, n)

    @property
    def permutations(self) -> Integers:
        """Where each operation of symmetry takes each of these sites, [g, n], as positions among them."""
        place = np.full(len(supercell_sites(self.host, self.matrix)[1]), -1, dtype=np.int64)
        place[self.sites] = np.arange(len(self.sites))
        moved: Integers = place[site_permutations(self.host, self.matrix)[:, self.sites]]
        return np.unique(moved, axis=0)

    def defects(self, states: Integers) -> Defects:
        """The arrangements of states [m, n] as defects, m rows."""
        positions, _ = supercell_sites(self.host, self.matrix)
        rows, places = np.nonzero(states)
        kinds = np.array(self.kinds, dtype=np.uint8).reshape(-1, 2)[states[rows, places] - 1]
        return Defects(
            offsets_of(np.bincount(rows, minlength=len(states))),
            kinds[:, 0],
            kinds[:, 1],
            positions[self.sites[places]],
            (self.host,),
            np.zeros(len(states), dtype=np.int64),
            np.tile(np.array(self.matrix, dtype=np.int64).reshape(3, 3), (len(states), 1, 1)),
        )


def _each_once(
    energies: PairEnergies, one: tuple[int, int], other: tuple[int, int], distances: Floats, heights: Floats
) -> Floats:
    """Energies of many pairs, of which few differ in distance and height."""
    shells, which = np.unique(np.round(np.column_stack([distances, heights]) / SLACK), axis=0, return_inverse=True)
    values = energies.between(one, other, shells[:, 0] * SLACK, shells[:, 1] * SLACK)
    return np.asarray(values[which.ravel()])
