"""What a fitted model keeps of its target beside the values, and the limits that its predictions respect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Target
from matscout.predict.base import Predictions, Unlimited


def facts_of(target: Target) -> dict[str, Any]:
    """Name, unit, task, classes and, where there are any, limits, as JSON."""
    told = {name: getattr(target, name) for name in ("name", "unit", "task", "classes")}
    return told if target.limits is None else {**told, "limits": list(target.limits)}


def target_of(facts: Mapping[str, Any], values: NDArray[np.float64]) -> Target:
    """The target again from :func:`facts_of` and its values."""
    limits = facts.get("limits")
    return Target(
        facts["name"],
        values,
        facts["unit"],
        facts.get("task", "regression"),
        tuple(facts.get("classes", ())),
        limits=None if limits is None else (float(limits[0]), float(limits[1])),
    )


def limited(predictions: Predictions, target: Target) -> Predictions:
    """The same with predictions moved into the limits of the target, and the intervals with them.

    An interval keeps its width on both sides of the moved prediction before it is cut: one that lies beyond a limit
    altogether would else become a point, and claim certainty.
    """
    if target.limits is None:
        return predictions
    centre = np.clip(predictions.predicted, *target.limits)
    lower = np.clip(centre - (predictions.predicted - predictions.lower), *target.limits)
    upper = np.clip(centre + (predictions.upper - predictions.predicted), *target.limits)
    before = Unlimited(target.limits, predictions.predicted, predictions.lower, predictions.upper)
    return replace(predictions, predicted=centre, lower=lower, upper=upper, unlimited=before)
