"""What elements are: abundant, of a secure supply; and which compositions hold none of some."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.chemistry import element_facts
from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS

Bools = NDArray[np.bool_]

ABUNDANT = 1.0
"""Abundance in the earth's crust, mg/kg, from which an element counts as abundant (Sn has 2.3, Sb 0.2, In 0.25)."""

CONCENTRATED = 2500.0
"""Herfindahl-Hirschman index above which a market counts as highly concentrated (Gaultois et al., 2013)."""


def made_without(compositions: Compositions, symbols: Sequence[str]) -> Bools:
    """Which compositions hold none of the elements, bool [n]."""
    return none_of(compositions, np.isin(SYMBOLS, list(symbols)))


def none_of(compositions: Compositions, flagged: Bools) -> Bools:
    """Which compositions hold no element that is flagged ([118]), bool [n]."""
    hits = np.bincount(compositions.rows, flagged[compositions.elements.astype(np.int64) - 1], len(compositions))
    return np.asarray(hits == 0)


def supply_risk(compositions: Compositions) -> NDArray[np.float64]:
    """Mean Herfindahl-Hirschman index of the elements' reserves, weighted by mass, 0..10,000, [n].

    Elements without an index do not count (hydrogen, noble gases, actinides); NaN if there is no other.
    Gaultois et al., 2013, DOI 10.1021/cm400893e.
    """
    facts = element_facts()
    columns = compositions.elements.astype(np.int64) - 1
    index = facts.reserve_concentration[columns]
    mass = np.where(np.isnan(index), 0.0, compositions.amounts * facts.mass[columns])
    weighted = np.bincount(compositions.rows, mass * np.nan_to_num(index), len(compositions))
    total = np.bincount(compositions.rows, mass, len(compositions))
    mean = np.full(len(compositions), np.nan)
    np.divide(weighted, total, out=mean, where=total > 0)
    return mean
