"""Ridge regression, its strength chosen by exact leave-one-out errors (Hoerl, Kennard 1970, doi:10.2307/1267351)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from matscout.predict.learner import Estimate, Floats, Regressor
from matscout.predict.scaling import Scaling

STRENGTHS = np.logspace(-3, 5, 33)
"""Penalties tried, for standardised columns."""


@dataclass(eq=False, kw_only=True)
class Ridge(Regressor):
    """Linear in the standardised columns; predictions are clipped to the range of the training values.

    Correlated descriptors make a linear fit run off far outside the training data, hence the clipping. The spread is
    that of a new measurement under the linear model, ``s sqrt(1 + x' (X'X + strength)^-1 x)`` with s from the
    leave-one-out errors.
    """

    column_sets = ("fractions", "components")
    turn = 30

    strength: float = field(init=False)
    error: float = field(init=False)
    scaling: Scaling = field(init=False)
    input_centre: Floats = field(init=False)
    centre: float = field(init=False)
    slopes: Floats = field(init=False)
    directions: Floats = field(init=False)
    low: float = field(init=False)
    high: float = field(init=False)

    def fit(self, vectors: Floats, values: Floats, weights: Floats | None = None) -> Self:
        """Learn from vectors [n, d] and values [n]; weights [n] multiply the squared errors."""
        importance = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=np.float64)
        self.scaling = Scaling.fit(vectors)
        inputs = self.scaling.transform(vectors)
        self.input_centre = np.average(inputs, axis=0, weights=importance)
        self.centre = float(np.average(values, weights=importance))
        root = np.sqrt(importance)
        left, singular, right = np.linalg.svd((inputs - self.input_centre) * root[:, None], full_matrices=False)
        targets = (values - self.centre) * root
        projected = left.T @ targets
        # The mean is a coefficient too: it adds w_i / sum(w) to the leverage of row i.
        mean_leverage = importance / importance.sum()
        errors = []
        for strength in STRENGTHS:
            shrink = singular**2 / (singular**2 + strength)
            leverage = np.minimum((left**2) @ shrink + mean_leverage, 1.0 - 1e-9)
            errors.append(float(np.mean(((targets - left @ (shrink * projected)) / (1.0 - leverage)) ** 2)))
        best = int(np.argmin(errors))
        self.strength = float(STRENGTHS[best])
        self.error = float(np.sqrt(errors[best]))
        self.slopes = right.T @ (singular / (singular**2 + self.strength) * projected)
        self.directions = right / np.sqrt(singular**2 + self.strength)[:, None]
        self.low, self.high = float(values.min()), float(values.max())
        return self

    def predict(self, vectors: Floats) -> Estimate:
        """The clipped linear prediction for vectors [m, d], and its spread."""
        inputs = self.scaling.transform(vectors) - self.input_centre
        predicted = np.clip(self.centre + inputs @ self.slopes, self.low, self.high)
        leverage = ((inputs @ self.directions.T) ** 2).sum(axis=1)
        return Estimate(predicted, predicted, self.error * np.sqrt(1.0 + leverage))
