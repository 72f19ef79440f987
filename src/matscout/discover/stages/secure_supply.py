"""No element whose reserves are concentrated in few countries."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.discover.base import Brief
from matscout.discover.element_rules import CONCENTRATED, supply_risk
from matscout.discover.stage import Filter
from matscout.generate.base import Candidates


class SecureSupply(Filter):
    """Removes what has a mean Herfindahl-Hirschman index of reserves above 2,500 (doi:10.1021/cm400893e)."""

    step = "reserves not concentrated in few countries"
    place = 5

    def keeps(self, candidates: Candidates, brief: Brief) -> NDArray[np.bool_]:
        """Which candidates have a secure supply, bool [n]; what has no known index does not."""
        return np.asarray(supply_risk(candidates.materials.compositions) <= CONCENTRATED)
