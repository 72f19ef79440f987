"""Averages over the known crystals of one prototype: from a pool of templates to a table of prototypes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.symmetric_crystals import SymmetricCrystals
from matscout.crystal.symmetrising import SymmetrisedStructures
from matscout.data.ragged import offsets_of
from matscout.generate.templates.aligning import LaidCrystal
from matscout.generate.templates.key_templates import KeyTemplates
from matscout.generate.templates.pool import TemplatePool
from matscout.generate.templates.prototype_table import PrototypeTable

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST_AVERAGED = 12
"""Crystals that are averaged of one prototype: those nearest to its mean contact profile."""
LEADERS = 3
"""Crystals of a prototype on which the others are laid in turn, until most agree."""


@dataclass(frozen=True, eq=False)
class _Group:
    """The members of one prototype: their entries, all laid on the same slots."""

    key: KeyTemplates
    entries: Integers


@dataclass(frozen=True, eq=False)
class _Average:
    """The mean of a group, with slots counted from 1 in place of elements."""

    crystal: SymmetricCrystals
    group: _Group


def averaged(
    pool: TemplatePool, symmetric: SymmetrisedStructures, predicted_volumes: Floats, kept: Bools
) -> PrototypeTable:
    """The prototypes of a pool that at least two different formulas have, each as an average of two or more crystals.

    Parameters
    ----------
    pool
        Known crystals.
    symmetric
        The same, symmetrised.
    predicted_volumes
        float64 [n], Å3 per atom, of their compositions.
    kept
        bool [n], which crystals are averaged.
    """
    groups = [group for key in pool.all_keys() for group in _groups(key, pool.formulas, kept)]
    nearest = [_nearest_to_mean(group) for group in groups]
    place = {int(row): at for at, row in enumerate(symmetric.rows)}
    made = [
        average
        for group, entries in zip(groups, nearest, strict=True)
        if (average := _average(pool, group, entries, symmetric.crystals, place)) is not None
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
    laid = [
        LaidCrystal.of(crystals, place[int(group.key.templates[entry])], group.key.elements[entry]) for entry in known
    ]
    formulas = pool.formulas[group.key.templates[known]]
    best: list[tuple[Floats, Floats]] = []
    leader, most = None, 1
    for one in laid[:LEADERS]:
        agreeing = [(fitted, row) for row, other in enumerate(laid) if (fitted := one.fitted(other)) is not None]
        count = len({int(formulas[row]) for _, row in agreeing})
        if count > most:
            leader, most, best = one.crystal, count, [fitted for fitted, _ in agreeing]
        if len(agreeing) == len(laid):
            break
    if leader is None:
        return None
    mean = SymmetricCrystals.of(
        leader.space_groups,
        np.mean([lattice for lattice, _ in best], axis=0)[None],
        offsets=leader.offsets,
        letters=leader.letters,
        elements=leader.elements,
        free=leader.first_positions + np.mean([away for _, away in best], axis=0),
    )
    return _Average(mean, group)


def _table(pool: TemplatePool, made: list[_Average], expansion: Floats) -> PrototypeTable:
    roles, charges, radii = [], [], []
    for one in made:
        key, entries = one.group.key, one.group.entries
        templates, orders = key.templates[entries], key.orders[entries]
        charges.append(np.take_along_axis(pool.chemistry.charges[templates], orders, axis=1).mean(axis=0))
        radii.append(np.take_along_axis(pool.chemistry.radii[templates], orders, axis=1).mean(axis=0))
        roles += [np.unique(key.elements[entries, slot], return_counts=True) for slot in range(len(key.key))]
    crystals = SymmetricCrystals.joined([one.crystal for one in made])
    return PrototypeTable(
        space_groups=crystals.space_groups.astype(np.int64),
        lattices=crystals.lattices,
        orbit_offsets=crystals.offsets,
        letters=crystals.letter_numbers.astype(np.uint8),
        places=crystals.first_positions,
        orbit_slots=crystals.elements - np.uint8(1),
        slot_offsets=offsets_of([len(one.group.key.key) for one in made]),
        role_offsets=offsets_of([len(elements) for elements, _ in roles]),
        role_elements=np.concatenate([elements for elements, _ in roles]).astype(np.uint8),
        role_counts=np.concatenate([counts for _, counts in roles]).astype(np.float64),
        charges=np.concatenate(charges),
        radii=np.concatenate(radii),
        members=np.array([len(one.group.entries) for one in made]),
        expansion=np.array([expansion[one.group.key.templates[one.group.entries]].mean() for one in made]),
    )
