"""No label and no near-duplicate of one: at least half a percent of the atoms differ in element."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.data.kinds import KINDS
from matscout.discover.base import Brief
from matscout.discover.novelty import is_known
from matscout.discover.stage import Filter
from matscout.generate.base import Candidates


class New(Filter):
    """Removes labels and near-copies of labels; of reactions it is the filter ``unlabelled``."""

    step = "no label and no near-duplicate of one"
    place = 2
    kinds = KINDS

    def keeps(self, candidates: Candidates, brief: Brief) -> NDArray[np.bool_]:
        """Which candidates are new, bool [n]; see :data:`matscout.discover.near_copies.NEAR_COPY`."""
        return ~is_known(candidates.materials, brief.labels.materials)
