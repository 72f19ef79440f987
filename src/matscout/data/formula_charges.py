"""Whether the charges of a formula add up to zero: what tells two readings of one text apart.

The rule is that of smact (Davies et al., 2016, DOI 10.1016/j.chempr.2016.09.010): every element takes one of its usual
oxidation states, and every cation is less electronegative than every anion. The states are those that pymatgen lists
as common; for carbon and the metals of the d and f blocks those of the ICSD, which hold copper(I) and titanium(III).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from enum import IntEnum
from functools import lru_cache

NONMETALS = frozenset("H He B C N O F Ne Si P S Cl Ar As Se Br Kr Te I Xe At Rn".split())  # noqa: SIM905
ANIONS = NONMETALS - {"B", "Si", "He", "Ne", "Ar", "Kr", "Xe", "Rn"}
"""Elements that end the formula of a salt or molecule."""

_ALSO_COMMON = {"Cu": 1, "Au": 1}
"""Of these pymatgen lists only the higher state, and half of their compounds have the lower one."""

_TOLERANCE = 0.002
"""Charge per atom that rounded amounts (0.33 for 1/3) may miss zero by."""

_MAX_SUMS = 20_000


class Balance(IntEnum):
    """How well the charges of a formula add up."""

    NONE = 0
    MIXED = 1
    """Only where a metal takes the average of several states, as in Fe3O4."""
    WHOLE = 2


@lru_cache(maxsize=256)
def _element(symbol: str, *, rare: bool) -> tuple[float, tuple[int, ...]]:
    """Electronegativity (Pauling) and oxidation states but 0, the ``rare`` ones of metals too."""
    from pymatgen.core import Element

    element = Element(symbol)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        electronegativity = float(element.X)
    states = {*element.common_oxidation_states, _ALSO_COMMON.get(symbol, 0)} - {0}
    if symbol == "C" or (rare and element.block in "df"):
        states = {*element.icsd_oxidation_states} - {0} or states
    return 0.0 if math.isnan(electronegativity) else electronegativity, tuple(sorted(states))


def electronegativity(symbol: str) -> float:
    """Electronegativity of an element (Pauling), 0 where it is not known."""
    return _element(symbol, rare=False)[0]


def balance(atoms: Mapping[str, float], *, rare: bool = True) -> Balance:
    """How well the charges of a composition add up; elements and alloys do not.

    Parameters
    ----------
    atoms
        Element symbol -> amount.
    rare
        Whether metals of the d and f blocks may take the rarer states that the ICSD knows, such as titanium(II).
    """
    if len(atoms) < 2 or not any(symbol in NONMETALS for symbol in atoms):
        return Balance.NONE
    known = sorted(
        ((*_element(symbol, rare=rare), symbol, amount) for symbol, amount in atoms.items()),
        key=lambda item: (item[2] in ANIONS, item[0]),
    )
    splits = range(1, len(known))
    return max((_balance_of(known[:split], known[split:]) for split in splits), default=Balance.NONE)


_Known = list[tuple[float, tuple[int, ...], str, float]]


def _balance_of(cations: _Known, anions: _Known) -> Balance:
    """The balance where the first elements take positive states and the others negative ones."""
    tolerance = _TOLERANCE * sum(amount for *_, amount in (*cations, *anions))
    sums, others, low, high = {0.0}, {0.0}, 0.0, 0.0
    for sign, elements in ((1, cations), (-1, anions)):
        for _, states, symbol, amount in elements:
            own = [state * amount for state in states if state * sign > 0]
            if not own or len(sums) * len(own) > _MAX_SUMS:
                return Balance.NONE
            sums = {round(total + charge, 6) for total in sums for charge in own}
            if sign > 0 and len(own) > 1 and symbol not in NONMETALS:
                low, high = low + min(own), high + max(own)
            else:
                others = {round(total + charge, 6) for total in others for charge in own}
    if any(abs(total) <= tolerance for total in sums):
        return Balance.WHOLE
    averaged = any(low - tolerance <= -total <= high + tolerance for total in others)
    return Balance.MIXED if averaged else Balance.NONE


def is_molecule(atoms: Mapping[str, float]) -> bool:
    """Whether only nonmetals are there, which share electrons rather than count charges."""
    return all(symbol in NONMETALS for symbol in atoms)
