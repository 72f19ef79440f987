"""Errors on rows that were left out: one number of many, in the target's unit or in decades."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.data.scales import Scale
from matscout.predict.base import Metric

Floats = NDArray[np.float64]

DECADE = float(np.log(10.0))
"""A factor of ten on the logarithmic scale, which is the natural one."""
METRICS: tuple[Metric, ...] = ("mae", "rmse")


def mean_error(errors: Floats, metric: Metric, weights: Floats | None = None) -> float:
    """MAE or RMSE of errors [n] with optional row weights [n]."""
    if metric == "mae":
        return float(np.average(np.abs(errors), weights=weights))
    return float(np.sqrt(np.average(errors**2, weights=weights)))


def mean_errors(errors: Floats, metric: Metric, weights: Floats) -> Floats:
    """MAE or RMSE of each column of errors [n, t] with row weights [n]: [t]."""
    shares = weights / weights.sum()
    return np.asarray(shares @ np.abs(errors) if metric == "mae" else np.sqrt(shares @ errors**2), dtype=np.float64)


def in_words_of(errors: Floats, scale: Scale) -> Floats:
    """Errors on a scale as a person is told them: in the target's unit, or in decades."""
    return errors / DECADE if scale == "log" else errors


def scores_of(errors: Floats, scale: Scale) -> dict[str, float]:
    """MAE and RMSE of errors [n] on a scale, in the target's unit or in decades."""
    return {metric: mean_error(in_words_of(errors, scale), metric) for metric in METRICS}
