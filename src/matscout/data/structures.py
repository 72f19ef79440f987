"""Many crystal structures as one ragged column store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matscout.data.elements import ATOMIC_NUMBERS, SYMBOLS
from matscout.data.ragged import Rows, chosen, offsets_of

if TYPE_CHECKING:
    from pymatgen.core import PeriodicSite, Structure

FULLEST = 1.05
"""Occupancies of one site that add up to no more are scaled to 1: they carry rounding errors."""

_ROUNDING = 1e-8
"""pymatgen lets occupancies of one site exceed 1 by so much."""


@dataclass(frozen=True, eq=False)
class Structures:
    """n structures; a site shared by several species appears once per species, at the same coordinates.

    A row without any site is one whose structure is not known (:attr:`present`).

    Parameters
    ----------
    lattices
        float64 [n, 3, 3], Å, rows are the lattice vectors.
    offsets
        int64 [n + 1]: structure i owns the species entries ``offsets[i]:offsets[i + 1]``.
    atomic_numbers
        uint8 [entries].
    fractional_coordinates
        float64 [entries, 3].
    occupancies
        float64 [entries], in (0, 1].
    """

    lattices: NDArray[np.float64]
    offsets: NDArray[np.int64]
    atomic_numbers: NDArray[np.uint8]
    fractional_coordinates: NDArray[np.float64]
    occupancies: NDArray[np.float64]

    @classmethod
    def from_pymatgen(cls, structures: Sequence[Structure]) -> Structures:
        """From pymatgen structures; oxidation states and isotopes are added up, partial occupancies are kept."""
        sites = [[(site.frac_coords, _amounts(site)) for site in structure] for structure in structures]
        entries = [
            (number, coordinates, amount)
            for structure in sites
            for coordinates, amounts in structure
            for number, amount in amounts.items()
        ]
        lengths = [sum(len(amounts) for _, amounts in structure) for structure in sites]
        return cls(
            np.array([structure.lattice.matrix for structure in structures], dtype=np.float64).reshape(-1, 3, 3),
            offsets_of(lengths),
            np.array([number for number, _, _ in entries], dtype=np.uint8),
            np.array([coordinates for _, coordinates, _ in entries], dtype=np.float64).reshape(-1, 3),
            np.array([amount for _, _, amount in entries], dtype=np.float64),
        ).merged()

    @classmethod
    def joined(cls, parts: Sequence[Structures]) -> Structures:
        """The structures of all parts, one part after the other."""
        lengths = [np.diff(part.offsets) for part in parts]
        return cls(
            np.concatenate([*(part.lattices for part in parts), np.zeros((0, 3, 3))]),
            offsets_of(np.concatenate([*lengths, []])),
            np.concatenate([*(part.atomic_numbers for part in parts), np.zeros(0, dtype=np.uint8)]),
            np.concatenate([*(part.fractional_coordinates for part in parts), np.zeros((0, 3))]),
            np.concatenate([*(part.occupancies for part in parts), np.zeros(0)]),
        )

    def merged(self) -> Structures:
        """Each element once on each site: Fe2+ and Fe3+ that share a site are iron.

        Entries at equal coordinates that fill no more than one atom are one site. Where all entries of a site add up
        to a little more than 1 (:data:`FULLEST`), they are scaled to 1. Whole atoms on top of each other stay as they
        are, for :func:`matscout.data.structure_checks.check` to refuse.
        """
        partial = np.flatnonzero(self.occupancies != 1.0)
        if not len(partial):
            return self
        owners = np.repeat(np.arange(len(self)), np.diff(self.offsets))
        places = np.column_stack([owners, self.fractional_coordinates])[partial]
        _, site = np.unique(places, axis=0, return_inverse=True)
        occupancies, kept = self.occupancies.copy(), np.ones(len(owners), dtype=np.bool_)
        occupancies[partial], kept[partial] = _merged(
            site.ravel(), self.atomic_numbers[partial].astype(np.int64), occupancies[partial]
        )
        return Structures(
            self.lattices,
            offsets_of(np.bincount(owners[kept], minlength=len(self))),
            self.atomic_numbers[kept],
            self.fractional_coordinates[kept],
            occupancies[kept],
        )

    def spread(self, rows: NDArray[np.int64], n: int) -> Structures:
        """The structures as ``rows`` (int64 [m], ascending) of n, of which the others are not known."""
        lattices, lengths = np.zeros((n, 3, 3)), np.zeros(n, dtype=np.int64)
        lattices[rows], lengths[rows] = self.lattices, np.diff(self.offsets)
        return replace(self, lattices=lattices, offsets=offsets_of(lengths))

    @property
    def present(self) -> NDArray[np.bool_]:
        """Which rows have a structure, bool [n]."""
        return np.diff(self.offsets) > 0

    def __len__(self) -> int:
        return len(self.lattices)

    def __getitem__(self, index: Rows) -> Structures:
        """The chosen rows; a slice with step 1 shares the memory of the whole."""
        offsets, entries = chosen(self.offsets, index)
        return Structures(
            self.lattices[index],
            offsets,
            self.atomic_numbers[entries],
            self.fractional_coordinates[entries],
            self.occupancies[entries],
        )

    def to_pymatgen(self, row: int) -> Structure:
        """One structure as a pymatgen object; entries at equal coordinates become one disordered site."""
        from pymatgen.core import Lattice, Structure

        entries = slice(self.offsets[row], self.offsets[row + 1])
        sites: dict[tuple[float, ...], dict[str, float]] = {}
        columns = (self.atomic_numbers[entries], self.fractional_coordinates[entries], self.occupancies[entries])
        for number, coordinates, occupancy in zip(*columns, strict=True):
            held = sites.setdefault(tuple(coordinates), {})
            symbol = SYMBOLS[number - 1]
            held[symbol] = held.get(symbol, 0.0) + float(occupancy)
        return Structure(Lattice(self.lattices[row]), list(sites.values()), list(sites))


def _amounts(site: PeriodicSite) -> dict[int, float]:
    """Atomic number -> occupancy."""
    amounts: dict[int, float] = {}
    for species, amount in site.species.items():
        number = ATOMIC_NUMBERS[species.symbol if hasattr(species, "symbol") else str(species)]
        amounts[number] = amounts.get(number, 0.0) + amount
    return amounts


def _merged(
    sites: NDArray[np.int64], numbers: NDArray[np.int64], occupancies: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Occupancies of entries with these sites and atomic numbers once equal ones are merged, and which entries stay."""
    _, first, element = np.unique(sites * 256 + numbers, return_index=True, return_inverse=True)
    totals = np.bincount(element, occupancies)
    one = totals <= FULLEST
    kept = ~one[element] | (first[element] == np.arange(len(sites)))
    occupancies = np.where(one[element], totals[element], occupancies)
    filled = np.bincount(sites, occupancies * kept)
    over = (filled > 1.0 + _ROUNDING) & (filled <= FULLEST)
    return occupancies / np.where(over, filled, 1.0)[sites], kept
