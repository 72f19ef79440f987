"""Filters by hazards: which candidates they remove, and why each."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.hazard_classes import HazardKind
from matscout.crystal.hazards import families, is_hazardous
from matscout.data.materials import Materials
from matscout.discover.base import Brief
from matscout.discover.stage import Filter
from matscout.generate.base import Candidates


class HazardFilter(Filter):
    """Removes what has a hazard of some kinds."""

    hazards: ClassVar[tuple[HazardKind, ...]]
    """The kinds."""

    def keeps(self, candidates: Candidates, brief: Brief) -> NDArray[np.bool_]:
        """Which candidates have none of these hazards, bool [n]."""
        return ~is_hazardous(candidates.materials.compositions, self.hazards)

    def objections(self, removed: Materials) -> list[str]:
        """Kind and family of the hazards of each."""
        return families(removed.compositions, self.hazards)
