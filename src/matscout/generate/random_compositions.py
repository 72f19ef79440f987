"""Compositions at random, where the wishes leave them open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from math import gcd

import numpy as np

from matscout.crystal.element_kinds import NOBLE_GASES, RADIOACTIVE
from matscout.errors import UsageError
from matscout.generate.crystal_wishes import FORMULA_UNITS, CrystalWishes

KINDS = (0.02, 0.3, 0.5, 0.15, 0.03)
"""How often a composition has 1, 2 ... elements."""

AMOUNTS = (0.5, 0.25, 0.15, 0.1)
"""How often a formula unit has 1, 2 ... atoms of an element."""

MOST_ATOMS = 20
"""Of a primitive cell, unless the wishes say otherwise."""


@dataclass(frozen=True)
class OpenComposition:
    """Which compositions are drawn.

    Parameters
    ----------
    elements
        Symbols to choose from, other than ``must``.
    must
        Symbols that each composition holds.
    atoms
        Fewest and most atoms of a primitive cell.
    """

    elements: tuple[str, ...]
    must: tuple[str, ...]
    atoms: tuple[int, int]

    @classmethod
    def of(cls, wishes: CrystalWishes) -> OpenComposition:
        """Those that wishes without a formula allow; noble gases and radioactive elements only if they are named.

        Raises
        ------
        UsageError
            If no element is left, or a cell has fewer atoms than it must hold elements.
        """
        named = {*wishes.elements, *wishes.must}
        usual = [one for one in wishes.allowed if one in named or one not in (*NOBLE_GASES, *RADIOACTIVE)]
        atoms = wishes.atoms or (1, MOST_ATOMS)
        if not usual:
            raise UsageError("exclude leaves no element: name fewer")
        if atoms[1] < len(wishes.must):
            raise UsageError(f"a cell of {atoms[1]} atoms cannot hold {', '.join(wishes.must)}: allow more atoms")
        return cls(tuple(one for one in usual if one not in wishes.must), wishes.must, atoms)

    def draw(self, random: np.random.Generator) -> dict[str, int]:
        """Atoms of each element in a primitive cell; the range of atoms is kept."""
        fewest, most = self.atoms
        symbols = self._symbols(random, most)
        amounts = 1 + random.choice(len(AMOUNTS), len(symbols), p=AMOUNTS)
        while amounts.sum() > most:
            amounts[amounts.argmax()] -= 1
        amounts //= reduce(gcd, amounts.tolist())
        units = [count for count in FORMULA_UNITS if fewest <= count * amounts.sum() <= most]
        if units:
            amounts = amounts * units[int(random.integers(len(units)))]
        while amounts.sum() < fewest:
            amounts[int(random.integers(len(amounts)))] += 1
        return dict(zip(symbols, amounts.tolist(), strict=True))

    def _symbols(self, random: np.random.Generator, most: int) -> Sequence[str]:
        kinds = 1 + int(random.choice(len(KINDS), p=KINDS))
        others = min(max(kinds - len(self.must), 0 if self.must else 1), len(self.elements), most - len(self.must))
        chosen = random.permutation(len(self.elements))[:others].tolist()
        return [*self.must, *(self.elements[place] for place in chosen)]
