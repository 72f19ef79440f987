"""All elements above 1 mg/kg in the earth's crust."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.chemistry import element_facts
from matscout.discover.base import Brief
from matscout.discover.element_rules import ABUNDANT, none_of
from matscout.discover.stage import Filter
from matscout.generate.base import Candidates


class Abundant(Filter):
    """Removes what holds an element that is scarcer than :data:`matscout.discover.element_rules.ABUNDANT`."""

    step = f"all elements above {ABUNDANT:g} mg/kg in the crust"
    place = 4

    def keeps(self, candidates: Candidates, brief: Brief) -> NDArray[np.bool_]:
        """Which candidates are made of abundant elements, bool [n]."""
        return none_of(candidates.materials.compositions, ~(element_facts().abundance >= ABUNDANT))
