"""Whether structures can be real: volume, density, and atoms on top of each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.data.budgets import BUDGET
from matscout.data.elements import SYMBOLS, atomic_masses
from matscout.data.neighbour_bounds import MOST_PAIRS, pairs_to_expect, searchable_cutoff
from matscout.data.neighbour_search import load_neighbour_search
from matscout.data.structures import Structures
from matscout.data.unit_cells import NO_VOLUME, SMALLEST_VOLUME, have_volume, volumes_of

FARTHEST = 1e6
"""Cells; fractional coordinates beyond have no digits left."""

HUGE = 1e30
"""Å; numbers that are still multiplied without overflow."""

DENSEST = 50.0
"""g/cm³; osmium has 22.6, and the densest solids under the pressure of planets some 40."""

THINNEST = 0.05
"""g/cm³; aerogels aside, a cell with less is mostly empty: an atom, a molecule or a layer in a box."""

NEAREST = 0.5
"""Å; the shortest bond there is, that of H2, is 0.74 Å."""

SEARCHED = 1.5
"""Å; searching within less takes longer, because the cell is then divided into many more boxes."""

SHARED = 1.05
"""Two sites whose occupancies add up to no more are alternatives, never filled at the same time."""

GRAMS_PER_CUBIC_CENTIMETRE = 1.66053906660
"""In u/Å³ (CODATA 2018)."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a structure, and what to do; one that is not ``fatal`` is only worth a remark."""

    reason: str
    advice: str
    fatal: bool = True


def check(structures: Structures) -> list[Fault | None]:
    """The first fault found in each of n structures, None for a sound one.

    What native code could not stand, or take forever for, is refused before any is called.
    """
    unfit = _unfit(structures)
    sound = np.array([fault is None for fault in unfit], dtype=np.bool_)
    volumes = volumes_of(np.where(sound[:, None, None], structures.lattices, np.eye(3)))
    densities = mass_densities(structures, np.maximum(volumes, SMALLEST_VOLUME))
    return [
        _fault_of(structures, row, float(densities[row])) if fault is None else fault for row, fault in enumerate(unfit)
    ]


def _unfit(structures: Structures) -> list[Fault | None]:
    """Faults of numbers: not finite, no atoms, occupancies and lattice vectors that cannot be."""
    sizes = np.diff(structures.offsets)
    owners = np.repeat(np.arange(len(structures)), sizes)

    def any_of(entries: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return np.asarray(np.bincount(owners[entries], minlength=len(structures)) > 0)

    occupancies, coordinates = structures.occupancies, structures.fractional_coordinates
    finite = np.isfinite(structures.lattices.reshape(-1, 9)).all(axis=1)
    finite &= ~any_of(~np.isfinite(coordinates).all(axis=1) | ~np.isfinite(occupancies))
    lattices = np.where(finite[:, None, None], np.clip(structures.lattices, -HUGE, HUGE), np.eye(3))
    faults = (
        (sizes == 0, Fault("it has no atoms", "leave it out")),
        (~finite, Fault("a coordinate or a lattice vector is not a number", "write the file again")),
        (
            any_of(~((occupancies > 0) & (occupancies <= SHARED))),
            Fault("an occupancy is not between 0 and 1", "write how much of each site is filled"),
        ),
        (
            any_of(np.abs(coordinates).max(axis=1, initial=0.0) > FARTHEST),
            Fault("an atom lies far outside", "check the coordinates"),
        ),
        (sizes > BUDGET.sites, Fault(f"it has more than {BUDGET.sites} atoms", "reduce it to one cell")),
        (
            np.linalg.norm(lattices, axis=2).max(axis=1, initial=0.0) > BUDGET.longest_vector,
            Fault(f"a lattice vector is longer than {BUDGET.longest_vector:g} Å", "check the unit of the lattice: Å"),
        ),
        (~have_volume(lattices), Fault(*NO_VOLUME)),
    )
    return [next((fault for rows, fault in faults if rows[row]), None) for row in range(len(structures))]


def _fault_of(structures: Structures, row: int, density: float) -> Fault | None:
    if density > DENSEST:
        return Fault(
            f"its density of {density:.3g} g/cm³ is more than any solid has", "check the unit of the lattice: Å"
        )
    if overlap := _overlap(structures, row):
        return overlap
    if density < THINNEST:
        return Fault(
            f"its cell is nearly empty ({density:.2g} g/cm³)",
            "no action is needed if it is a molecule or a layer",
            False,
        )
    return None


def mass_densities(structures: Structures, volumes: NDArray[np.float64]) -> NDArray[np.float64]:
    """g/cm³, [n], of structures whose cells have these volumes (Å³, [n])."""
    return np.asarray(_masses(structures) / volumes * GRAMS_PER_CUBIC_CENTIMETRE)


def _masses(structures: Structures) -> NDArray[np.float64]:
    """Mass of each cell, u, [n]."""
    owners = np.repeat(np.arange(len(structures)), np.diff(structures.offsets))
    of_entries = atomic_masses()[structures.atomic_numbers.astype(np.int64) - 1] * structures.occupancies
    return np.bincount(owners, of_entries, minlength=len(structures)).astype(np.float64)


def _overlap(structures: Structures, row: int) -> Fault | None:
    """Two sites closer than bonds are, both of which are there."""
    entries = slice(structures.offsets[row], structures.offsets[row + 1])
    lattice, fractional = structures.lattices[row], structures.fractional_coordinates[entries]
    if pairs_to_expect(fractional, lattice, SEARCHED) > MOST_PAIRS:
        return Fault(f"too many of its atoms lie within {SEARCHED:g} Å of each other", "check coordinates and lattice")
    positions, occupancies = fractional @ lattice, structures.occupancies[entries]
    search = load_neighbour_search().NeighborList(cutoff=searchable_cutoff(lattice, SEARCHED), full_list=False)
    first, second, distances = search.compute(
        points=positions, box=lattice, periodic=structures.pbc[row], quantities="ijd"
    )
    both = (occupancies[first] + occupancies[second] > SHARED) & (distances < NEAREST)
    if not both.any():
        return None
    at = int(np.flatnonzero(both)[np.argmin(distances[both])])
    named = [
        f"{SYMBOLS[structures.atomic_numbers[entries][site] - 1]} ({site + 1})" for site in (first[at], second[at])
    ]
    return Fault(
        f"its atoms {named[0]} and {named[1]} are {distances[at]:.2g} Å apart", "remove one, or correct the cell"
    )
