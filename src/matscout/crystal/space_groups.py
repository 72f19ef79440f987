"""Space groups of crystals, as spglib finds them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import spglib
from numpy.typing import NDArray

from matscout.crystal.boxes import in_boxes
from matscout.crystal.crystals import Crystals
from matscout.data.spglib_calls import ask_spglib

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TOLERANCE = 0.01
"""Å: ``symprec`` of pymatgen's ``SpacegroupAnalyzer``, and so of matminer."""

ANGLES = 5.0
"""Degrees: its ``angle_tolerance``."""

SYSTEMS = ("triclinic", "monoclinic", "orthorhombic", "tetragonal", "trigonal", "hexagonal", "cubic")
LAST_NUMBERS = (2, 15, 74, 142, 167, 194, 230)
"""Of the space groups of each crystal system."""

FAMILIES = dict(zip(SYSTEMS, "amothhc", strict=True))
"""Letters of Pearson symbols; trigonal crystals belong to the hexagonal family."""

SAME_OCCUPANCY = 6
"""Decimals; sites whose occupancies differ less may be equivalent."""


@dataclass(frozen=True)
class Orbit:
    """Sites that are images of one another.

    Parameters
    ----------
    multiplicity
        How many they are in the conventional cell.
    site_symmetry
        What leaves one of them where it is, as the International Tables write it: ``"m-3m"``, ``"..2/m"``.
    letter
        Of the Wyckoff position, which depends on where the origin is put.
    kind
        A number for what is on them: equal where species and occupancies are, of ordered crystals the atomic number.
    site
        The first of them, counted within the crystal.
    sites
        How many they are in the cell as given.
    """

    multiplicity: int
    site_symmetry: str
    letter: str
    kind: int
    site: int
    sites: int


@dataclass(frozen=True, eq=False)
class SpaceGroup:
    """The space group of a crystal and its primitive cell.

    Parameters
    ----------
    number
        1 to 230.
    symbol
        The short international symbol.
    operations
        Of the point group; as many as a primitive cell has symmetry operations.
    centrosymmetric
        Whether inversion is one of them.
    primitive_lattice
        float64 [3, 3], Å, rows; its symmetry is that of the crystal within the tolerance only.
    sites
        In the primitive cell.
    conventional_sites
        In the conventional cell.
    orbits
        The sites that are images of one another, in the order in which the first of each is written.
    """

    number: int
    symbol: str
    operations: int
    centrosymmetric: bool
    primitive_lattice: Floats
    sites: int
    conventional_sites: int
    orbits: tuple[Orbit, ...]

    @property
    def unique_sites(self) -> int:
        """How many sites are not images of one another."""
        return len(self.orbits)

    @property
    def pearson(self) -> str:
        """Family, centring and atoms of the conventional cell: ``"cF8"``."""
        family = FAMILIES[self.system]
        return f"{family}{'S' if self.symbol[0] in 'ABC' else self.symbol[0]}{self.conventional_sites}"

    @property
    def system(self) -> str:
        """The crystal system, one of :data:`SYSTEMS`."""
        return SYSTEMS[int(np.searchsorted(LAST_NUMBERS, self.number))]


def space_group(crystals: Crystals, row: int, tolerance: float = TOLERANCE) -> SpaceGroup | None:
    """The space group of one crystal (A. Togo et al., doi:10.1080/27660400.2024.2384822); None if spglib finds none.

    Slabs, chains and molecules have that of a crystal of them with vacuum between (:func:`in_boxes`).

    Parameters
    ----------
    crystals
        Sites with the same species and occupancies may be images of one another.
    row
        Which of the crystals.
    tolerance
        Å that an atom may be away from the place which symmetry gives it.
    """
    if not crystals.periodic[row]:
        crystals, row = in_boxes(crystals[np.array([row])]), 0
    sites = slice(crystals.offsets[row], crystals.offsets[row + 1])
    cell = (crystals.lattices[row], crystals.fractional[sites], _kinds(crystals, row))
    dataset = ask_spglib(spglib.get_symmetry_dataset, cell, symprec=tolerance, angle_tolerance=ANGLES)
    if dataset is None:
        return None
    operations, centrosymmetric = _point_group(dataset.hall_number)
    return SpaceGroup(
        number=int(dataset.number),
        symbol=str(dataset.international),
        operations=operations,
        centrosymmetric=centrosymmetric,
        primitive_lattice=np.asarray(dataset.primitive_lattice, dtype=np.float64),
        sites=len(np.unique(dataset.mapping_to_primitive)),
        conventional_sites=len(dataset.std_types),
        orbits=_orbits(dataset, cell[2]),
    )


def _orbits(dataset: Any, kinds: Integers) -> tuple[Orbit, ...]:
    first, counts = np.unique(dataset.crystallographic_orbits, return_index=True, return_counts=True)[1:]
    share = len(dataset.std_types) / len(kinds)
    order = np.argsort(first)
    return tuple(
        Orbit(
            multiplicity=round(count * share),
            site_symmetry=str(dataset.site_symmetry_symbols[row]),
            letter=str(dataset.wyckoffs[row]),
            kind=int(kinds[row]),
            site=int(row),
            sites=int(count),
        )
        for row, count in zip(first[order], counts[order], strict=True)
    )


def niggli_reduced(lattice: Floats) -> Floats:
    """The reduced basis of a lattice, [3, 3], Å, rows; NaN if spglib finds none.

    P. Niggli's as R. W. Grosse-Kunstleve et al. compute it, doi:10.1107/S010876730302186X.
    """
    reduced = ask_spglib(spglib.niggli_reduce, lattice)
    return np.full((3, 3), np.nan) if reduced is None else np.asarray(reduced, dtype=np.float64)


def _kinds(crystals: Crystals, row: int) -> Integers:
    """A number for what is on each site of a crystal, [sites]; equal where species and occupancies are."""
    start, stop = crystals.offsets[row], crystals.offsets[row + 1]
    first, last = np.searchsorted(crystals.site_of_species, [start, stop])
    entries = slice(int(first), int(last))
    if last - first == stop - start and (crystals.occupancies[entries] == 1.0).all():
        return crystals.atomic_numbers[entries]
    content: list[list[tuple[int, float]]] = [[] for _ in range(stop - start)]
    species = zip(
        crystals.site_of_species[entries] - start,
        crystals.atomic_numbers[entries],
        np.round(crystals.occupancies[entries], SAME_OCCUPANCY),
        strict=True,
    )
    for site, number, occupancy in species:
        content[site].append((int(number), float(occupancy)))
    numbers: dict[tuple[tuple[int, float], ...], int] = {}
    return np.array([numbers.setdefault(tuple(sorted(kind)), len(numbers) + 1) for kind in content])


@cache
def _point_group(hall_number: int) -> tuple[int, bool]:
    """Number of operations, and whether inversion is one of them."""
    rotations = np.unique(ask_spglib(spglib.get_symmetry_from_database, hall_number)["rotations"], axis=0)
    return len(rotations), bool((rotations == -np.eye(3)).all(axis=(1, 2)).any())
