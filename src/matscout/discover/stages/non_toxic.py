"""No toxic or radioactive element."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.discover.base import Brief
from matscout.discover.element_rules import HAZARDS, made_without
from matscout.discover.stage import Filter
from matscout.generate.base import Candidates


class NonToxic(Filter):
    """Removes what holds an element of :data:`matscout.discover.element_rules.HAZARDS`."""

    step = "no toxic or radioactive element"
    place = 3

    def keeps(self, candidates: Candidates, brief: Brief) -> NDArray[np.bool_]:
        """Which candidates hold no such element, bool [n]."""
        return made_without(candidates.materials.compositions, list(HAZARDS))
