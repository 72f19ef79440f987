"""Inside the domain of every model: similar enough to the labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.data.kinds import KINDS
from matscout.discover.base import Brief
from matscout.discover.stage import Filter
from matscout.errors import UsageError
from matscout.generate.base import Candidates


class InDomain(Filter):
    """Removes what a model was not asked for: its fact ``in_domain`` is False."""

    step = "inside the model's domain"
    place = 9
    kinds = KINDS
    needs_predictions = True

    def check(self, candidates: Candidates, brief: Brief) -> None:
        """Raise UsageError: in a funnel nothing is predicted yet that it could go by."""
        if "in_domain" not in candidates.facts:
            raise UsageError("in-domain needs predictions: use it in the ranking (rank: require:), not in a stage")

    def keeps(self, candidates: Candidates, brief: Brief) -> NDArray[np.bool_]:
        """Which candidates are inside, bool [n]; errors as :meth:`check`."""
        self.check(candidates, brief)
        return candidates.facts["in_domain"].values.astype(np.bool_)
