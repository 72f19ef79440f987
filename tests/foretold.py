"""Predictions whose intervals a test names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matscout.predict.base import Predictions
from matscout.predict.distributions import NO_LIMITS, Distribution
from matscout.predict.transforms import LINEAR, TargetTransform

Column = NDArray[np.float64] | Sequence[float] | float


def foretold(
    predicted: Column,
    lower: Column,
    upper: Column,
    *,
    target: str = "y",
    unit: str | None = "eV",
    level: float = 0.9,
    inside: NDArray[np.bool_] | Sequence[bool] | bool = True,
    scale: TargetTransform = LINEAR,
    limits: tuple[float, float] = NO_LIMITS,
) -> Predictions:
    """Two halves of normal distributions on the scale, that meet at what is predicted; single numbers are for all rows.

    With limits the interval is the one before it is moved into them.
    """
    columns = np.broadcast_arrays(*np.atleast_1d(predicted, lower, upper))
    middle, low, high = (np.array(column, dtype=np.float64) for column in columns)
    distribution = Distribution.between(middle, low, high, level, scale=scale, limits=limits)
    return Predictions(
        target, unit, level, distribution, np.array(np.broadcast_to(inside, len(middle)), dtype=np.bool_)
    )
