"""Elements: symbols, atomic numbers, masses, isotopes, sums of amounts; imported without anything heavy."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

_TABLE = """
H He
Li Be B C N O F Ne
Na Mg Al Si P S Cl Ar
K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr
Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe
Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn
Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og
"""

SYMBOLS: tuple[str, ...] = tuple(_TABLE.split())
"""``SYMBOLS[z - 1]`` is the symbol of the element with atomic number z."""

N_ELEMENTS = len(SYMBOLS)

ATOMIC_NUMBERS: dict[str, int] = {symbol: number for number, symbol in enumerate(SYMBOLS, start=1)}

ISOTOPES = {"D": "H", "T": "H"}
"""Symbols of isotopes, each with that of its element."""

_SPREAD = 0.1
"""Part of the mean mass by which isotopes are lighter or heavier,"""
_NUCLEONS = 2.0
"""and nucleons besides, for light elements."""


def is_element(symbol: str) -> bool:
    """Whether a symbol is that of an element, or of an isotope of hydrogen."""
    return symbol in ATOMIC_NUMBERS or symbol in ISOTOPES


@cache
def atomic_masses() -> NDArray[np.float64]:
    """Standard masses of all elements, u, [118], of pymatgen."""
    from pymatgen.core import Element

    return np.array([float(Element(symbol).atomic_mass) for symbol in SYMBOLS])


def atomic_mass(symbol: str) -> float:
    """Standard mass of an element, u."""
    return float(atomic_masses()[ATOMIC_NUMBERS[symbol] - 1])


def is_mass_number(number: int, symbol: str) -> bool:
    """Whether an element may have an isotope of so many nucleons.

    >>> is_mass_number(18, "O"), is_mass_number(2, "O"), is_mass_number(6, "Li")
    (True, False, True)
    """
    if symbol not in ATOMIC_NUMBERS:
        return False
    mass = atomic_mass(symbol)
    return abs(number - mass) <= _SPREAD * mass + _NUCLEONS


def add_amounts(total: dict[str, float], amounts: Mapping[str, float], times: float = 1.0) -> None:
    """Add amounts by element to those of ``total``, ``times`` each."""
    for symbol, amount in amounts.items():
        total[symbol] = total.get(symbol, 0.0) + amount * times
