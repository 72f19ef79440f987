"""Prototypes as averages: what remains of many known crystals once no single one is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.crystal.prototypes import prototype_label
from matscout.crystal.symmetric_crystals import SymmetricCrystals
from matscout.crystal.wyckoff import LETTERS
from matscout.data.structures import Structures
from matscout.generate.templates.key_templates import KeyTemplates
from matscout.generate.templates.pool import TemplatePool
from matscout.generate.templates.proposals import Proposals, Wanted
from matscout.generate.templates.slots import Key
from matscout.generate.templates.votes import NO_FORMULA, SHARP, SHARPNESS, SOFT
from matscout.predict.states import Stored

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

STAND_INS = np.array([55, 11, 12, 13, 14, 15, 16, 17, 8, 9])
"""Elements that mark the slots of a prototype: in order of electronegativity, as slots of equal size are."""


@dataclass(frozen=True, eq=False)
class PrototypeTable(Stored):
    """g prototypes with s slots in all.

    Parameters
    ----------
    space_groups, lattices, orbit_offsets, letters, places
        Average crystals as in :class:`~matscout.crystal.symmetric_crystals.SymmetricCrystals`, of 1 Å3 per atom;
        ``letters`` uint8, place of the letter in the alphabet.
    orbit_slots
        uint8 [orbits], slot of each orbit.
    slot_offsets
        int64 [g + 1].
    role_offsets, role_elements, role_counts
        What known crystals have in each slot: int64 [s + 1], uint8 and float64 [r], atomic numbers and how often.
    charges, radii
        float64 [s], mean over them.
    members
        int64 [g], how many known crystals.
    expansion
        float64 [g], mean logarithm of their volumes over predicted ones.
    """

    space_groups: Integers
    lattices: Floats
    orbit_offsets: Integers
    letters: NDArray[np.uint8]
    places: Floats
    orbit_slots: NDArray[np.uint8]
    slot_offsets: Integers
    role_offsets: Integers
    role_elements: NDArray[np.uint8]
    role_counts: Floats
    charges: Floats
    radii: Floats
    members: Integers
    expansion: Floats

    def __len__(self) -> int:
        return len(self.members)

    @cached_property
    def crystals(self) -> SymmetricCrystals:
        """The average crystals, with elements that stand for slots."""
        letters = np.array([LETTERS[number] for number in self.letters], dtype="<U1")
        return SymmetricCrystals(
            self.space_groups.astype(np.uint8),
            self.lattices,
            self.orbit_offsets,
            letters,
            STAND_INS[self.orbit_slots].astype(np.uint8),
            self.places,
        )

    @cached_property
    def pool(self) -> TemplatePool:
        """The same as templates."""
        structures: Structures = self.crystals.structures(primitive=True)
        return TemplatePool.of(structures, self.space_groups, apart=True)

    def has(self, key: Key) -> bool:
        """Whether there are prototypes of a key."""
        return self.pool.has(key)

    def propose(self, wanted: Wanted, likeness: Floats, most: int, left_out: int = NO_FORMULA) -> Proposals | None:
        """At most ``most`` prototypes for a formula, most votes first; None if there is none of its key."""
        key = self.pool.at(wanted.key)
        if key is None:
            return None
        counts = self._counted(wanted, key, likeness)
        best = _best_of_each(key.prototypes, counts.votes[:, 0], key.n_prototypes)
        best = best[np.argsort(-counts.votes[best, 0], kind="stable")]
        entries = best[:most]
        slots = self.slot_offsets[key.templates[entries]][:, None] + key.orders[entries]
        return Proposals(
            entries,
            counts.votes[entries],
            counts.votes[best].sum(axis=0),
            counts.by_slot[entries].mean(axis=1),
            counts.by_slot[entries],
            self.members[key.templates[entries]],
            int(self.members[key.templates[best]].sum()),
            counts.elements[entries],
            self.charges[slots],
            self.radii[slots],
            wanted.volume * np.exp(-self.expansion[key.templates[entries]]),
            key.nearest[entries].astype(np.float64),
            key.coulomb[entries],
            self.space_groups[key.templates[entries]],
        )

    def profiles(self, key: Key, entries: Integers) -> NDArray[np.float32]:
        """Contact profiles of proposals, float32 [c, pairs x bins]."""
        return self.pool.profiles(key, entries)

    def decorated(self, wanted: Wanted, entry: int) -> Structures:
        """The average crystal of a proposal with the wanted elements, at the volume that they need."""
        row = self._row(wanted, entry)
        one = self.pool.decorated(wanted, entry)
        return replace(one, lattices=one.lattices * np.exp(self.expansion[row] / 3))

    def origin(self, wanted: Wanted, entry: int) -> str:
        """Of which prototype, and how many known crystals it has."""
        row = self._row(wanted, entry)
        label = prototype_label(self.crystals.space_group(row))
        return f"prototype {label} of {counted(int(self.members[row]), 'known crystal')}"

    def _row(self, wanted: Wanted, entry: int) -> int:
        key = self.pool.at(wanted.key)
        if key is None:
            raise KeyError(wanted.key)
        return int(key.templates[entry])

    def _counted(self, wanted: Wanted, key: KeyTemplates, likeness: Floats) -> _RoleVotes:
        entries, slots = key.orders.shape
        made = _RoleVotes(
            np.zeros((entries, 3)), np.zeros((entries, slots)), np.zeros((entries, slots), dtype=np.int64)
        )
        _count(
            self.slot_offsets[key.templates], key.orders, self.role_offsets, self.role_elements, self.role_counts,
            likeness[wanted.elements - 1], made.votes, made.by_slot, made.elements,
        )  # fmt: skip
        return made


@dataclass(frozen=True, eq=False)
class _RoleVotes:
    """Votes [e, 3], best likeness of each slot [e, k], and the element that has it [e, k]."""

    votes: Floats
    by_slot: Floats
    elements: Integers


def _best_of_each(prototypes: Integers, votes: Floats, groups: int) -> Integers:
    """The entry of each prototype that has most votes."""
    order = np.lexsort((-votes, prototypes))
    return order[np.searchsorted(prototypes[order], np.arange(groups))]


@njit(cache=True)  # type: ignore[untyped-decorator]
def _count(  # noqa: PLR0917
    first_slots: Integers,
    orders: Integers,
    offsets: Integers,
    elements: NDArray[np.uint8],
    counts: Floats,
    likeness: Floats,
    votes: Floats,
    by_slot: Floats,
    best: Integers,
) -> None:
    """Fill the last three: votes as if the elements in the slots of a prototype did not depend on one another."""
    entries, slots = orders.shape
    sharpness = np.array([SHARPNESS, SHARP, SOFT])
    for entry in range(entries):
        votes[entry] = 0.0
        for slot in range(slots):
            place = first_slots[entry] + orders[entry, slot]
            total, sums = 0.0, np.zeros(3)
            by_slot[entry, slot] = -np.inf
            for role in range(offsets[place], offsets[place + 1]):
                own = likeness[slot, elements[role] - 1]
                total += counts[role]
                for one in range(3):
                    sums[one] += counts[role] * np.exp(own / (sharpness[one] * slots))
                if own > by_slot[entry, slot]:
                    by_slot[entry, slot], best[entry, slot] = own, elements[role]
            votes[entry] += np.log(sums / total)
            if slot == slots - 1:
                votes[entry] = total * np.exp(votes[entry])
