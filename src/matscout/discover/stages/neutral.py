"""Charge-balanced by known oxidation states, or of metals only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.charges import balance_charges
from matscout.discover.base import Brief
from matscout.discover.stage import Filter
from matscout.generate.base import Candidates


class Neutral(Filter):
    """Removes what no known oxidation states balance."""

    step = "charge-balanced (or metals only)"
    place = 6

    def keeps(self, candidates: Candidates, brief: Brief) -> NDArray[np.bool_]:
        """Which candidates are acceptable, bool [n]."""
        return balance_charges(candidates.materials.compositions).acceptable
