"""What a proposal is for: to reach the goal, or to learn where the model knows little."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matscout.discover.acquisition import acquire, combine
from matscout.discover.goals import Aim
from matscout.predict.base import AnyPredictions, Predictions

VALUE, LEARNING = "value", "learning"
BEST = 0.05
"""A proposal for value is among this share of the ranked candidates by predicted value,"""
FEWEST = 20
"""or among the first so many, where these are no more than"""
MOST = 0.25
"""this share of them; or it is predicted to meet the goals."""
DRAWS = 1000
"""Times that the values of the first candidates are drawn."""
FIRST = 20
"""Candidates of whose best is told what to expect."""
LIKELY = (0.1, 0.9)
"""The range holds the best of them in eight of ten draws."""


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


def best_to_expect(
    block: Predictions, aim: Aim, systems: NDArray[np.str_], seed: int = 0
) -> tuple[float, float] | None:
    """Between which values the best of k candidates lies in eight of ten cases; None if the goal is a range.

    Errors of candidates of one chemical system (text [k]) go together, those of different ones are independent.
    """
    if aim.goal.kind not in ("max", "min") or not len(block):
        return None
    _, own = np.unique(systems, return_inverse=True)
    drawn = block.distribution.draws(DRAWS, seed, own)
    best = drawn.max(axis=0) if aim.goal.kind == "max" else drawn.min(axis=0)
    low, high = np.quantile(best, LIKELY)
    return float(low), float(high)
