"""Many crystal structures as one ragged column store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matscout.data.compositions import Index
from matscout.data.elements import ATOMIC_NUMBERS, SYMBOLS

if TYPE_CHECKING:
    from pymatgen.core import PeriodicSite, Structure


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
            np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            np.array([number for number, _, _ in entries], dtype=np.uint8),
            np.array([coordinates for _, coordinates, _ in entries], dtype=np.float64).reshape(-1, 3),
            np.array([amount for _, _, amount in entries], dtype=np.float64),
        )

    @classmethod
    def joined(cls, parts: Sequence[Structures]) -> Structures:
        """The structures of all parts, one part after the other."""
        lengths = [np.diff(part.offsets) for part in parts]
        return cls(
            np.concatenate([*(part.lattices for part in parts), np.zeros((0, 3, 3))]),
            np.concatenate([[0], np.cumsum(np.concatenate([*lengths, []]))]).astype(np.int64),
            np.concatenate([*(part.atomic_numbers for part in parts), np.zeros(0, dtype=np.uint8)]),
            np.concatenate([*(part.fractional_coordinates for part in parts), np.zeros((0, 3))]),
            np.concatenate([*(part.occupancies for part in parts), np.zeros(0)]),
        )

    def spread(self, rows: NDArray[np.int64], n: int) -> Structures:
        """The structures as ``rows`` (int64 [m], ascending) of n, of which the others are not known."""
        lattices, lengths = np.zeros((n, 3, 3)), np.zeros(n, dtype=np.int64)
        lattices[rows], lengths[rows] = self.lattices, np.diff(self.offsets)
        return replace(self, lattices=lattices, offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))

    @property
    def present(self) -> NDArray[np.bool_]:
        """Which rows have a structure, bool [n]."""
        return np.diff(self.offsets) > 0

    def __len__(self) -> int:
        return len(self.lattices)

    def __getitem__(self, index: Index) -> Structures:
        rows = np.arange(len(self))[index]
        lengths = np.diff(self.offsets)[rows]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        entries = np.arange(offsets[-1]) + np.repeat(self.offsets[rows] - offsets[:-1], lengths)
        return Structures(
            self.lattices[rows],
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
