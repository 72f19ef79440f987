"""Numbers that stand for elements where a descriptor cannot have a block for each pair of elements."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.tables import own_table

Floats = NDArray[np.float64]

WEIGHTS = ("electronegativity", "covalent radius", "valence electrons")
"""Pauling's; in Å; outside the noble gas, d and f subshells that are full among them."""


@cache
def element_weights() -> Floats:
    """The three of each element, from Magpie's table, [118, 3]; NaN where it is blank, as for many noble gases."""
    table = own_table("magpie")
    weights = np.stack(
        [table.column("Electronegativity"), table.column("CovalentRadius") / 100.0, table.column("NValence")], axis=1
    )
    weights.flags.writeable = False
    return weights
