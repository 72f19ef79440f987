"""Acquisition: how promising a candidate is, given its predictive distribution and a goal.

The distribution of a number is two half-normals joined at the predicted value: half of the probability lies on each
side, and the interval ``lower..upper`` holds the stated level. So the scores rest on the calibrated interval, lopsided
where it is. With Phi and phi the standard normal distribution and density, u = (t - m) / s, and s the width of the
side on which t lies,

- P(Y <= t) = Phi(u),
- E[(t - Y)+] for t <= m is s (phi(u) + u Phi(u)), and E[(Y - t)+] for t >= m its mirror image,
- E[Y] = m + (s_upper - s_lower) / sqrt(2 pi).
"""

from __future__ import annotations

import math
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
    distances from the range where the goal is one. For classes all are the probability of the wanted class.
    """
    if isinstance(predictions, ClassPredictions):
        return np.asarray(predictions.probabilities[:, int(aim.low)], dtype=np.float64)
    if order == "probability":
        return probability(predictions, aim)
    if order == "ei":
        return expected_improvement(predictions, aim)
    optimistic = order == "ucb"
    if aim.goal.kind == "max":
        return predictions.upper if optimistic else predictions.predicted
    if aim.goal.kind == "min":
        return -(predictions.lower if optimistic else predictions.predicted)
    lowest, highest = (predictions.lower, predictions.upper) if optimistic else (predictions.predicted,) * 2
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


def _widths(predictions: Predictions) -> tuple[Floats, Floats]:
    """Standard deviations below and above the predicted value, [m] each."""
    quantile = float(ndtri(0.5 + predictions.level / 2))
    least = _NARROWEST * (1.0 + np.abs(predictions.predicted))
    below = np.maximum((predictions.predicted - predictions.lower) / quantile, least)
    above = np.maximum((predictions.upper - predictions.predicted) / quantile, least)
    return below, above


def _cumulative(predictions: Predictions, limit: Floats) -> Floats:
    """P(Y <= limit) for limits [m], [m]."""
    below, above = _widths(predictions)
    step = limit - predictions.predicted
    return np.asarray(ndtr(step / np.where(step < 0, below, above)), dtype=np.float64)


def _below(predictions: Predictions, limit: float) -> Floats:
    """E[(limit - Y)+], [m]."""
    below, above = _widths(predictions)
    step = limit - predictions.predicted
    beyond = step + (below - above) / math.sqrt(2 * math.pi) + _tail(-step, above)
    return np.where(step < 0, _tail(step, below), beyond)


def _above(predictions: Predictions, limit: float) -> Floats:
    """E[(Y - limit)+], [m]."""
    below, above = _widths(predictions)
    step = predictions.predicted - limit
    beyond = step + (above - below) / math.sqrt(2 * math.pi) + _tail(-step, below)
    return np.where(step < 0, _tail(step, above), beyond)


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
