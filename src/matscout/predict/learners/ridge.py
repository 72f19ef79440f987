"""Ridge regression, its strength chosen by exact leave-one-out errors (Hoerl, Kennard 1970, doi:10.2307/1267351)."""

from __future__ import annotations

from typing import Self

import numpy as np

from matscout.predict.learners.base import Estimate, Floats, Regressor
from matscout.predict.learners.scaling import Scaling
from matscout.predict.states import State

STRENGTHS = np.logspace(-3, 5, 33)
"""Penalties tried, for standardised columns."""


class Ridge(Regressor):
    """Linear in the standardised columns; predictions are clipped to the range of the training values.

    Correlated descriptors make a linear fit run off far outside the training data, hence the clipping. The spread is
    that of a new measurement under the linear model, ``s sqrt(1 + x' (X'X + strength)^-1 x)`` with s from the
    leave-one-out errors.
    """

    strength: float

    def fit(self, vectors: Floats, values: Floats, weights: Floats | None = None) -> Self:
        """Learn from vectors [n, d] and values [n]; weights [n] multiply the squared errors."""
        importance = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=np.float64)
        self._scaling = Scaling.fit(vectors)
        inputs = self._scaling.transform(vectors)
        self._input_centre = np.average(inputs, axis=0, weights=importance)
        self._centre = float(np.average(values, weights=importance))
        root = np.sqrt(importance)
        left, singular, right = np.linalg.svd((inputs - self._input_centre) * root[:, None], full_matrices=False)
        targets = (values - self._centre) * root
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
        self._error = float(np.sqrt(errors[best]))
        self._slopes = right.T @ (singular / (singular**2 + self.strength) * projected)
        self._directions = right / np.sqrt(singular**2 + self.strength)[:, None]
        self._low, self._high = float(values.min()), float(values.max())
        return self

    def predict(self, vectors: Floats) -> Estimate:
        """The clipped linear prediction for vectors [m, d], and its spread."""
        inputs = self._scaling.transform(vectors) - self._input_centre
        predicted = np.clip(self._centre + inputs @ self._slopes, self._low, self._high)
        leverage = ((inputs @ self._directions.T) ** 2).sum(axis=1)
        return Estimate(predicted, predicted, self._error * np.sqrt(1.0 + leverage))

    def state(self) -> State:
        """Coefficients and what the spread needs."""
        spec = {
            "strength": self.strength,
            "error": self._error,
            "centre": self._centre,
            "low": self._low,
            "high": self._high,
        }
        arrays = {"input_centre": self._input_centre, "slopes": self._slopes, "directions": self._directions}
        return State(spec, {**arrays, **self._scaling.arrays()})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The fitted learner again."""
        learner = cls()
        spec, arrays = state.spec, state.arrays
        learner.strength, learner._error, learner._centre = spec["strength"], spec["error"], spec["centre"]
        learner._low, learner._high = spec["low"], spec["high"]
        learner._input_centre, learner._slopes = arrays["input_centre"], arrays["slopes"]
        learner._directions = arrays["directions"]
        learner._scaling = Scaling.from_arrays(arrays)
        return learner
