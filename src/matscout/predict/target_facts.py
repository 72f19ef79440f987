"""What a fitted model keeps of its target beside the values, and the limits that its predictions respect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Target
from matscout.data.units import is_signed
from matscout.predict.distributions import NO_LIMITS


def facts_of(target: Target) -> dict[str, Any]:
    """Name, unit, task, classes, scale and, where there are any, limits and the stated class prior, as JSON."""
    facts = {name: getattr(target, name) for name in ("name", "unit", "task", "classes", "scale")}
    stated = {} if target.class_prior is None else {"class_prior": target.class_prior}
    limits = {} if target.limits is None else {"limits": list(target.limits)}
    return {**facts, **limits, **stated}


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
        # Models of earlier versions were judged on the scale that they say themselves, if not on the unit.
        asked_scale=facts.get("scale", "linear"),
        class_prior=facts.get("class_prior"),
    )


def limits_of(values: NDArray[np.float64], target: Target) -> tuple[float, float]:
    """Smallest and largest value that is possible: those of the target, else 0 where no label [n] is negative.

    A quantity whose unit is that of a signed one (a thermopower, a temperature in °C) has no limit.
    """
    if target.limits is not None:
        return target.limits
    return (0.0, np.inf) if values.min() >= 0 and not is_signed(target.unit) else NO_LIMITS
