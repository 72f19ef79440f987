"""What the slots of formulas hold: elements with guessed charges, radii and the volume that they need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.oxidation import guess_oxidation_states, ionic_radii
from matscout.data.compositions import Compositions
from matscout.generate.templates.slots import Key, in_slots

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MISSING_RADIUS = 1.5
"""Å, of elements without one."""


@dataclass(frozen=True, eq=False)
class SlotChemistry:
    """n formulas with their elements in slots, padded to the most slots that one of them has.

    Parameters
    ----------
    keys
        n keys: atoms of each slot.
    elements
        int64 [n, s], atomic numbers; 0 beyond the slots of a formula.
    charges
        float64 [n, s], guessed oxidation states (:mod:`matscout.crystal.oxidation`).
    radii
        float64 [n, s], Å, of the ions with these charges; covalent ones of neutral atoms.
    strangeness
        float64 [n], cost of the guess: about 1 for a salt, above 10 for a metal.
    """

    keys: tuple[Key, ...]
    elements: Integers
    charges: Floats
    radii: Floats
    strangeness: Floats

    @classmethod
    def of(cls, contents: Sequence[tuple[Integers, Integers]]) -> Self:
        """From atomic numbers, ascending, and atoms of each in a primitive cell."""
        compositions = _compositions(contents)
        guess = guess_oxidation_states(compositions)
        radii = np.nan_to_num(ionic_radii(compositions, guess.states), nan=MISSING_RADIUS)
        slots = max((len(elements) for elements, _ in contents), default=1)
        keys, padded = [], np.zeros((3, len(contents), slots))
        for row, (elements, counts) in enumerate(contents):
            ordered, key = in_slots(elements, counts)
            entries = compositions.offsets[row] + np.searchsorted(elements, ordered)
            padded[:, row, : len(key)] = ordered, guess.states[entries], radii[entries]
            keys.append(key)
        return cls(tuple(keys), padded[0].astype(np.int64), padded[1], padded[2], guess.cost)


def _compositions(contents: Sequence[tuple[Integers, Integers]]) -> Compositions:
    offsets = np.concatenate([[0], np.cumsum([len(elements) for elements, _ in contents])]).astype(np.int64)
    none = np.zeros(0)
    return Compositions(
        offsets,
        np.concatenate([none, *(elements for elements, _ in contents)]).astype(np.uint8),
        np.concatenate([none, *(counts for _, counts in contents)]).astype(np.float64),
    )
