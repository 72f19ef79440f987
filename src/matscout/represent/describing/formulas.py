"""Formulas as a reader expects them, from atomic fractions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from matscout.data.elements import ATOMIC_NUMBERS, SYMBOLS

LARGEST = 200
"""Atoms of a formula of whole numbers; others are written as atomic fractions."""

SAME = 1e-3


def reduced_formula(amounts: Mapping[str, float]) -> str:
    """``"PbTe"``: smallest whole numbers, elements in the order of IUPAC; doped ones as atomic fractions."""
    places = iupac_places()
    ordered = sorted(amounts, key=lambda symbol: places[ATOMIC_NUMBERS[symbol] - 1])
    total = sum(amounts.values())
    for atoms in range(1, LARGEST + 1):
        counts = [amounts[symbol] / total * atoms for symbol in ordered]
        if all(round(count) >= 1 and abs(count - round(count)) < SAME for count in counts):
            return "".join(f"{symbol}{_number(round(count))}" for symbol, count in zip(ordered, counts, strict=True))
    return "".join(f"{symbol}{f'{amounts[symbol] / total:.6f}'.rstrip('0')}" for symbol in ordered)


@cache
def iupac_places() -> NDArray[np.float64]:
    """Place of each element in formulas, [118]: electropositive ones first (IUPAC, Nomenclature 2005, table VI).

    Elements beyond that table come last.
    """
    from pymatgen.core import Element

    orders = [Element(symbol).data.get("IUPAC ordering", 1000 + place) for place, symbol in enumerate(SYMBOLS)]
    return np.array(orders, dtype=np.float64)


def _number(count: int) -> str:
    return "" if count == 1 else str(count)
