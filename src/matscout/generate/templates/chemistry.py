"""What the slots of formulas hold: elements with guessed charges, radii and the volume that they need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.oxidation import guess_oxidation_states, ionic_radii
from matscout.data.compositions import Compositions
from matscout.data.formulas import format_formula
from matscout.data.ragged import offsets_of
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
    compositions
        n rows, atoms of a primitive cell.
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

    compositions: Compositions
    keys: tuple[Key, ...]
    elements: Integers
    charges: Floats
    radii: Floats
    strangeness: Floats

    @property
    def formulas(self) -> NDArray[np.str_]:
        """Formulas in lowest terms, text [n]."""
        rows = range(len(self.keys))
        return np.array([format_formula(self.compositions.to_dict(row)) for row in rows], dtype=np.str_)

    @classmethod
    def of(cls, contents: Sequence[tuple[Integers, Integers]]) -> Self:
        """From atomic numbers, ascending, and atoms of each in a primitive cell."""
        compositions = compositions_of(contents)
        guess = guess_oxidation_states(compositions)
        radii = np.nan_to_num(ionic_radii(compositions, guess.states), nan=MISSING_RADIUS)
        slots = max((len(elements) for elements, _ in contents), default=1)
        keys, padded = [], np.zeros((3, len(contents), slots))
        for row, (elements, counts) in enumerate(contents):
            ordered, key = in_slots(elements, counts)
            entries = compositions.offsets[row] + np.searchsorted(elements, ordered)
            padded[:, row, : len(key)] = ordered, guess.states[entries], radii[entries]
            keys.append(key)
        return cls(compositions, tuple(keys), padded[0].astype(np.int64), padded[1], padded[2], guess.cost)


def compositions_of(cells: Sequence[tuple[Integers, Integers]]) -> Compositions:
    """From atomic numbers, ascending, and atoms of each."""
    return Compositions(
        offsets_of([len(elements) for elements, _ in cells]),
        np.concatenate([np.zeros(0), *(elements for elements, _ in cells)]).astype(np.uint8),
        np.concatenate([np.zeros(0), *(counts for _, counts in cells)]).astype(np.float64),
    )
