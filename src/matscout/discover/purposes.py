"""What a proposal is for: to reach the goal, or to learn where the model knows little."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from matscout.discover.acquisition import acquire, combine, probability
from matscout.discover.goals import Aim
from matscout.predict.base import AnyPredictions, Predictions

VALUE, LEARNING = "value", "learning"
BEST = 0.05
"""A proposal for value is among this share of the ranked candidates by predicted value,"""
FEWEST = 20
"""or among the first so many, where these are no more than"""
MOST = 0.25
"""this share of them; or it is predicted to meet the goals."""
SHARES = np.linspace(0.001, 0.999, 999)
"""The best of the first candidates is looked for among these quantiles of theirs."""
STEPS_BEYOND = 400
"""Values beyond the best label at which the chance to lie beyond them is asked for."""
FIRST = 20
"""Candidates of whose best is told what to expect."""
LIKELY = (0.1, 0.9)
"""The range holds the best of them in eight of ten cases."""


def purposes_of(predictions: Sequence[AnyPredictions], aims: Sequence[Aim]) -> NDArray[np.str_]:
    """The purpose of each of k ranked candidates, "value" or "learning", [k].

    For value is what is predicted within the best few per cent or to meet the goals, lies in the domain of every model,
    and of which the models know more than what the labels are like on average. Everything else that ranks high does so
    because it might be good: making it teaches whether it is.

    Parameters
    ----------
    predictions, aims
        One of each for each goal.
    """
    pairs = list(zip(predictions, aims, strict=True))
    merits = combine([acquire("value", block, aim) for block, aim in pairs], "value")
    if not len(merits):
        return np.zeros(0, dtype=np.str_)
    enough = max(int(np.ceil(BEST * len(merits))), min(FEWEST, int(MOST * len(merits))), 1)
    best = merits >= np.sort(merits)[::-1][enough - 1]
    best |= np.all([aim.is_met(block.predicted) for block, aim in pairs], axis=0)
    known = np.all([knowledge_of(block) & block.in_domain for block in predictions], axis=0)
    return np.where(best & known, VALUE, LEARNING)


def knowledge_of(block: AnyPredictions) -> NDArray[np.bool_]:
    """False where the model knows no more than what the labels are like on average, [k]; of classes it does."""
    return block.knows_more if isinstance(block, Predictions) else np.ones(len(block), dtype=np.bool_)


def best_to_expect(block: Predictions, aim: Aim, systems: NDArray[np.str_]) -> tuple[float, float] | None:
    """Between which values the best of k candidates lies in eight of ten cases; None if the goal is a range.

    By the chances that are told of each, corrected ones where they are. Those of candidates of one chemical system
    (text [k]) go together: the likeliest stands for all. Different systems are taken as independent.
    """
    if aim.goal.kind not in ("max", "min") or not len(block):
        return None
    values = np.unique(block.distribution.at_chances(ndtri(SHARES)))
    worst_first = values if aim.goal.kind == "max" else values[::-1]
    missed = _none_beyond(block, aim, systems)
    places = [bisect_left(worst_first, share, key=missed) for share in LIKELY]
    low, high = sorted(float(worst_first[min(place, len(values) - 1)]) for place in places)
    return low, high


def expected_gain(block: Predictions, aim: Aim, systems: NDArray[np.str_]) -> float | None:
    """By how much the best of k candidates betters the best label on average, on the scale of the target.

    The chance that any of them lies beyond a value is integrated over the values beyond the best label; chances and
    systems (text [k]) count as in :func:`best_to_expect`. None if the goal is a range or value.
    """
    if aim.goal.kind not in ("max", "min") or not len(block):
        return None
    sign = 1.0 if aim.goal.kind == "max" else -1.0
    best = float(aim.placed(np.array([aim.reference]))[0])
    values = block.distribution.at_chances(ndtri(SHARES)).ravel()
    furthest = float((sign * aim.placed(values)).max())
    if furthest <= sign * best:
        return 0.0
    places = sign * np.linspace(sign * best, furthest, STEPS_BEYOND)
    missed = _none_beyond(block, aim, systems)
    chances = [1.0 - missed(value) for value in aim.scale.inverse(places).tolist()]
    return float(np.trapezoid(chances, sign * places))


def _none_beyond(block: Predictions, aim: Aim, systems: NDArray[np.str_]) -> Callable[[float], float]:
    """Value -> the chance that no candidate lies beyond it."""
    _, own = np.unique(systems, return_inverse=True)

    def missed(value: float) -> float:
        beyond = replace(aim, low=value) if aim.goal.kind == "max" else replace(aim, high=value)
        likeliest = np.zeros(int(own.max()) + 1)
        np.maximum.at(likeliest, own, probability(block, beyond))
        return float(np.prod(1.0 - likeliest))

    return missed
