"""Crystals: the sites of many structures as descriptors need them, disordered ones with what is on them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matscout.data.elements import SYMBOLS
from matscout.data.ragged import ranges
from matscout.data.structures import Structures

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Crystals:
    """s sites of n crystals; on a site are one or more species, e in all.

    Parameters
    ----------
    lattices
        float64 [n, 3, 3], Å, rows are the lattice vectors.
    offsets
        int64 [n + 1]: crystal i owns the sites ``offsets[i]:offsets[i + 1]``.
    fractional
        float64 [s, 3].
    site_of_species
        int64 [e], ascending.
    atomic_numbers
        int64 [e].
    occupancies
        float64 [e], in (0, 1].
    pbc
        bool [n, 3], along which lattice vectors a crystal is periodic: along all three where nothing is given.
    """

    lattices: Floats
    offsets: Integers
    fractional: Floats
    site_of_species: Integers
    atomic_numbers: Integers
    occupancies: Floats
    pbc: NDArray[np.bool_] = field(default_factory=lambda: np.ones((0, 3), dtype=np.bool_))

    def __post_init__(self) -> None:
        if not len(self.pbc):
            object.__setattr__(self, "pbc", np.ones((len(self.lattices), 3), dtype=np.bool_))

    @classmethod
    def from_structures(cls, structures: Structures) -> Crystals:
        """Species of one crystal at equal coordinates share a site."""
        owners = np.repeat(np.arange(len(structures)), np.diff(structures.offsets))
        coordinates = structures.fractional_coordinates
        keys = np.column_stack([owners, coordinates])
        _, first, site = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        # Sites in the order in which they are written, not in that of their coordinates.
        rank = np.empty(len(first), dtype=np.int64)
        rank[np.argsort(first, kind="stable")] = np.arange(len(first))
        site = rank[site.ravel()]
        first = np.sort(first)
        order = np.argsort(site, kind="stable")
        counts = np.bincount(owners[first], minlength=len(structures))
        return cls(
            structures.lattices,
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            coordinates[first],
            site[order],
            structures.atomic_numbers[order].astype(np.int64),
            structures.occupancies[order],
            structures.pbc,
        )

    def __len__(self) -> int:
        return len(self.lattices)

    def __getitem__(self, rows: Integers) -> Crystals:
        """Some of the crystals, in any order; one may be wanted several times."""
        offsets, sites = ranges(self.offsets, rows)
        species_offsets, entries = ranges(np.searchsorted(self.site_of_species, self.offsets), rows)
        moved = np.repeat(offsets[:-1] - self.offsets[rows], np.diff(species_offsets))
        return Crystals(
            self.lattices[rows],
            offsets,
            self.fractional[sites],
            self.site_of_species[entries] + moved,
            self.atomic_numbers[entries],
            self.occupancies[entries],
            self.pbc[rows],
        )

    def in_parts(self, at_once: int) -> list[Crystals]:
        """The same crystals, a few with about ``at_once`` sites at a time."""
        return [self[rows] for rows in parts_by_sites(np.diff(self.offsets), at_once)]

    @property
    def periodic(self) -> NDArray[np.bool_]:
        """Which crystals are periodic along all three lattice vectors, [n]; others are slabs, chains and molecules."""
        return np.asarray(self.pbc.all(axis=1))

    @property
    def owners(self) -> Integers:
        """The crystal of each site, [s]."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    @property
    def positions(self) -> Floats:
        """Cartesian coordinates, Å, [s, 3]."""
        return np.asarray(np.einsum("si,sij->sj", self.fractional, self.lattices[self.owners]))

    @property
    def volumes(self) -> Floats:
        """Volume of each cell, Å³, [n]."""
        return np.asarray(np.abs(np.linalg.det(self.lattices)))

    @property
    def occupied(self) -> Floats:
        """Sum of the occupancies of each site, [s]."""
        return np.bincount(self.site_of_species, self.occupancies, minlength=len(self.fractional)).astype(np.float64)

    @property
    def ordered(self) -> NDArray[np.bool_]:
        """Whether each site of a crystal holds one whole atom, [n]."""
        ordered = np.ones(len(self), dtype=np.bool_)
        np.logical_and.at(ordered, self.owners, self.whole)
        return ordered

    @property
    def whole(self) -> NDArray[np.bool_]:
        """Whether each site holds one whole atom, [s]."""
        whole = np.ones(len(self.fractional), dtype=np.bool_)
        np.logical_and.at(whole, self.site_of_species, np.isclose(self.occupancies, 1.0, atol=1e-3))
        return whole

    def site_name(self, site: int) -> str:
        """What is on a site and its number in its crystal, from 1: ``Na (1)``, ``Na0.5K0.4 (1)``."""
        species = slice(*np.searchsorted(self.site_of_species, [site, site + 1]))
        shares = zip(self.atomic_numbers[species], self.occupancies[species], strict=True)
        words = [f"{SYMBOLS[number - 1]}{'' if np.isclose(share, 1.0) else f'{share:.3g}'}" for number, share in shares]
        return f"{''.join(words)} ({site - self.offsets[self.owners[site]] + 1})"

    def site_means(self, values: Floats) -> Floats:
        """A property of elements, [118] by atomic number - 1, as mean over what is on each site, [s]."""
        totals = np.bincount(
            self.site_of_species, self.occupancies * values[self.atomic_numbers - 1], minlength=len(self.fractional)
        )
        return np.asarray(totals / self.occupied)


def parts_by_sites(sites: Integers, at_once: int) -> list[Integers]:
    """Crystals with so many ``sites`` [n] in parts of about ``at_once`` sites: the rows of each part, in order."""
    if not len(sites):
        return []
    part = np.cumsum(sites) // at_once
    return np.split(np.arange(len(sites)), np.flatnonzero(np.diff(part)) + 1)
