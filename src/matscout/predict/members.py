"""Members of a stack for numbers: a recipe, fitted; estimates come back in the target's unit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.predict.labels import resolve_bounds
from matscout.predict.learner import Estimate, Regressor
from matscout.predict.recipes import Effort, Floats, Matrices, Recipe, Training
from matscout.predict.states import Stored
from matscout.predict.transforms import TargetTransform


def resolved(training: Training, rows: NDArray[np.bool_], recipe: Recipe, effort: Effort) -> Training:
    """The training rows with the bounds among the chosen ``rows`` (bool [n]) replaced by likely values within them.

    ``recipe`` predicts these values from the measured ones among ``rows``, so that the other rows have no say in them.
    Without any measured row the bounds stay what they are.
    """
    if training.labels.measured.all() or not training.labels.measured[rows].any():
        return training

    def predict_from(measured: NDArray[np.bool_]) -> Floats:
        return Member.fit(recipe, training, rows & measured, effort).predict(training.matrices).mean

    return replace(training, values=resolve_bounds(training.labels, predict_from))


@dataclass(frozen=True, eq=False)
class Member(Stored):
    """A fitted recipe: what brings the target to the scale that is easier to learn, and the learner."""

    recipe: Recipe
    transform: TargetTransform
    learner: Regressor

    @classmethod
    def fit(cls, recipe: Recipe, training: Training, rows: NDArray[np.bool_], effort: Effort) -> Self:
        """Fit the recipe to the chosen rows (bool [n]) of the training rows, as far as its columns describe them."""
        rows = training.of(recipe.columns, rows)
        values = training.values[rows]
        transform = TargetTransform.fit(recipe.transform, values)
        vectors = training.matrices[recipe.columns][rows]
        learner = recipe.made("regression", effort, training.blocks[recipe.columns])
        return cls(recipe, transform, learner.fit(vectors, transform.forward(values), training.weights(rows)))

    def predict(self, matrices: Matrices) -> Estimate:
        """Mean, median and spread in the target's unit.

        A mean on the learner's scale is brought back as it is, so that a logarithm gives the geometric mean. A spread
        is half the distance between what mean + spread and mean - spread become: it cannot run away beyond the ends of
        the transform, as the slope at the mean can.
        """
        raw = self.learner.predict(matrices[self.recipe.columns])
        if self.recipe.transform == "none":
            return raw
        back = self.transform.inverse
        spread = (back(raw.mean + raw.std) - back(raw.mean - raw.std)) / 2.0
        return Estimate(back(raw.mean), back(raw.median), spread)
