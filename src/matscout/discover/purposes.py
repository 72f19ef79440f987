"""What a proposal is for: to reach the goal, or to learn where the model knows little."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
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
    upwards = aim.goal.kind == "max"
    _, own = np.unique(systems, return_inverse=True)
    values = np.unique(block.distribution.at_chances(ndtri(SHARES)))
    worst_first = values if upwards else values[::-1]

    def missed(value: float) -> float:
        beyond = replace(aim, low=value) if upwards else replace(aim, high=value)
        likeliest = np.zeros(int(own.max()) + 1)
        np.maximum.at(likeliest, own, probability(block, beyond))
        return float(np.prod(1.0 - likeliest))

    places = [bisect_left(worst_first, share, key=missed) for share in LIKELY]
    low, high = sorted(float(worst_first[min(place, len(values) - 1)]) for place in places)
    return low, high
