"""A trivial rival: the energy above the convex hull alone, from the context column that holds it; lower is likelier."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from scipy.special import expit

from matscout.errors import UsageError
from matscout.predict.hull_columns import is_called_hull
from matscout.predict.likeness_learner import Floats, LikenessExamples, LikenessLearner


@dataclass(eq=False)
class HullDistance(LikenessLearner):
    """Learns nothing but which column holds the energies, in eV per atom."""

    representations = ()

    place: int = field(init=False)

    def fit(self, examples: LikenessExamples) -> Self:
        """Find the column."""
        places = [place for place, name in enumerate(examples.columns) if is_called_hull(name)]
        if not places:
            raise UsageError(
                "hull-distance needs a column of energies above the convex hull: name one with --context, such as "
                "--context=energy_above_hull"
            )
        self.place = places[0]
        return self

    def score(self, vectors: Floats) -> Floats:
        """The logistic of the negative energy."""
        return np.asarray(expit(-vectors[:, self.place]), dtype=np.float64)
