"""How good a shortlist was, and how true its chances were: numbers of one draw."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Target
from matscout.discover.base import Goal
from matscout.discover.goals import Aim
from matscout.predict.base import Predictions

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

BEST = 0.05
FIRST = (10, 20, 50)
LISTED = 20
"""Length of the shortlists whose chances and widths are judged."""
N_BINS = 10
TINY = 1e-12
"""An end of an interval at or below zero counts as this on a logarithmic scale, times the smallest label."""


def bound_of_best(goodness: Floats) -> float:
    """Halfway between the worst of the best 5 % (those as good as it belong to them) and the next."""
    ranked = np.sort(goodness)[::-1]
    last = ranked[max(1, math.ceil(BEST * len(ranked))) - 1]
    below = ranked[ranked < last]
    return float(last if not len(below) else (last + below[0]) / 2)


def is_best(goodness: Floats) -> Bools:
    """Which belong to the best 5 % of these, [m]."""
    return np.asarray(goodness >= bound_of_best(goodness))


def aim_at_best(goal: Goal, goodness: Floats, unit: str | None = None) -> Aim:
    """To belong to the best 5 % of all, by the goodness of all; for chances only, which need no scale."""
    bound = bound_of_best(goodness)
    if goal.kind == "max":
        return Aim(goal, bound, math.inf, bound, unit)
    if goal.kind == "min":
        return Aim(goal, -math.inf, -bound, -bound, unit)
    return Aim(goal, goal.low + bound, goal.high - bound, -bound, unit)


def reaches(aim: Aim, values: Floats) -> Bools:
    """Whether true values meet it, [m]: of "max" and "min" they must be beyond the limit."""
    if aim.goal.kind == "max" and not aim.at_limit:
        return np.asarray(values > aim.low)
    if aim.goal.kind == "min" and not aim.at_limit:
        return np.asarray(values < aim.high)
    return np.asarray((values >= aim.low) & (values <= aim.high))


def ranking(scores: Floats) -> Ints:
    """Rows by descending score, equal ones as they stand (the order of candidates is random), [m]."""
    return np.argsort(-scores, kind="stable")


def hits(ranked: Ints, best: Bools) -> dict[str, int]:
    """How many of the best stand among the first."""
    return {f"first{k}": int(best[ranked[:k]].sum()) for k in FIRST}


@dataclass(frozen=True)
class LabelSpread:
    """On which widths are measured."""

    logarithmic: bool
    spread: float
    """Of the labels: their 95 % less their 5 % quantile."""
    least: float
    """Smallest number that has a logarithm here."""

    @classmethod
    def of(cls, labels: Target) -> LabelSpread:
        """That of the target."""
        low, high = np.quantile(labels.values, [0.05, 0.95])
        logarithmic = labels.scale == "log"
        least = float(TINY * labels.values.min()) if logarithmic else 0.0
        spread = math.log10(high / low) if logarithmic else float(high - low)
        return cls(logarithmic, spread, least)

    def widths(self, predictions: Predictions) -> Floats:
        """Of the intervals, in spreads, [m]."""
        low, high = predictions.lower, predictions.upper
        if self.logarithmic:
            low, high = (np.log10(np.maximum(end, self.least)) for end in (low, high))
        return np.asarray((high - low) / self.spread, dtype=np.float64)


def calibration(chances: Floats, came: Bools) -> dict[str, Any]:
    """Counts of ten equal bins, and the sum of squared errors, from which draws can be pooled."""
    at = np.minimum((chances * N_BINS).astype(np.int64), N_BINS - 1)
    return {
        "n": np.bincount(at, minlength=N_BINS).tolist(),
        "chances": np.bincount(at, chances, N_BINS).tolist(),
        "hits": np.bincount(at, came, N_BINS).astype(int).tolist(),
        "squares": float(np.square(chances - came).sum()),
    }


def promised(chances: Floats, came: Bools, ranked: Ints) -> dict[str, Any]:
    """Of the first of a list: how many there are, the sum of their chances, and how many came true."""
    first = ranked[:LISTED]
    return {"n": len(first), "chances": float(chances[first].sum()), "hits": int(came[first].sum())}


def calibration_error(counts: dict[str, Any]) -> float:
    """Expected calibration error: mean distance of chance and share over bins, weighted by their rows."""
    n = np.array(counts["n"], dtype=np.float64)
    return float(np.abs(np.array(counts["chances"]) - np.array(counts["hits"])).sum() / n.sum())


def pooled(counts: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts of several draws as one."""
    added = {name: np.sum([one[name] for one in counts], axis=0) for name in ("n", "chances", "hits", "squares")}
    return {name: value.tolist() for name, value in added.items()}


def brier(counts: dict[str, Any]) -> float:
    """Mean squared error of the chances."""
    return float(counts["squares"] / np.sum(counts["n"]))


def brier_of_rate(counts: dict[str, Any]) -> float:
    """That of telling each the share that came true, which only the judge knows."""
    share = np.sum(counts["hits"]) / np.sum(counts["n"])
    return float(share * (1 - share))
