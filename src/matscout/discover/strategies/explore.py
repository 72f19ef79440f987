"""Trees on plain descriptors; what the trees know least about."""

from __future__ import annotations

import numpy as np

from matscout.data.kinds import Kind
from matscout.discover.prediction import predict_candidates
from matscout.discover.strategy import LEVEL, Floats, Strategy, Turn, quick_trees
from matscout.predict.base import ClassPredictions


class ExploreStrategy(Strategy):
    """Explores only: the widest intervals, or the classes that are least certain.

    Parameters
    ----------
    kind
        Of the rows.
    """

    def __init__(self, kind: Kind) -> None:
        self._kind = kind

    def scores(self, turn: Turn) -> Floats:
        """The standard deviation on the scale of the target; of classes 1 minus the largest probability."""
        model = quick_trees(self._kind, turn.seed).fit(turn.known, turn.goal.target)
        predictions = predict_candidates(model, turn.rest, LEVEL)
        if isinstance(predictions, ClassPredictions):
            return np.asarray(1.0 - predictions.probabilities.max(axis=1))
        return np.asarray(predictions.distribution.deviation)
