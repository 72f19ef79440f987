"""Known crystals as templates: sorted by stoichiometry, and within one by prototype."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.data.structures import Structures
from matscout.generate.templates.chemistry import SlotChemistry
from matscout.generate.templates.profiles import contact_profiles, pair_table
from matscout.generate.templates.slots import Key, assignments

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int64]

ALIKE, ALIKE_ACROSS = 0.12, 0.05
"""Crystals whose contact profiles differ by less, relative to their lengths, are of one prototype: of one space group,
and of different ones.

Of 1,500 random pairs of MP-20 validation crystals with one key, 95 % of the pairs that are closer than the first match
by pymatgen's StructureMatcher (stol 0.5), and 85 % of those that match within a root mean square distance of 0.1 are so
close. Most close pairs that do not match are stacked or ordered otherwise, which their space groups tell.
"""


@dataclass(frozen=True, eq=False)
class KeyTemplates:
    """All ways to lay the templates of one key on its k slots: e entries, those of one template side by side.

    Parameters
    ----------
    key
        Atoms of each slot in the primitive cell.
    templates
        int64 [e], row of the pool.
    orders
        int64 [e, k]: which slot of the template (in its own order) each slot is.
    elements
        int64 [e, k], atomic numbers of the template in the slots.
    prototypes
        int64 [e], ascending from 0 in order of first appearance.
    nearest
        float32 [e, pairs], shortest distances between the slots over the cube root of the volume per atom.
    profiles
        float32 [e / orders, pairs, bins], contact profiles of the templates in their own order.
    """

    key: Key
    templates: Integers
    orders: Integers
    elements: Integers
    prototypes: Integers
    nearest: Singles
    profiles: Singles

    @property
    def n_prototypes(self) -> int:
        """How many prototypes there are, the same atoms in other slots counted apart."""
        return int(self.prototypes.max()) + 1


@dataclass(frozen=True, eq=False)
class TemplatePool:
    """Known crystals that can lend their structure.

    Parameters
    ----------
    structures
        n ordered crystals, as primitive cells.
    formulas
        int64 [n], equal for equal reduced formulas.
    space_groups
        int64 [n].
    chemistry
        Elements, charges and radii of each in slots.
    volumes
        float64 [n], Å3 per atom.
    by_key
        The templates of each key.
    """

    structures: Structures
    formulas: Integers
    space_groups: Integers
    chemistry: SlotChemistry
    volumes: Floats
    by_key: dict[Key, KeyTemplates]

    @classmethod
    def of(cls, structures: Structures, formulas: Integers, space_groups: Integers) -> TemplatePool:
        """Sort n ordered primitive crystals."""
        chemistry = SlotChemistry.of([_contents(structures, row) for row in range(len(structures))])
        rows: dict[Key, list[int]] = defaultdict(list)
        for row, key in enumerate(chemistry.keys):
            rows[key].append(row)
        volumes = np.abs(np.linalg.det(structures.lattices)) / np.diff(structures.offsets)
        by_key = {key: _of_key(structures, chemistry, key, np.array(some), space_groups) for key, some in rows.items()}
        return cls(structures, formulas, space_groups, chemistry, volumes, by_key)


def _contents(structures: Structures, row: int) -> tuple[Integers, Integers]:
    """Atomic numbers, ascending, and how many atoms of each."""
    numbers = structures.atomic_numbers[structures.offsets[row] : structures.offsets[row + 1]].astype(np.int64)
    return np.unique(numbers, return_counts=True)


def _of_key(
    structures: Structures, chemistry: SlotChemistry, key: Key, rows: Integers, space_groups: Integers
) -> KeyTemplates:
    elements = chemistry.elements[rows, : len(key)]
    part = structures[rows]
    slot_of = np.zeros((len(rows), 256), dtype=np.int64)
    for slot in range(len(key)):
        slot_of[np.arange(len(rows)), elements[:, slot]] = slot
    owners = np.repeat(np.arange(len(rows)), np.diff(part.offsets))
    profiles, nearest = contact_profiles(
        part.lattices,
        part.offsets,
        part.fractional_coordinates,
        slot_of[owners, part.atomic_numbers],
        len(key),
    )
    orders = np.array(assignments(key))
    table = pair_table(len(key))
    pairs = np.stack([_pairs_of(order, table) for order in orders])
    n, tries = len(rows), len(orders)
    all_profiles = profiles[:, pairs].reshape(n * tries, -1)
    return KeyTemplates(
        key,
        np.repeat(rows, tries),
        np.tile(orders, (n, 1)),
        elements[:, orders].reshape(n * tries, -1),
        _sorted_by_likeness(all_profiles, np.repeat(space_groups[rows], tries)),
        nearest[:, pairs].reshape(n * tries, -1),
        profiles,
    )


def _pairs_of(order: Integers, table: Integers) -> Integers:
    """Where each pair of slots is among the pairs of a template that is laid on them in this order."""
    first, second = np.triu_indices(len(order))
    return table[order[first], order[second]]


def _sorted_by_likeness(profiles: Singles, space_groups: Integers) -> Integers:
    """A prototype for each profile [e, d]: that of the nearest leader that is alike, else it leads a new one."""
    lengths = np.sqrt((profiles**2).sum(axis=1))
    return _led(np.ascontiguousarray(profiles), lengths.astype(np.float32), space_groups)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _led(profiles: Singles, lengths: Singles, space_groups: Integers) -> Integers:
    entries, width = profiles.shape
    leaders, n_leaders = np.empty(entries, dtype=np.int64), 0
    out = np.empty(entries, dtype=np.int64)
    for entry in range(entries):
        best, nearest = -1, np.inf
        for leader in range(n_leaders):
            other = leaders[leader]
            limit = ALIKE if space_groups[other] == space_groups[entry] else ALIKE_ACROSS
            limit = min(nearest, (limit * lengths[entry]) ** 2)
            if (lengths[other] - lengths[entry]) ** 2 > limit:
                continue
            square = 0.0
            for place in range(width):
                away = profiles[entry, place] - profiles[other, place]
                square += away * away
                if square > limit:
                    break
            if square <= limit:
                best, nearest = leader, square
        if best < 0:
            leaders[n_leaders] = entry
            best = n_leaders
            n_leaders += 1
        out[entry] = best
    return out
