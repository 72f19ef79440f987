"""Crystals as their symmetry describes them: space group, lattice parameters, and an element on each orbit of sites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.crystal.prototypes import prototype_label
from matscout.crystal.space_groups import Orbit, SpaceGroup
from matscout.crystal.symmetric_lattices import constrained, vectors_of
from matscout.crystal.wyckoff import LETTERS, WyckoffPosition, wyckoff
from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.data.ragged import Rows, chosen, offsets_of
from matscout.data.read_only import lock
from matscout.data.structures import Structures
from matscout.shown import Shown

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_MOST_ELEMENTS = 256
_NUMBER_OF = np.zeros(128, dtype=np.int64)
_NUMBER_OF[[ord(letter) for letter in LETTERS]] = np.arange(len(LETTERS))


@dataclass(frozen=True, eq=False, repr=False)
class SymmetricCrystals(Shown):
    """n crystals with m orbits, in the standard settings of :mod:`matscout.crystal.wyckoff`.

    Parameters
    ----------
    space_groups
        uint8 [n], 1 to 230.
    lattices
        float64 [n, 6]: a, b, c (Å), alpha, beta, gamma (degrees) of the conventional cell; they keep the rules of the
        space group.
    offsets
        int64 [n + 1]: crystal i owns the orbits ``offsets[i]:offsets[i + 1]``.
    letters
        text [m], of the Wyckoff positions.
    elements
        uint8 [m], atomic numbers.
    first_positions
        float64 [m, 3], in [0, 1): a site on the first position of the letter, as a part of the conventional cell.
        Its free coordinates are those of the orbit (:attr:`free`); the others follow from them.

    Raises
    ------
    ValueError
        If lengths do not fit.
    """

    space_groups: NDArray[np.uint8]
    lattices: Floats
    offsets: Integers
    letters: NDArray[np.str_]
    elements: NDArray[np.uint8]
    first_positions: Floats

    def __post_init__(self) -> None:
        n, m = len(self.space_groups), int(self.offsets[-1])
        shapes = (self.lattices.shape, len(self.offsets), len(self.letters), len(self.elements))
        if shapes != ((n, 6), n + 1, m, m) or self.first_positions.shape != (m, 3):
            raise ValueError(f"{n} crystals with {m} orbits do not fit {shapes}, {self.first_positions.shape}")
        lock(self)

    @classmethod
    def empty(cls) -> SymmetricCrystals:
        """No crystal."""
        return cls(
            np.zeros(0, dtype=np.uint8),
            np.zeros((0, 6)),
            np.zeros(1, dtype=np.int64),
            np.zeros(0, dtype="<U1"),
            np.zeros(0, dtype=np.uint8),
            np.zeros((0, 3)),
        )

    @classmethod
    def of(
        cls,
        space_groups: Sequence[int] | NDArray[np.integer],
        lattices: Floats,
        *,
        offsets: Integers,
        letters: Sequence[str] | NDArray[np.str_],
        elements: Sequence[int] | NDArray[np.integer],
        free: Floats,
    ) -> SymmetricCrystals:
        """From the free parameters alone: those of lattices [n, 6] and coordinates (x, y, z) [m, 3].

        What the space groups and letters fix is not read, and follows from them.
        """
        groups = np.asarray(space_groups, dtype=np.uint8)
        made = cls(
            groups,
            constrained(np.asarray(lattices, dtype=np.float64), groups),
            offsets,
            np.asarray(letters, dtype="<U1"),
            np.asarray(elements, dtype=np.uint8),
            np.zeros((len(letters), 3)),
        )
        places = np.zeros((len(letters), 3))
        for position, orbits in made.by_position():
            places[orbits] = position.first(free[orbits])
        return cls(made.space_groups, made.lattices, made.offsets, made.letters, made.elements, places)

    @classmethod
    def joined(cls, parts: Sequence[SymmetricCrystals]) -> SymmetricCrystals:
        """The crystals of all parts, one part after the other."""
        parts = [cls.empty(), *parts]
        lengths = np.concatenate([np.diff(part.offsets) for part in parts])
        return cls(
            np.concatenate([part.space_groups for part in parts]),
            np.concatenate([part.lattices for part in parts]),
            offsets_of(lengths),
            np.concatenate([part.letters for part in parts]),
            np.concatenate([part.elements for part in parts]),
            np.concatenate([part.first_positions for part in parts]),
        )

    def __len__(self) -> int:
        return len(self.space_groups)

    def __getitem__(self, index: Rows) -> SymmetricCrystals:
        """The chosen crystals."""
        offsets, orbits = chosen(self.offsets, index)
        return SymmetricCrystals(
            self.space_groups[index],
            self.lattices[index],
            offsets,
            self.letters[orbits],
            self.elements[orbits],
            self.first_positions[orbits],
        )

    @cached_property
    def owners(self) -> Integers:
        """The crystal that each orbit belongs to, [m]."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    @cached_property
    def letter_numbers(self) -> Integers:
        """Place of each letter in :data:`~matscout.crystal.wyckoff.LETTERS`, [m]."""
        letters = np.ascontiguousarray(self.letters.astype("<U1"))
        return _NUMBER_OF[letters.view(np.uint32).astype(np.int64)]

    @cached_property
    def multiplicities(self) -> Integers:
        """Sites of each orbit in the conventional cell, [m]."""
        return self._by_group("multiplicities")

    @cached_property
    def primitive_counts(self) -> Integers:
        """Sites of each orbit in a primitive cell, [m]."""
        return self._by_group("primitive_multiplicities")

    @cached_property
    def free(self) -> NDArray[np.bool_]:
        """Which of x, y and z are free, [m, 3]."""
        free = np.zeros((len(self.letters), 3), dtype=np.bool_)
        for number, orbits in self._group_orbits():
            free[orbits] = wyckoff(number).free[self.letter_numbers[orbits]]
        return free

    @cached_property
    def sites(self) -> Integers:
        """Sites of each crystal in the conventional cell, [n]."""
        return np.bincount(self.owners, self.multiplicities, len(self)).astype(np.int64)

    @cached_property
    def primitive_sites(self) -> Integers:
        """Sites of each crystal in a primitive cell, [n]."""
        return np.bincount(self.owners, self.primitive_counts, len(self)).astype(np.int64)

    @cached_property
    def compositions(self) -> Compositions:
        """Atoms by element in a primitive cell, n rows."""
        keys, inverse = np.unique(self.owners * _MOST_ELEMENTS + self.elements, return_inverse=True)
        amounts = np.bincount(inverse.ravel(), self.primitive_counts, len(keys)).astype(np.float64)
        lengths = np.bincount(keys // _MOST_ELEMENTS, minlength=len(self))
        return Compositions(offsets_of(lengths), (keys % _MOST_ELEMENTS).astype(np.uint8), amounts)

    @property
    def volumes(self) -> Floats:
        """Å³ per atom, [n]."""
        return np.asarray(np.linalg.det(vectors_of(self.lattices)) / self.sites)

    def by_position(self) -> list[tuple[WyckoffPosition, Integers]]:
        """Each Wyckoff position that occurs, and the orbits on it."""
        keys = self.space_groups[self.owners].astype(np.int64) * len(LETTERS) + self.letter_numbers
        order = np.argsort(keys, kind="stable")
        distinct, first = np.unique(keys[order], return_index=True)
        parts = np.split(order, first[1:]) if len(distinct) else []
        return [
            (wyckoff(int(key) // len(LETTERS))[LETTERS[int(key) % len(LETTERS)]], orbits)
            for key, orbits in zip(distinct, parts, strict=True)
        ]

    def structures(self, *, primitive: bool = False) -> Structures:
        """All sites of the crystals, orbit after orbit, in conventional cells or in primitive ones."""
        counts = self.primitive_counts if primitive else self.multiplicities
        first = offsets_of(counts)
        places = np.zeros((int(first[-1]), 3))
        for position, orbits in self.by_position():
            sites = position.sites(self.first_positions[orbits])
            count = int(counts[orbits[0]])
            places[first[orbits][:, None] + np.arange(count)] = sites[:, :count]
        vectors = vectors_of(self.lattices)
        if primitive:
            vectors, places = self._in_primitive(vectors, places, counts)
        return Structures(
            vectors,
            first[self.offsets],
            np.repeat(self.elements, counts),
            places,
            np.ones(len(places)),
        )

    def space_group(self, row: int) -> SpaceGroup:
        """The symmetry of one crystal, as :func:`~matscout.crystal.space_groups.space_group` describes it."""
        group, orbits = wyckoff(int(self.space_groups[row])), range(self.offsets[row], self.offsets[row + 1])
        rotations = np.unique(group.positions[-1].rotations, axis=0)
        starts = offsets_of(self.primitive_counts[orbits])
        return SpaceGroup(
            number=group.number,
            symbol=group.symbol.replace(" ", ""),
            operations=len(rotations),
            centrosymmetric=bool((rotations == -np.eye(3)).all(axis=(1, 2)).any()),
            primitive_lattice=group.primitive @ vectors_of(self.lattices[row : row + 1])[0],
            sites=int(self.primitive_sites[row]),
            conventional_sites=int(self.sites[row]),
            orbits=tuple(self._orbit(orbit, int(start)) for orbit, start in zip(orbits, starts[:-1], strict=True)),
        )

    def prototype_labels(self) -> NDArray[np.str_]:
        """A text for each crystal that is equal for crystals of one prototype, [n]."""
        return np.array([prototype_label(self.space_group(row)) for row in range(len(self))], dtype=np.str_)

    def in_a_line(self) -> str:
        """How many, with how many orbits."""
        return f"{counted(len(self), 'crystal')}, {counted(len(self.letters), 'orbit')}"

    def described(self, row: int) -> str:
        """The orbits of one crystal: ``"Na 4a, Cl 4b"``."""
        orbits = range(self.offsets[row], self.offsets[row + 1])
        return ", ".join(
            f"{SYMBOLS[self.elements[one] - 1]} {self.multiplicities[one]}{self.letters[one]}" for one in orbits
        )

    def _orbit(self, orbit: int, site: int) -> Orbit:
        position = wyckoff(int(self.space_groups[self.owners[orbit]]))[str(self.letters[orbit])]
        return Orbit(
            position.multiplicity,
            position.site_symmetry,
            position.letter,
            int(self.elements[orbit]),
            site,
            int(self.primitive_counts[orbit]),
        )

    def _in_primitive(self, vectors: Floats, places: Floats, counts: Integers) -> tuple[Floats, Floats]:
        owners = np.repeat(self.owners, counts)
        bases = np.array([wyckoff(int(number)).primitive for number in self.space_groups]).reshape(-1, 3, 3)
        inverse = np.linalg.inv(bases) if len(bases) else bases
        return bases @ vectors, np.asarray(np.einsum("ni,nij->nj", places, inverse[owners]) % 1.0)

    def _group_orbits(self) -> list[tuple[int, Integers]]:
        groups = self.space_groups[self.owners]
        order = np.argsort(groups, kind="stable")
        numbers, first = np.unique(groups[order], return_index=True)
        parts = np.split(order, first[1:]) if len(numbers) else []
        return [(int(number), orbits) for number, orbits in zip(numbers, parts, strict=True)]

    def _by_group(self, name: str) -> Integers:
        values = np.zeros(len(self.letters), dtype=np.int64)
        for number, orbits in self._group_orbits():
            values[orbits] = getattr(wyckoff(number), name)[self.letter_numbers[orbits]]
        return values
