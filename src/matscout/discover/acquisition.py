"""Acquisition: how promising a candidate is, given its predictive distribution and a goal.

The distribution of a number is two half-normals joined at the predicted value: half of the probability lies on each
side, and the interval ``lower..upper`` holds the stated level. So the scores rest on the calibrated interval, lopsided
where it is. With Phi and phi the standard normal distribution and density, u = (t - m) / s, and s the width of the
side on which t lies,

- P(Y <= t) = Phi(u),
- E[(t - Y)+] for t <= m is s (phi(u) + u Phi(u)), and E[(Y - t)+] for t >= m its mirror image,
- E[Y] = m + (s_upper - s_lower) / sqrt(2 pi).

A target that cannot be below L or above U (a yield) has all the probability beyond a limit at it: Y is what
``unlimited`` predictions tell, moved into L..U.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, cast, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from matscout.discover.goals import Aim
from matscout.errors import UsageError
from matscout.predict.base import AnyPredictions, ClassPredictions, Predictions

Floats = NDArray[np.float64]
Order = Literal["ei", "probability", "ucb", "value"]

_NARROWEST = 1e-9
"""Smallest width of a side, as a share of the size of the numbers: an interval of no width is a certain value."""


def check_order(order: str) -> Order:
    """The name of an acquisition, or :class:`~matscout.errors.UsageError` with the choices."""
    if order not in get_args(Order):
        raise UsageError(f"there is no order {order!r}; choose one of {', '.join(get_args(Order))}")
    return cast(Order, order)


def acquire(order: Order, predictions: AnyPredictions, aim: Aim) -> Floats:
    """Score of each candidate for one goal, larger is better, [m].

    ``probability``: chance of meeting the goal. ``ei``: expected improvement over the best label, in the target's unit;
    for a range or value it is the expected gain in closeness to the range over the closest label. ``ucb``: the value if
    everything goes well, i.e. the better end of the interval. ``value``: the predicted value. The last two are negated
    distances from the range where the goal is one, and of a target with limits those from before it was moved into
    them, or all that reach a limit would be alike. For classes all are the probability of the wanted class.
    """
    if isinstance(predictions, ClassPredictions):
        return np.asarray(predictions.probabilities[:, int(aim.low)], dtype=np.float64)
    if order == "probability":
        return probability(predictions, aim)
    if order == "ei":
        return expected_improvement(predictions, aim)
    said = predictions.unlimited or predictions
    optimistic = order == "ucb"
    if aim.goal.kind == "max":
        return said.upper if optimistic else said.predicted
    if aim.goal.kind == "min":
        return -(said.lower if optimistic else said.predicted)
    lowest, highest = (said.lower, said.upper) if optimistic else (said.predicted,) * 2
    goal = aim.goal
    return np.asarray(0.0 - np.maximum(np.maximum(goal.low - highest, lowest - goal.high), 0.0), dtype=np.float64)


def probability(predictions: AnyPredictions, aim: Aim) -> Floats:
    """Chance that the true value meets the goal, [m].

    "max" and "min" ask for a value truly better than the best label; the ends of a range belong to it. The limits are
    moved accordingly by more than the width of a certain value, which is how far equal numbers may differ.
    """
    if isinstance(predictions, ClassPredictions):
        return np.asarray(predictions.probabilities[:, int(aim.low)], dtype=np.float64)
    margin = 10 * _NARROWEST * (1.0 + np.abs(predictions.predicted))
    if aim.goal.kind in {"max", "min"}:
        margin = -margin
    inside = _cumulative(predictions, aim.high + margin) - _cumulative(predictions, aim.low - margin)
    return np.asarray(np.clip(inside, 0.0, 1.0), dtype=np.float64)


def expected_improvement(predictions: Predictions, aim: Aim) -> Floats:
    """Expected improvement over the reference, in the target's unit, [m].

    "max": E[(Y - best)+]; "min": E[(best - Y)+] (Jones, Schonlau and Welch, 1998, DOI 10.1023/A:1008306431147). Range
    or value: E[(r - D)+], where D is the distance from the range and r the reference: a trapezoid in Y, which is the
    difference of ramps on either side.
    """
    goal, reference = aim.goal, aim.reference
    if goal.kind == "max":
        return _above(predictions, reference)
    if goal.kind == "min":
        return _below(predictions, reference)
    gain = np.full(len(predictions), reference)
    if math.isfinite(goal.low):
        gain = gain - _below(predictions, goal.low) + _below(predictions, goal.low - reference)
    if math.isfinite(goal.high):
        gain = gain - _above(predictions, goal.high) + _above(predictions, goal.high + reference)
    return np.asarray(np.maximum(gain, 0.0), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class _Sides:
    """Two half-normals [m], the standard deviation of each, and the limits that Y is moved into."""

    centre: Floats
    below: Floats
    above: Floats
    lowest: float
    highest: float


def _sides(predictions: Predictions) -> _Sides:
    said = predictions.unlimited or predictions
    lowest, highest = (-math.inf, math.inf) if predictions.unlimited is None else predictions.unlimited.limits
    quantile = float(ndtri(0.5 + predictions.level / 2))
    least = _NARROWEST * (1.0 + np.abs(said.predicted))
    below = np.maximum((said.predicted - said.lower) / quantile, least)
    above = np.maximum((said.upper - said.predicted) / quantile, least)
    return _Sides(said.predicted, below, above, lowest, highest)


def _cumulative(predictions: Predictions, limit: Floats) -> Floats:
    """P(Y <= limit) for limits [m], [m]."""
    sides = _sides(predictions)
    step = limit - sides.centre
    free = ndtr(step / np.where(step < 0, sides.below, sides.above))
    return np.where(limit >= sides.highest, 1.0, np.where(limit < sides.lowest, 0.0, free))


def _below(predictions: Predictions, limit: float) -> Floats:
    """E[(limit - Y)+], [m]."""
    sides = _sides(predictions)
    if limit <= sides.lowest:
        return np.zeros(len(predictions))
    within = min(limit, sides.highest)
    lost = _free_below(sides, sides.lowest) if math.isfinite(sides.lowest) else 0.0
    return np.asarray(limit - within + _free_below(sides, within) - lost, dtype=np.float64)


def _above(predictions: Predictions, limit: float) -> Floats:
    """E[(Y - limit)+], [m]."""
    sides = _sides(predictions)
    if limit >= sides.highest:
        return np.zeros(len(predictions))
    within = max(limit, sides.lowest)
    lost = _free_above(sides, sides.highest) if math.isfinite(sides.highest) else 0.0
    return np.asarray(within - limit + _free_above(sides, within) - lost, dtype=np.float64)


def _free_below(sides: _Sides, limit: float) -> Floats:
    """E[(limit - Y)+] without limits, [m]."""
    step = limit - sides.centre
    beyond = step + (sides.below - sides.above) / math.sqrt(2 * math.pi) + _tail(-step, sides.above)
    return np.where(step < 0, _tail(step, sides.below), beyond)


def _free_above(sides: _Sides, limit: float) -> Floats:
    """E[(Y - limit)+] without limits, [m]."""
    step = sides.centre - limit
    beyond = step + (sides.above - sides.below) / math.sqrt(2 * math.pi) + _tail(-step, sides.below)
    return np.where(step < 0, _tail(step, sides.above), beyond)


def _tail(step: Floats, width: Floats) -> Floats:
    """Return ``width * (phi(u) + u Phi(u))`` with u = step / width, for u <= 0 (elsewhere the value is not used)."""
    u = np.minimum(step / width, 0.0)
    return np.asarray(width * (np.exp(-0.5 * u**2) / math.sqrt(2 * math.pi) + u * ndtr(u)), dtype=np.float64)


def combine(scores: list[Floats], order: Order) -> Floats:
    """One score for several goals, [m]: the geometric mean of the goals' desirabilities; a single goal's own score.

    A probability is its own desirability; any other score is stretched so that the worst candidate has 0 and the best
    1. So a candidate that is hopeless for one goal is not saved by another.
    """
    if len(scores) == 1:
        return scores[0]
    desirabilities = scores if order == "probability" else [_stretched(score) for score in scores]
    return np.asarray(np.prod(desirabilities, axis=0) ** (1 / len(scores)), dtype=np.float64)


def _stretched(score: Floats) -> Floats:
    """The scores on a scale from 0 (worst) to 1 (best); all 1 if they are equal."""
    lowest, highest = score.min(initial=np.inf), score.max(initial=-np.inf)
    return (score - lowest) / (highest - lowest) if highest > lowest else np.ones(len(score))
