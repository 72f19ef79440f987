"""Combination: candidates averaged on a scale of the target, and the signs of trouble in what they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.predict.recipes import Recipe
from matscout.predict.states import Stored
from matscout.predict.transforms import TargetTransform

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Judgement:
    """What c candidates of r recipes said about n rows.

    Parameters
    ----------
    predictions
        float64 [n, c], in the target's unit; the mean of a recipe comes before its other statistics.
    spreads
        float64 [n, r], the learners' own, in the target's unit.
    """

    predictions: Floats
    spreads: Floats


@dataclass(frozen=True, eq=False)
class Combination(Stored):
    """A weighted average of candidates.

    Parameters
    ----------
    scale
        On which the average is taken and errors are measured: the target itself ("none"), or its logarithm ("log").
    means
        int64 [r], the candidate that is the mean of each recipe.
    weights
        float64 [c].
    low
        In the target's unit; no average falls below.
    """

    scale: TargetTransform
    means: NDArray[np.int64]
    weights: Floats
    low: float

    def average(self, judged: Judgement) -> Floats:
        """The average on the scale, [n]."""
        return np.maximum(self.scale.forward(judged.predictions) @ self.weights, self._low_on_scale)

    def signs(self, judged: Judgement) -> Floats:
        """Disagreement of the candidates and the spread of each recipe, on the scale, [n, 1 + r]."""
        changed = self.scale.forward(judged.predictions)
        disagreement = np.sqrt((changed - self.average(judged)[:, None]) ** 2 @ self.weights)
        return np.column_stack([disagreement, judged.spreads / worth(self.scale, changed[:, self.means])])

    @property
    def _low_on_scale(self) -> float:
        return self.low if self.scale.kind == "none" else -np.inf


def worth(scale: TargetTransform, changed: Floats) -> Floats:
    """How much of the target's unit one unit of the scale is worth at ``changed``, elementwise."""
    return np.ones_like(changed) if scale.kind == "none" else scale.inverse(changed)


def positions_of_means(recipes: Sequence[Recipe]) -> NDArray[np.int64]:
    """The candidate that is the mean of each of r recipes, [r]."""
    return np.cumsum([0, *[len(recipe.statistics) for recipe in recipes]], dtype=np.int64)[:-1]
