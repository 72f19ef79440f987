"""Structures described by their symmetry: space group, lattice parameters and orbits in the standard setting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import spglib
from numpy.typing import NDArray

from matscout.crystal.space_groups import ANGLES, TOLERANCE
from matscout.crystal.symmetric_crystals import SymmetricCrystals
from matscout.crystal.symmetric_lattices import constrained, parameters_of
from matscout.crystal.wyckoff import WyckoffPositions, wyckoff
from matscout.data.ragged import offsets_of
from matscout.data.spglib_calls import ask_spglib
from matscout.data.structures import Structures
from matscout.errors import RowProblem

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ON_POSITION = 1e-4
"""How far an idealised site may be from the first position of its letter, in parts of a cell vector."""

MOST_SITES = 500
"""Structures with more sites are not symmetrised."""


@dataclass(frozen=True, eq=False)
class SymmetrisedStructures:
    """What became of n structures.

    Parameters
    ----------
    crystals
        Those k whose symmetry was found.
    rows
        int64 [k], ascending: which of the structures they are.
    problems
        Why the others are not among them; row 1 is the first structure.
    """

    crystals: SymmetricCrystals
    rows: Integers
    problems: tuple[RowProblem, ...]


class _NotSymmetricError(Exception):
    """Why the symmetry of a structure cannot be described, and what to do."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.reason, self.advice = reason, advice


@dataclass(frozen=True, eq=False)
class _OneCrystal:
    number: int
    lattice: Floats
    letters: tuple[str, ...]
    elements: tuple[int, ...]
    places: Floats


def symmetrised(structures: Structures, symprec: float = TOLERANCE) -> SymmetrisedStructures:
    """Describe ordered crystals by their symmetry (A. Togo et al., doi:10.1080/27660400.2024.2384822).

    spglib is asked twice: for the number of the space group, and for the crystal in the standard setting of this group
    (:mod:`matscout.crystal.wyckoff`), which differs from spglib's own choice for 26 groups. Sites are moved onto the
    places that symmetry gives them. Orbits are sorted by letter, element and first position.

    Parameters
    ----------
    structures
        Ordered and periodic along all directions.
    symprec
        Å that an atom may be away from the place which symmetry gives it; angles may differ by 5 degrees.
    """
    made: list[_OneCrystal] = []
    rows: list[int] = []
    problems: list[RowProblem] = []
    for row in range(len(structures)):
        try:
            made.append(_one(structures, row, symprec))
            rows.append(row)
        except _NotSymmetricError as problem:
            problems.append(RowProblem(row + 1, "", problem.reason, problem.advice))
    return SymmetrisedStructures(_together(made), np.array(rows, dtype=np.int64), tuple(problems))


def _together(made: list[_OneCrystal]) -> SymmetricCrystals:
    if not made:
        return SymmetricCrystals.empty()
    return SymmetricCrystals(
        np.array([one.number for one in made], dtype=np.uint8),
        np.array([one.lattice for one in made]),
        offsets_of([len(one.letters) for one in made]),
        np.array([letter for one in made for letter in one.letters], dtype="<U1"),
        np.array([element for one in made for element in one.elements], dtype=np.uint8),
        np.concatenate([one.places for one in made]),
    )


def _one(structures: Structures, row: int, symprec: float) -> _OneCrystal:
    sites = slice(int(structures.offsets[row]), int(structures.offsets[row + 1]))
    _require_crystal(structures, row, sites)
    numbers = structures.atomic_numbers[sites].astype(np.int64)
    cell = (structures.lattices[row], structures.fractional_coordinates[sites], numbers)
    options = {"symprec": symprec, "angle_tolerance": ANGLES}
    dataset = ask_spglib(spglib.get_symmetry_dataset, cell, **options)
    if dataset is None:
        raise _NotSymmetricError(
            "spglib finds no space group", "check for atoms on top of each other, or lower symprec"
        )
    group = wyckoff(int(dataset.number))
    if dataset.hall_number != group.hall_number:
        dataset = ask_spglib(spglib.get_symmetry_dataset, cell, hall_number=group.hall_number, **options)
    if dataset is None or int(dataset.number) != group.number:
        raise _NotSymmetricError(f"spglib does not bring it into {group.symbol}, the standard setting", "lower symprec")
    return _described(dataset, group, numbers)


def _require_crystal(structures: Structures, row: int, sites: slice) -> None:
    if sites.stop == sites.start:
        raise _NotSymmetricError("it has no structure", "give one")
    if not structures.pbc[row].all():
        raise _NotSymmetricError("it is not periodic along all directions", "give a crystal")
    if not np.allclose(structures.occupancies[sites], 1.0, atol=1e-3):
        raise _NotSymmetricError("a site is shared or partly occupied", "order the structure first")
    if sites.stop - sites.start > MOST_SITES:
        raise _NotSymmetricError(f"it has more than {MOST_SITES} sites", "give a smaller cell")


def _described(dataset: Any, group: WyckoffPositions, numbers: Integers) -> _OneCrystal:
    _, first = np.unique(dataset.mapping_to_primitive, return_index=True)
    orbit_of = dataset.crystallographic_orbits[first][dataset.std_mapping_to_primitive]
    places = np.asarray(dataset.std_positions, dtype=np.float64)
    orbits = [
        (
            letter := str(dataset.wyckoffs[orbit]),
            int(numbers[orbit]),
            _first_place(group, letter, places[orbit_of == orbit]),
        )
        for orbit in np.unique(orbit_of)
    ]
    orbits.sort()
    lattice = constrained(
        parameters_of(np.asarray(dataset.std_lattice, dtype=np.float64)[None]), np.array([group.number])
    )[0]
    letters, elements, first_places = zip(*orbits, strict=True)
    return _OneCrystal(group.number, lattice, letters, elements, np.array(first_places))


def _first_place(group: WyckoffPositions, letter: str, places: Floats) -> tuple[float, ...]:
    """Of the sites of an orbit the one on the first position of its letter; of several that with the least x, y, z."""
    position = group[letter]
    on_first = places[position.on_first(places) < ON_POSITION]
    if len(places) != position.multiplicity or not len(on_first):
        raise _NotSymmetricError(f"its sites do not lie on the Wyckoff positions of {group.symbol}", "raise symprec")
    kept = np.round(position.first(on_first), 9) % 1.0
    return min(tuple(one) for one in kept.tolist())
