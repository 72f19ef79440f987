"""Known crystals as templates: sorted by stoichiometry, and within one by prototype."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.data.structures import Structures
from matscout.data.unit_cells import volumes_of
from matscout.generate.templates.chemistry import SlotChemistry
from matscout.generate.templates.electrostatics import coulomb_sums
from matscout.generate.templates.key_templates import KeyTemplates, laid_pairs
from matscout.generate.templates.profiles import contact_profiles, pair_table
from matscout.generate.templates.proposals import Proposals, Wanted
from matscout.generate.templates.slots import Key, assignments
from matscout.generate.templates.volumes import VolumeModel
from matscout.generate.templates.votes import NO_FORMULA, Votes, vote
from matscout.represent.seen import marks

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
class TemplatePool:
    """Known crystals that can lend their structure; those of a key are sorted when they are first asked for.

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
    names
        text [n], what each is called in origins.
    expansions
        float64 [n], volume over that predicted from the composition; all 1 unless a volume model has been asked.
    rows
        The rows of each key.
    apart
        Whether no two rows are of one prototype.
    """

    structures: Structures
    formulas: Integers
    space_groups: Integers
    chemistry: SlotChemistry
    volumes: Floats
    names: NDArray[np.str_]
    expansions: Floats
    rows: Mapping[Key, Integers]
    apart: bool = False
    _sorted: dict[Key, KeyTemplates] = field(default_factory=dict)

    @classmethod
    def of(
        cls, structures: Structures, space_groups: Integers, names: Sequence[str] = (), *, apart: bool = False
    ) -> Self:
        """From n ordered primitive crystals, their space groups and what they are called (formulas by default)."""
        chemistry = SlotChemistry.of([_contents(structures, row) for row in range(len(structures))])
        rows: dict[Key, list[int]] = defaultdict(list)
        for row, key in enumerate(chemistry.keys):
            rows[key].append(row)
        volumes = volumes_of(structures.lattices) / np.diff(structures.offsets)
        by_key = {key: np.array(some) for key, some in rows.items()}
        formulas = np.unique(marks(chemistry.compositions), return_inverse=True)[1]
        named = np.asarray(names, dtype=np.str_) if len(names) else chemistry.formulas
        ones = np.ones(len(volumes))
        return cls(structures, formulas, space_groups, chemistry, volumes, named, ones, by_key, apart)

    @property
    def compositions(self) -> Compositions:
        """Atoms of each primitive cell, n rows."""
        return self.chemistry.compositions

    def with_volumes(self, model: VolumeModel) -> Self:
        """The same with :attr:`expansions` over the volumes that a model predicts."""
        return replace(self, expansions=self.volumes / model.predict(self.compositions))

    def at(self, key: Key) -> KeyTemplates | None:
        """The templates of a key; None if there is none."""
        if key not in self.rows:
            return None
        if key not in self._sorted:
            self._sorted[key] = _of_key(self, key)
        return self._sorted[key]

    def all_keys(self) -> Iterator[KeyTemplates]:
        """The templates of each key."""
        for key in self.rows:
            if (templates := self.at(key)) is not None:
                yield templates

    def has(self, key: Key) -> bool:
        """Whether there are templates of a key."""
        return key in self.rows

    def propose(self, wanted: Wanted, likeness: Floats, most: int, left_out: int = NO_FORMULA) -> Proposals | None:
        """At most ``most`` prototypes for a formula, most votes first; None if there is none of its key."""
        key = self.at(wanted.key)
        if key is None:
            return None
        votes = vote(key, self.formulas, wanted.elements, likeness, left_out)
        chosen = votes.order[:most]
        return self._proposals(key, votes, chosen) if len(chosen) else None

    def _proposals(self, key: KeyTemplates, votes: Votes, chosen: Integers) -> Proposals:
        entries = votes.best[chosen]
        templates, orders = key.templates[entries], key.orders[entries]
        three = np.column_stack([votes.votes, votes.sharp, votes.soft])
        return Proposals(
            entries,
            three[chosen],
            three.sum(axis=0),
            votes.likeness[chosen],
            votes.by_slot[chosen],
            votes.templates[chosen],
            int(votes.templates.sum()),
            key.elements[entries],
            np.take_along_axis(self.chemistry.charges[templates], orders, axis=1),
            np.take_along_axis(self.chemistry.radii[templates], orders, axis=1),
            self.volumes[templates],
            key.nearest[entries].astype(np.float64),
            key.coulomb[entries],
            self.space_groups[templates],
        )

    def profiles(self, key: Key, entries: Integers) -> Singles:
        """Contact profiles of proposals, float32 [c, pairs x bins]."""
        templates = self._known(key)
        return np.stack([templates.profile(int(entry)) for entry in entries])

    def decorated(self, wanted: Wanted, entry: int) -> Structures:
        """The crystal of a proposal with the wanted elements, at the volume that they need."""
        key = self._known(wanted.key)
        row = int(key.templates[entry])
        one = self.structures[np.array([row])]
        numbers = np.zeros(256, dtype=np.uint8)
        numbers[key.elements[entry]] = wanted.elements
        scale = np.cbrt(wanted.volume * self.expansions[row] / self.volumes[row])
        return Structures(
            one.lattices * scale, one.offsets, numbers[one.atomic_numbers], one.fractional_coordinates, one.occupancies
        )

    def origin(self, wanted: Wanted, entry: int) -> str:
        """Where a proposal comes from, and which element replaces which."""
        key = self._known(wanted.key)
        row = int(key.templates[entry])
        swaps = [
            f"{SYMBOLS[new - 1]} for {SYMBOLS[old - 1]}"
            for new, old in zip(wanted.elements, key.elements[entry], strict=True)
            if new != old
        ]
        return f"template {self.names[row]}, {', '.join(swaps) or 'nothing replaced'}"

    def _known(self, key: Key) -> KeyTemplates:
        templates = self.at(key)
        if templates is None:
            raise KeyError(key)
        return templates


def _contents(structures: Structures, row: int) -> tuple[Integers, Integers]:
    """Atomic numbers, ascending, and how many atoms of each."""
    numbers = structures.atomic_numbers[structures.offsets[row] : structures.offsets[row + 1]].astype(np.int64)
    elements, counts = np.unique(numbers, return_counts=True)
    return elements, counts


def _of_key(pool: TemplatePool, key: Key) -> KeyTemplates:
    rows = pool.rows[key]
    elements = pool.chemistry.elements[rows, : len(key)]
    part = pool.structures[rows]
    slot_of = np.zeros((len(rows), 256), dtype=np.int64)
    for slot in range(len(key)):
        slot_of[np.arange(len(rows)), elements[:, slot]] = slot
    owners = np.repeat(np.arange(len(rows)), np.diff(part.offsets))
    slots = slot_of[owners, part.atomic_numbers]
    sites = (part.lattices, part.offsets, part.fractional_coordinates, slots, len(key))
    profiles, nearest = contact_profiles(*sites)
    coulomb = coulomb_sums(*sites)
    orders, table = np.array(assignments(key)), pair_table(len(key))
    pairs = np.stack([laid_pairs(order, table) for order in orders])
    n, tries = len(rows), len(orders)
    kinds = np.repeat(rows if pool.apart else pool.space_groups[rows], tries)
    return KeyTemplates(
        key,
        np.repeat(rows, tries),
        np.tile(orders, (n, 1)),
        elements[:, orders].reshape(n * tries, -1),
        _sorted_by_likeness(profiles[:, pairs].reshape(n * tries, -1), kinds, 0.0 if pool.apart else ALIKE_ACROSS),
        nearest[:, pairs].reshape(n * tries, -1),
        coulomb[:, pairs].reshape(n * tries, -1),
        profiles,
    )


def _sorted_by_likeness(profiles: Singles, kinds: Integers, across: float) -> Integers:
    """A prototype for each profile [e, d]: that of the nearest leader that is alike, else it leads a new one."""
    lengths = np.sqrt((profiles**2).sum(axis=1))
    return np.asarray(_led(np.ascontiguousarray(profiles), lengths.astype(np.float32), kinds, across))


@njit(cache=True)  # type: ignore[untyped-decorator]
def _led(profiles: Singles, lengths: Singles, kinds: Integers, across: float) -> Integers:
    entries, width = profiles.shape
    leaders, n_leaders = np.empty(entries, dtype=np.int64), 0
    out = np.empty(entries, dtype=np.int64)
    for entry in range(entries):
        best, nearest = -1, np.inf
        for leader in range(n_leaders):
            other = leaders[leader]
            limit = ALIKE if kinds[other] == kinds[entry] else across
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
