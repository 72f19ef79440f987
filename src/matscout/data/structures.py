"""Many crystal structures as one ragged column store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.data.elements import SYMBOLS
from matscout.data.named_columns import (
    NamedColumns,
    blanks,
    joined_columns,
    record_of,
    require_columns,
    taken,
)
from matscout.data.ragged import Rows, chosen, offsets_of
from matscout.data.read_only import lock
from matscout.data.structure_objects import of_ase, of_pymatgen
from matscout.errors import InputError
from matscout.shown import Shown

if TYPE_CHECKING:
    from ase import Atoms
    from pymatgen.core import Structure

FULLEST = 1.05
"""Occupancies of one site that add up to no more are scaled to 1: they carry rounding errors."""

_ROUNDING = 1e-8
"""pymatgen lets occupancies of one site exceed 1 by so much."""

_WHOLE = 1e-3
"""An occupancy that differs less from 1 is that of a whole atom."""


@dataclass(frozen=True, eq=False, repr=False)
class Structures(Shown):
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
    pbc
        bool [n, 3], along which lattice vectors a structure is periodic (periodic boundary conditions): along all three
        where nothing is given. Along the others the vector says nothing but what the coordinates are fractions of.
    charge
        float64 [n], of the whole cell in elementary charges: 0 where nothing is given.
    site_columns
        What else is known of the sites by name (forces in eV/Å, magnetic moments in Bohr magnetons), float64
        [entries, ...] or text [entries]. Entries of one site have the same value.
    columns
        What else is known of the structures by name (stress, dipole), float64 [n, ...] or text [n]. No representation
        reads these or those of the sites.

    Raises
    ------
    ValueError
        If lengths do not fit.
    """

    lattices: NDArray[np.float64]
    offsets: NDArray[np.int64]
    atomic_numbers: NDArray[np.uint8]
    fractional_coordinates: NDArray[np.float64]
    occupancies: NDArray[np.float64]
    pbc: NDArray[np.bool_] = field(default_factory=lambda: np.ones((0, 3), dtype=np.bool_))
    charge: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    site_columns: NamedColumns = field(default_factory=dict)
    columns: NamedColumns = field(default_factory=dict)

    def __post_init__(self) -> None:
        n = len(self.lattices)
        if not len(self.pbc):
            object.__setattr__(self, "pbc", np.ones((n, 3), dtype=np.bool_))
        if not len(self.charge):
            object.__setattr__(self, "charge", np.zeros(n))
        if self.pbc.shape != (n, 3) or self.charge.shape != (n,):
            raise ValueError(f"pbc {self.pbc.shape} and charge {self.charge.shape} do not fit {n} structures")
        require_columns(self.site_columns, len(self.atomic_numbers), "sites")
        require_columns(self.columns, n, "structures")
        lock(self)

    @classmethod
    def from_pymatgen(cls, structures: Sequence[Structure]) -> Structures:
        """From pymatgen structures; oxidation states and isotopes are added up, partial occupancies are kept.

        Periodic directions, charges that were set, and properties of sites and structures that are numbers or texts are
        kept as well.
        """
        return cls(**of_pymatgen(structures)).merged()

    @classmethod
    def from_ase(cls, atoms: Sequence[Atoms]) -> Structures:
        """From ASE's atoms, with arrays, ``info`` and calculated results that are numbers or texts.

        Missing (zero) cell vectors are made up along directions that are not periodic.
        """
        return cls(**of_ase(atoms))

    @classmethod
    def joined(cls, parts: Sequence[Structures]) -> Structures:
        """The structures of all parts, one part after the other; columns that a part lacks are blank there."""
        lengths = [np.diff(part.offsets) for part in parts]
        return cls(
            np.concatenate([*(part.lattices for part in parts), np.zeros((0, 3, 3))]),
            offsets_of(np.concatenate([*lengths, []])),
            np.concatenate([*(part.atomic_numbers for part in parts), np.zeros(0, dtype=np.uint8)]),
            np.concatenate([*(part.fractional_coordinates for part in parts), np.zeros((0, 3))]),
            np.concatenate([*(part.occupancies for part in parts), np.zeros(0)]),
            np.concatenate([*(part.pbc for part in parts), np.ones((0, 3), dtype=np.bool_)]),
            np.concatenate([*(part.charge for part in parts), np.zeros(0)]),
            joined_columns([part.site_columns for part in parts], [len(part.atomic_numbers) for part in parts]),
            joined_columns([part.columns for part in parts], [len(part) for part in parts]),
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
        return replace(
            self,
            offsets=offsets_of(np.bincount(owners[kept], minlength=len(self))),
            atomic_numbers=self.atomic_numbers[kept],
            fractional_coordinates=self.fractional_coordinates[kept],
            occupancies=occupancies[kept],
            site_columns=taken(self.site_columns, kept),
        )

    def spread(self, rows: NDArray[np.int64], n: int) -> Structures:
        """The structures as ``rows`` (int64 [m], ascending) of n, of which the others are not known."""
        lattices, lengths = np.zeros((n, 3, 3)), np.zeros(n, dtype=np.int64)
        pbc, charge = np.ones((n, 3), dtype=np.bool_), np.zeros(n)
        lattices[rows], lengths[rows], pbc[rows], charge[rows] = (
            self.lattices,
            np.diff(self.offsets),
            self.pbc,
            self.charge,
        )
        columns = {name: blanks(column, n) for name, column in self.columns.items()}
        for name, column in self.columns.items():
            columns[name][rows] = column
        offsets = offsets_of(lengths)
        return replace(self, lattices=lattices, offsets=offsets, pbc=pbc, charge=charge, columns=columns)

    @property
    def present(self) -> NDArray[np.bool_]:
        """Which rows have a structure, bool [n]."""
        return np.diff(self.offsets) > 0

    @property
    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that is known, by name, the columns as ``"site <name>"`` and ``"structure <name>"``.

        ``pbc`` and ``charge`` are left out where all structures are crystals without charge, so that what is made of
        them (digests, files) is the same whether they were given or not.
        """
        arrays: dict[str, NDArray[Any]] = {
            "lattices": self.lattices,
            "offsets": self.offsets,
            "atomic_numbers": self.atomic_numbers,
            "fractional_coordinates": self.fractional_coordinates,
            "occupancies": self.occupancies,
        }
        arrays |= {} if self.pbc.all() else {"pbc": self.pbc}
        arrays |= {"charge": self.charge} if self.charge.any() else {}
        arrays |= {f"site {name}": column for name, column in self.site_columns.items()}
        return arrays | {f"structure {name}": column for name, column in self.columns.items()}

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
            self.pbc[index],
            self.charge[index],
            taken(self.site_columns, entries),
            taken(self.columns, index),
        )

    def to_pymatgen(self, row: int) -> Structure:
        """One structure as a pymatgen object; entries at equal coordinates become one disordered site."""
        from pymatgen.core import Lattice, Structure

        first, stop = int(self.offsets[row]), int(self.offsets[row + 1])
        sites: dict[tuple[float, ...], dict[str, float]] = {}
        entry_of: list[int] = []
        for entry in range(first, stop):
            place = tuple(self.fractional_coordinates[entry])
            entry_of += [entry] * (place not in sites)
            held = sites.setdefault(place, {})
            symbol = SYMBOLS[self.atomic_numbers[entry] - 1]
            held[symbol] = held.get(symbol, 0.0) + float(self.occupancies[entry])
        properties = [record_of(self.site_columns, entry) for entry in entry_of]
        periodic = tuple(self.pbc[row].tolist())
        return Structure(
            Lattice(self.lattices[row], pbc=periodic),
            list(sites.values()),
            list(sites),
            charge=float(self.charge[row]) or None,
            site_properties={name: [one.get(name) for one in properties] for name in self.site_columns},
            properties=record_of(self.columns, row),
        )

    def to_ase(self, row: int) -> Atoms:
        """One ordered structure as ASE has it; columns become arrays and ``info``, as does a charge.

        Raises
        ------
        InputError
            If a site is shared or partly occupied: ASE knows whole atoms only.
        """
        from ase import Atoms

        entries = slice(int(self.offsets[row]), int(self.offsets[row + 1]))
        if not np.allclose(self.occupancies[entries], 1.0, atol=_WHOLE):
            raise InputError(
                "a site is shared or partly occupied, but ASE supports whole atoms only; order the structure first"
            )
        charge = float(self.charge[row])
        atoms = Atoms(
            self.atomic_numbers[entries],
            positions=self.fractional_coordinates[entries] @ self.lattices[row],
            cell=self.lattices[row],
            pbc=self.pbc[row],
            info=record_of(self.columns, row) | ({"charge": charge} if charge else {}),
        )
        for name, column in self.site_columns.items():
            atoms.set_array(name, column[entries])
        return atoms

    def in_a_line(self) -> str:
        """How many, with how many sites."""
        held = int(self.present.sum())
        entries = counted(len(self.atomic_numbers), "entry", "entries")
        return f"{counted(held, 'structure')} in {counted(len(self), 'row')}, {entries} on sites"


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
