"""How much room the atoms of a composition take in a crystal, before its structure is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.element_kinds import flags_of
from matscout.crystal.tables import own_table
from matscout.data.compositions import Compositions

Floats = NDArray[np.float64]

NONMETALS = ("H", "C", "N", "O", "F", "P", "S", "Cl", "As", "Se", "Br", "Te", "I")
"""Elements that make a compound of a mixture of metals."""


def nonmetal_shares(compositions: Compositions) -> Floats:
    """The share of the atoms that are non-metals, [n]."""
    nonmetal = flags_of(NONMETALS)[compositions.elements.astype(np.int64) - 1]
    return np.bincount(compositions.rows, compositions.fractions * nonmetal, len(compositions)).astype(np.float64)


def expected_volumes(compositions: Compositions) -> Floats:
    """Å³ per atom that crystals of these compositions have, [n]; NaN with an element that hardly any crystal holds.

    The sum over the atoms of a volume for each element, which differs between compounds and metals
    (``element_tables/volumes.csv``, made by ``scripts/make_volume_table.py``). Of crystals of the Materials Project to
    which the table was not fitted, half lie within 5 % of it and 0.2 % outside of 0.6 to 1.7 times it.
    """
    table = own_table("volumes")
    share = nonmetal_shares(compositions)[compositions.rows]
    in_compounds, in_metals = table.values[compositions.elements.astype(np.int64) - 1].T
    atoms = share * in_compounds + (1.0 - share) * in_metals
    return np.bincount(compositions.rows, compositions.fractions * atoms, len(compositions)).astype(np.float64)
