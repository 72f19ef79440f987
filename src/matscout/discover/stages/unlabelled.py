"""Not among the labels: no label has the same composition (and structure, if both have one)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.data.kinds import KINDS
from matscout.discover.base import Brief
from matscout.discover.novelty import is_labelled
from matscout.discover.stage import Filter
from matscout.generate.base import Candidates


class Unlabelled(Filter):
    """Removes what is labelled; of reactions what was run under the same conditions."""

    step = "not among the labels"
    place = 1
    kinds = KINDS

    def keeps(self, candidates: Candidates, brief: Brief) -> NDArray[np.bool_]:
        """Which candidates equal no label, bool [n]."""
        return ~is_labelled(candidates.materials, brief.labels.materials)
