"""Averages over the known crystals of one prototype: from a pool of templates to a table of prototypes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from matscout.crystal.symmetric_crystals import SymmetricCrystals
from matscout.crystal.symmetrising import SymmetrisedStructures
from matscout.crystal.wyckoff import LETTERS
from matscout.data.ragged import offsets_of
from matscout.generate.templates.key_templates import KeyTemplates
from matscout.generate.templates.pool import TemplatePool
from matscout.generate.templates.prototype_table import PrototypeTable

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST_AVERAGED = 12
"""Crystals that are averaged of one prototype: those nearest to its mean contact profile."""
AGREEMENT = 0.1
"""Largest difference of coordinates, as parts of a cell vector, between crystals that are averaged."""


@dataclass(frozen=True, eq=False)
class _Group:
    """The members of one prototype: their entries, all laid on the same slots."""

    key: KeyTemplates
    entries: Integers


@dataclass(frozen=True, eq=False)
class _Average:
    space_group: int
    lattice: Floats
    letters: list[str]
    slots: list[int]
    places: Floats
    group: _Group


def averaged(
    pool: TemplatePool, found: SymmetrisedStructures, predicted_volumes: Floats, kept: Bools
) -> PrototypeTable:
    """The prototypes of a pool that at least two different formulas have, each as an average of two or more crystals.

    Parameters
    ----------
    pool
        Known crystals.
    found
        The same, symmetrised.
    predicted_volumes
        float64 [n], Å3 per atom, of their compositions.
    kept
        bool [n], which crystals are averaged.
    """
    groups = [group for key in pool.all_keys() for group in _groups(key, pool.formulas, kept)]
    nearest = [_nearest_to_mean(group) for group in groups]
    place = {int(row): at for at, row in enumerate(found.rows)}
    made = [
        average
        for group, entries in zip(groups, nearest, strict=True)
        if (average := _average(pool, group, entries, found.crystals, place)) is not None
    ]
    return _table(pool, made, np.log(pool.volumes / predicted_volumes))


def _groups(key: KeyTemplates, formulas: Integers, kept: Bools) -> Iterator[_Group]:
    """Physical prototypes: a template whose elements are laid on the slots in another order counts once."""
    starts = np.flatnonzero(np.r_[True, key.templates[1:] != key.templates[:-1]])
    lowest = np.minimum.reduceat(key.prototypes, starts)
    owner = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(key.templates)]))
    laid = np.flatnonzero(key.prototypes == lowest[owner])
    first = laid[np.unique(owner[laid], return_index=True)[1]]
    for prototype in np.unique(lowest):
        entries = first[(lowest == prototype) & kept[key.templates[first]]]
        if len(np.unique(formulas[key.templates[entries]])) > 1:
            yield _Group(key, entries)


def _nearest_to_mean(group: _Group) -> Integers:
    profiles = np.stack([group.key.profile(entry) for entry in group.entries])
    away = ((profiles - profiles.mean(axis=0)) ** 2).sum(axis=1)
    return np.asarray(group.entries[np.argsort(away, kind="stable")[:MOST_AVERAGED]])


def _average(
    pool: TemplatePool, group: _Group, entries: Integers, crystals: SymmetricCrystals, place: dict[int, int]
) -> _Average | None:
    """Of the members that agree with one of the first three; of these, with the one with which most agree."""
    known = [int(entry) for entry in entries if int(group.key.templates[entry]) in place]
    one = [_Member.of(group.key, entry, crystals, place[int(group.key.templates[entry])]) for entry in known]
    formulas = pool.formulas[group.key.templates[known]]
    best: list[tuple[Floats, Floats]] = []
    leader, most = None, 1
    for member in one[:3]:
        agreeing = [(fitted, row) for row, other in enumerate(one) if (fitted := member.fitted(other)) is not None]
        count = len({int(formulas[row]) for _, row in agreeing})
        if count > most:
            leader, most, best = member, count, [fitted for fitted, _ in agreeing]
    if leader is None:
        return None
    lattice = np.mean([lattice for lattice, _ in best], axis=0)
    places = leader.places + np.mean([away for _, away in best], axis=0)
    return _Average(leader.space_group, lattice, leader.letters, leader.slots, places % 1.0, group)


@dataclass(frozen=True, eq=False)
class _Member:
    """One crystal in slots, its cell scaled to 1 Å3 per atom."""

    space_group: int
    lattice: Floats
    letters: list[str]
    slots: list[int]
    places: Floats

    @classmethod
    def of(cls, key: KeyTemplates, entry: int, crystals: SymmetricCrystals, row: int) -> _Member:
        one = crystals[np.array([row])]
        lattice = one.lattices[0].copy()
        lattice[:3] /= np.cbrt(one.volumes[0])
        slot_of = {int(element): slot for slot, element in enumerate(key.elements[entry])}
        slots = [slot_of[int(element)] for element in one.elements]
        return cls(int(one.space_groups[0]), lattice, one.letters.tolist(), slots, one.first_positions)

    def fitted(self, other: _Member) -> tuple[Floats, Floats] | None:
        """The lattice of another, and how far its orbits are from these; None if it is described otherwise."""
        if self.space_group != other.space_group or sorted(self.kinds) != sorted(other.kinds):
            return None
        away = other.places[None] - self.places[:, None]
        away -= np.round(away)
        cost = (away**2).sum(axis=2) + 1e3 * np.array([[a != b for b in other.kinds] for a in self.kinds])
        mine, theirs = linear_sum_assignment(cost)
        difference = away[mine, theirs]
        return (other.lattice, difference) if np.abs(difference).max() < AGREEMENT else None

    @property
    def kinds(self) -> list[tuple[str, int]]:
        return list(zip(self.letters, self.slots, strict=True))


def _table(pool: TemplatePool, made: list[_Average], expansion: Floats) -> PrototypeTable:
    roles, charges, radii = [], [], []
    for one in made:
        key, entries = one.group.key, one.group.entries
        templates, orders = key.templates[entries], key.orders[entries]
        charges.append(np.take_along_axis(pool.chemistry.charges[templates], orders, axis=1).mean(axis=0))
        radii.append(np.take_along_axis(pool.chemistry.radii[templates], orders, axis=1).mean(axis=0))
        roles += [np.unique(key.elements[entries, slot], return_counts=True) for slot in range(len(key.key))]
    lattices = np.array([one.lattice for one in made])
    letters = [LETTERS.index(letter) for one in made for letter in one.letters]
    return PrototypeTable(
        space_groups=np.array([one.space_group for one in made]),
        lattices=lattices,
        orbit_offsets=offsets_of([len(one.letters) for one in made]),
        letters=np.array(letters, dtype=np.uint8),
        places=np.concatenate([one.places for one in made]),
        orbit_slots=np.array([slot for one in made for slot in one.slots], dtype=np.uint8),
        slot_offsets=offsets_of([len(one.group.key.key) for one in made]),
        role_offsets=offsets_of([len(elements) for elements, _ in roles]),
        role_elements=np.concatenate([elements for elements, _ in roles]).astype(np.uint8),
        role_counts=np.concatenate([counts for _, counts in roles]).astype(np.float64),
        charges=np.concatenate(charges),
        radii=np.concatenate(radii),
        members=np.array([len(one.group.entries) for one in made]),
        expansion=np.array([expansion[one.group.key.templates[one.group.entries]].mean() for one in made]),
    )
