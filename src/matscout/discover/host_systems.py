"""Host systems: what compositions have in common that differ in their dopants or ratios only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.data.compositions import Compositions

DOPANT = 0.05
"""An element that makes up less of the atoms than this does not count towards the chemical system."""


def host_systems(compositions: Compositions) -> NDArray[np.str_]:
    """Chemical system of each composition without its dopants, "Bi-Se-Te", [m]: what differs in dopants alone is equal.

    Bi2Te2.7Se0.3 is of Bi-Se-Te, Li0.02In0.02Pb0.96Te of Pb-Te.
    """
    rows = compositions.rows
    largest = np.maximum.reduceat(compositions.amounts, compositions.offsets[:-1]) if len(compositions) else np.zeros(0)
    totals = np.bincount(rows, compositions.amounts, len(compositions))
    kept = compositions.amounts >= np.minimum(DOPANT * totals, largest)[rows]
    offsets = np.concatenate([[0], np.cumsum(np.bincount(rows[kept], minlength=len(compositions)))])
    return Compositions(
        offsets.astype(np.int64), compositions.elements[kept], compositions.amounts[kept]
    ).chemical_systems()
