"""What rules about hazards ask of compositions: which elements, in which ratio, in which oxidation state."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.charges import balance_charges
from matscout.crystal.element_kinds import KINDS
from matscout.data.compositions import Compositions
from matscout.data.elements import ATOMIC_NUMBERS, N_ELEMENTS

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

METALS = KINDS["metal"]
ALKALI = KINDS["alkali metal"]
EARTHS = ("Mg", "Ca", "Sr", "Ba", "Ra")
RARE_EARTHS = KINDS["rare earth"]
HALOGENS = ("F", "Cl", "Br", "I")

HAIR = 1e-6
"""Atomic fractions that differ by less are equal."""
TRACE = 1e-3
"""Of less than one atom in a thousand no rule speaks: CLP exempts carcinogens below 0.1 % of the mass."""


@dataclass(frozen=True, eq=False)
class HazardChemistry:
    """n compositions, dense: their atomic fractions and, where a rule needs them, their oxidation states."""

    compositions: Compositions

    @cached_property
    def fractions(self) -> Floats:
        """Atomic fractions, float64 [n, 118]."""
        return self.compositions.dense()

    @cached_property
    def charges(self) -> Floats:
        """Oxidation states, float64 [n, 118]; 0 where an element is absent or nothing balances."""
        charges = np.zeros((len(self.compositions), N_ELEMENTS))
        columns = self.compositions.elements.astype(np.int64) - 1
        charges[self.compositions.rows, columns] = np.nan_to_num(balance_charges(self.compositions).charges)
        return charges

    def part(self, *symbols: str) -> Floats:
        """Fraction of the atoms that are of these elements, [n]."""
        return np.asarray(self.fractions[:, [ATOMIC_NUMBERS[symbol] - 1 for symbol in symbols]].sum(axis=1))

    def any(self, *symbols: str) -> Bools:
        """Whether one of these elements occurs, [n]."""
        return self.part(*symbols) >= TRACE

    def all(self, *symbols: str) -> Bools:
        """Whether each of these elements occurs, [n]."""
        return np.asarray(np.all([self.any(symbol) for symbol in symbols], axis=0))

    def only(self, *symbols: str) -> Bools:
        """Whether nothing but these elements occurs, [n]."""
        return self.part(*symbols) > 1 - TRACE

    def ratio(self, above: tuple[str, ...], below: tuple[str, ...]) -> Floats:
        """Atoms of some elements for each atom of others, [n]; infinite where there is none of these."""
        numerator, denominator = self.part(*above), self.part(*below)
        ratio = np.full(len(numerator), np.inf)
        np.divide(numerator, denominator, out=ratio, where=denominator > 0)
        return ratio

    def like(self, **amounts: float) -> Bools:
        """Whether the composition is that of a formula, ``like(N=2, H=4, O=3)``, to 1 % of the fractions, [n]."""
        total = sum(amounts.values())
        close = [np.abs(self.part(symbol) - amount / total) < 0.01 for symbol, amount in amounts.items()]
        return np.asarray(np.all(close, axis=0) & self.only(*amounts))

    def state(self, symbol: str) -> Floats:
        """Oxidation state of an element, [n]; 0 where it is absent or nothing balances."""
        return np.asarray(self.charges[:, ATOMIC_NUMBERS[symbol] - 1])

    def among_others(self, symbols: tuple[str, ...], *anions: str) -> Floats:
        """Which share of the atoms that are not ``anions`` are of ``symbols``, [n]; 0 where there are no others."""
        others = 1 - self.part(*anions)
        share = np.zeros(len(others))
        np.divide(self.part(*symbols), others, out=share, where=others > HAIR)
        return share
