"""Prototypes that are proposed for one formula, with all that the ranker knows about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matscout.data.structures import Structures
from matscout.generate.templates.chemistry import SlotChemistry
from matscout.generate.templates.slots import Key
from matscout.generate.templates.votes import NO_FORMULA

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Wanted:
    """One formula, by slot.

    Parameters
    ----------
    key
        Atoms of each of the k slots.
    elements, charges, radii
        [k]: atomic numbers, guessed oxidation states, radii (Å).
    strangeness
        Cost of the guess.
    volume
        Å3 per atom, as predicted.
    """

    key: Key
    elements: Integers
    charges: Floats
    radii: Floats
    strangeness: float
    volume: float

    @classmethod
    def of(cls, chemistry: SlotChemistry, row: int, volume: float) -> Wanted:
        """One row of many."""
        slots = slice(0, len(chemistry.keys[row]))
        return cls(
            chemistry.keys[row],
            chemistry.elements[row, slots],
            chemistry.charges[row, slots],
            chemistry.radii[row, slots],
            float(chemistry.strangeness[row]),
            float(volume),
        )


@dataclass(frozen=True, eq=False)
class Proposals:
    """c prototypes in order of votes.

    Parameters
    ----------
    entries
        int64 [c], where the structure of each is found in its source.
    votes
        float64 [c, 3]: votes, sharp and soft ones (:class:`matscout.generate.templates.votes.Votes`).
    total
        float64 [3], of all prototypes of the key.
    likeness
        float64 [c], of the elements of the best template to the wanted ones.
    by_slot
        float64 [c, k], the likeness in each slot of the template that is best there.
    templates
        int64 [c], how many known crystals there are of each prototype.
    all_templates
        Of the key.
    elements, charges, radii
        [c, k], of the best template, by slot.
    volumes
        float64 [c], Å3 per atom of it.
    nearest, coulomb
        [c, pairs], shortest distances and Ewald sums of it between slots.
    space_groups
        int64 [c].
    """

    entries: Integers
    votes: Floats
    total: Floats
    likeness: Floats
    by_slot: Floats
    templates: Integers
    all_templates: int
    elements: Integers
    charges: Floats
    radii: Floats
    volumes: Floats
    nearest: Floats
    coulomb: Floats
    space_groups: Integers

    def __len__(self) -> int:
        return len(self.entries)


class ProposalSource(Protocol):
    """Where proposals come from: crystals, or a table of prototypes."""

    def propose(self, wanted: Wanted, likeness: Floats, most: int, left_out: int = NO_FORMULA) -> Proposals | None:
        """At most ``most`` prototypes for a formula, most votes first; None if there is none of its key."""
        ...

    def has(self, key: Key) -> bool:
        """Whether it has prototypes of a key."""
        ...

    def profiles(self, key: Key, entries: Integers) -> NDArray[np.float32]:
        """Contact profiles of proposals, float32 [c, pairs x bins]."""
        ...

    def decorated(self, wanted: Wanted, entry: int) -> Structures:
        """The crystal of a proposal with the wanted elements, at the volume that they need."""
        ...

    def origin(self, wanted: Wanted, entry: int) -> str:
        """Where a proposal comes from, and which element replaces which."""
        ...
