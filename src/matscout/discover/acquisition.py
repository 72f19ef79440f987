"""Acquisition: how promising a candidate is, given its predictive distribution and a goal.

All is reckoned on the scale of the target, on which a model was judged: where values are told apart by factors, an
improvement is one of factors, too. (In the unit of such a target the expected improvement is that of the few values far
above all others which a wide interval cannot rule out, and so it orders candidates by how little is known of them.)
"""

from __future__ import annotations

from typing import Literal, cast, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from matscout.discover.base import Goal
from matscout.discover.goals import Aim
from matscout.errors import UsageError
from matscout.predict.base import AnyPredictions, ClassPredictions, Predictions

Floats = NDArray[np.float64]
Order = Literal["ei", "probability", "quantile", "ucb", "value", "thompson"]

AskedOrder = Literal["auto", "ei", "probability", "quantile", "ucb", "value", "thompson"]

DEFAULT_ORDER: AskedOrder = "auto"
"""What finds most of the best on tables that were not made for it, by the kind of the goal
(benchmarks/results/shortlists.md)."""
TEMPERATE = 0.75
"""The order "quantile" asks for the value that is exceeded in one case of four."""
HAIR = 1e-8
"""How far equal numbers may differ, as a share of their size."""
WIDEST, HALVINGS = 8.0, 50
"""Deviations within which a quantile of a size lies, and steps of the search for it."""
TINIEST = 1e-290
"""How far a number may differ from 0 and be equal to it."""


def check_order(order: str) -> AskedOrder:
    """The name of an order, or :class:`~matscout.errors.UsageError` with the choices."""
    if order not in get_args(AskedOrder):
        raise UsageError(f"there is no order {order!r}; choose one of {', '.join(get_args(AskedOrder))}")
    return cast(AskedOrder, order)


def order_for(asked: AskedOrder, goal: Goal) -> Order:
    """The acquisition for a goal: the one asked for, or for "auto" the one that suits it.

    For the largest and smallest values that is "quantile": what is predicted to be good leads, and of two candidates
    that are predicted alike the one that may be better. For a range or a value it is "ei": being wide of it on both
    sides at once is no merit.
    """
    if asked != "auto":
        return asked
    return "quantile" if goal.is_extreme else "ei"


def acquire(
    order: Order, predictions: AnyPredictions, aim: Aim, seed: int = 0, units: NDArray[np.int64] | None = None
) -> Floats:
    """Score of each candidate for one goal, larger is better, [m].

    ``probability``: chance of meeting the goal. ``ei``: expected improvement over the best label, on the scale of the
    target; for a range or value it is the expected gain in closeness to the range over the closest label.
    ``quantile``: the value that is reached with a chance of one in four. ``ucb``: the value if everything goes well,
    i.e. the better end of the interval. ``value``: the predicted value. ``thompson``: a value drawn from the
    distribution. The last four are negated distances from the range where the goal is one, and of a target with limits
    those from before it was moved into them, or all that reach a limit would be alike. For classes all are the
    probability of the wanted class.

    Parameters
    ----------
    order, predictions, aim
        As said.
    seed, units
        Of the draws of ``thompson``; rows of one unit (numbers from 0, [m]) share a draw, None: each has its own.
    """
    if isinstance(predictions, ClassPredictions):
        return np.asarray(predictions.probabilities[:, int(aim.low)], dtype=np.float64)
    if order == "probability":
        return probability(predictions, aim)
    if order == "ei":
        return expected_improvement(predictions, aim)
    if order == "thompson":
        own = np.arange(len(predictions)) if units is None else units
        return _merit(predictions, aim, np.random.default_rng(seed).standard_normal(int(own.max(initial=-1)) + 1)[own])
    share = {"value": 0.5, "quantile": TEMPERATE, "ucb": (1 + predictions.level) / 2}[order]
    return _merit(predictions, aim, float(ndtri(share)))


def _merit(predictions: Predictions, aim: Aim, steps: Floats | float) -> Floats:
    """How good the value at a deviation towards the goal is, larger is better, [m]."""
    reach, scale = predictions.distribution.reach, aim.scale
    if aim.goal.kind == "max":
        return reach(steps, scale)
    if aim.goal.kind == "min":
        return -reach(-np.asarray(steps), scale)
    if aim.goal.kind == "absmax":
        return _size(predictions, aim, steps)
    if np.ndim(steps):
        return 0.0 - aim.distance(reach(steps, scale))
    return 0.0 - aim.distance(reach(-np.abs(steps), scale), reach(np.abs(steps), scale))


def _size(predictions: Predictions, aim: Aim, steps: Floats | float) -> Floats:
    """How large |value| is at a deviation, [m]: its own quantile, since it may be large on either side.

    The predicted value (a deviation of 0) and draws have one sign, whose size it is.
    """
    reach, cdf = predictions.distribution.reach, predictions.distribution.cdf
    if np.ndim(steps) or steps == 0.0:
        return np.abs(reach(steps, aim.scale))
    share = float(ndtr(steps))
    low, high = (
        np.zeros(len(predictions)),
        np.maximum(np.abs(reach(-WIDEST, aim.scale)), np.abs(reach(WIDEST, aim.scale))),
    )
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        below = cdf(middle) - cdf(-middle) < share
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray((low + high) / 2)


def probability(predictions: AnyPredictions, aim: Aim) -> Floats:
    """Chance that the true value meets the goal, [m]; recalibrated where unseen rows asked for that.

    "max", "min" and "absmax" ask for a value truly better than the best label; the ends of a range belong to it. The
    limits are moved accordingly by more than equal numbers may differ.
    """
    if isinstance(predictions, ClassPredictions):
        return np.asarray(predictions.probabilities[:, int(aim.low)], dtype=np.float64)
    outwards = -1.0 if aim.goal.is_extreme else 1.0
    share_between = predictions.distribution.share_between
    chances = share_between(_moved(aim.low, -outwards), _moved(aim.high, outwards))
    if aim.goal.kind == "absmax":
        chances = np.minimum(chances + share_between(-aim.high, _moved(-aim.low, outwards)), 1.0)
    return predictions.recalibration.apply(chances)


def _moved(limit: float, direction: float) -> float:
    """A limit, moved by more than equal numbers may differ."""
    return limit + direction * (HAIR * abs(limit) + TINIEST) if np.isfinite(limit) else limit


def expected_improvement(predictions: Predictions, aim: Aim) -> Floats:
    """Expected improvement over the reference, on the scale of the target, [m].

    "max": E[(Y - best)+]; "min": E[(best - Y)+]; "absmax": E[(|Y| - best)+] (Jones, Schonlau and Welch, 1998, DOI
    10.1023/A:1008306431147). Range or value: E[(r - D)+], where D is the distance from the range and r the reference.
    """
    distribution, scale = predictions.distribution, aim.scale
    if aim.goal.kind == "absmax":
        above = distribution.expected_between(lambda places: places - aim.low, aim.low, np.inf, scale)
        return above + distribution.expected_between(lambda places: -places - aim.low, -np.inf, -aim.low, scale)
    if aim.goal.is_extreme:
        best = float(aim.placed(np.array([aim.reference]))[0])
        if aim.goal.kind == "max":
            return distribution.expected_between(lambda places: places - best, best, np.inf, scale)
        return distribution.expected_between(lambda places: best - places, -np.inf, best, scale)
    low, high = aim.range_on_scale
    begin, end = low - aim.reference, high + aim.reference
    return distribution.expected_between(lambda places: aim.reference - aim.distance(places), begin, end, scale)


def combine(scores: list[Floats], order: AskedOrder) -> Floats:
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
