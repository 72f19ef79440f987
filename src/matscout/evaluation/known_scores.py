"""Scores of known and unlabelled rows: recall at a share of the unlabelled ones, never accuracy, precision or F1.

Known rows of a split stand among the unlabelled rows of the same split, since scores of two fits cannot be compared;
their ranks are pooled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import POSITIVE_UNLABELLED, Target
from matscout.evaluation.base import Evaluation, OutOfFold
from matscout.predict.known_likeness import KnownLikeness
from matscout.predict.recall_curves import (
    CALLED,
    SHARES,
    RecallCurve,
    estimated_precision,
    lee_liu,
    pooled,
    recall_name,
    recall_of,
)

Floats = NDArray[np.float64]

LEVEL = 0.9
"""Of the bootstrap intervals."""
ENDS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
"""Quantiles at which they end."""
DRAWS = 200
"""Of the bootstrap."""
LEAST_CALLED, CURVE_POINTS = 0.005, 60
"""Where the curve of recall begins, and at how many shares it is computed."""


@dataclass(frozen=True, eq=False)
class RankedSplit:
    """The test rows of one split.

    Parameters
    ----------
    curve
        Where its known rows stand.
    known, unlabelled
        int64 [p] and [u], positions of these rows in the data set.
    """

    curve: RecallCurve
    known: NDArray[np.int64]
    unlabelled: NDArray[np.int64]


def ranked_splits(
    target: Target, rows: NDArray[np.int64], splits: NDArray[np.str_], score: Floats
) -> list[RankedSplit]:
    """The splits that hold known and unlabelled rows, in order of their first row.

    Parameters
    ----------
    target
        Of the whole data set.
    rows, splits
        int64 and text [t], the position of each test row and its split.
    score
        float64 [t].
    """
    known, ranked = target.values[rows] == 1.0, []
    for number, name in enumerate(dict.fromkeys(splits.tolist())):
        inside = splits == name
        some, others = np.flatnonzero(inside & known), np.flatnonzero(inside & ~known)
        if len(some) and len(others):
            curve = RecallCurve.of(score[some], score[others], seed=number)
            ranked.append(RankedSplit(curve, rows[some], rows[others]))
    return ranked


def known_scores(target: Target, rows: NDArray[np.int64], splits: NDArray[np.str_], score: Floats) -> dict[str, float]:
    """Area, recall at shares of the unlabelled rows, Lee and Liu's score and, with a prior, estimated precision.

    NaN where no split holds both kinds of rows. Parameters as for :func:`ranked_splits`.
    """
    ranked = ranked_splits(target, rows, splits, score)
    if not ranked:
        return dict.fromkeys(["area", *map(recall_name, SHARES), "lee_liu"], float("nan"))
    shares, ahead = pooled([one.curve for one in ranked])
    scores = {"area": float(ahead.mean())} | {recall_name(share): recall_of(shares, share) for share in SHARES}
    recall, n_known = scores[recall_name(CALLED)], len(shares)
    n_unlabelled = sum(len(one.unlabelled) for one in ranked)
    called = (recall * n_known + CALLED * n_unlabelled) / (n_known + n_unlabelled)
    scores["lee_liu"] = lee_liu(recall, called)
    if target.class_prior is not None:
        scores[f"estimated_precision_at_{CALLED:g}"] = estimated_precision(recall, CALLED, target.class_prior)
    return scores


def with_bootstrap(evaluation: Evaluation, units: NDArray[np.int64], seed: int) -> Evaluation:
    """The same with 90 % intervals of area and recall ("area_low", "area_high", ...) where rows are unlabelled.

    Whole units are drawn, the same for all models.

    Parameters
    ----------
    evaluation
        Of any target.
    units
        int64 [n], the unit of each row of the data set: its group, else its composition.
    seed
        Of what is drawn.
    """
    if evaluation.target.task != POSITIVE_UNLABELLED:
        return evaluation
    scores = {
        name: {**evaluation.scores[name], **_intervals(evaluation.target, out_of_fold, units, seed)}
        for name, out_of_fold in evaluation.out_of_fold.items()
    }
    return replace(evaluation, scores=scores)


def _intervals(target: Target, out_of_fold: OutOfFold, units: NDArray[np.int64], seed: int) -> Mapping[str, float]:
    likeness = out_of_fold.predictions
    assert isinstance(likeness, KnownLikeness)
    ranked = ranked_splits(target, out_of_fold.rows, out_of_fold.splits, likeness.score)
    if not ranked:
        return {}
    drawn = [
        [float(np.average(ahead, weights=weights)), *(recall_of(shares, share, weights) for share in SHARES)]
        for ahead, shares, weights in _draws(ranked, units, seed)
    ]
    if not drawn:
        return {}
    low, high = ENDS
    ends = {}
    for place, name in enumerate(["area", *map(recall_name, SHARES)]):
        values = [one[place] for one in drawn]
        ends[f"{name}_low"], ends[f"{name}_high"] = (float(np.quantile(values, share)) for share in (low, high))
    return ends


@dataclass(frozen=True, eq=False)
class KnownCurve:
    """Recall of the known rows against the share of the unlabelled rows that are called with them.

    Parameters
    ----------
    called, recall
        float64 [g], 0 to 1.
    low, high
        float64 [g], ends of the 90 % bootstrap band; empty where none was drawn.
    """

    called: Floats
    recall: Floats
    low: Floats
    high: Floats


def known_curve(evaluation: Evaluation, name: str, units: NDArray[np.int64] | None, seed: int = 0) -> KnownCurve:
    """The curve of one model of an evaluation of known and unlabelled rows, with a band if units are given.

    Parameters
    ----------
    evaluation, name
        What was evaluated, and which of its models.
    units
        As for :func:`with_bootstrap`.
    seed
        Of what is drawn.
    """
    out_of_fold, called = evaluation.out_of_fold[name], np.geomspace(LEAST_CALLED, 1.0, CURVE_POINTS)
    likeness = out_of_fold.predictions
    assert isinstance(likeness, KnownLikeness)
    ranked = ranked_splits(evaluation.target, out_of_fold.rows, out_of_fold.splits, likeness.score)
    shares, _ = pooled([one.curve for one in ranked])
    recall = np.array([recall_of(shares, share) for share in called])
    drawn = (
        []
        if units is None
        else [
            [recall_of(drawn_shares, share, weights) for share in called]
            for _, drawn_shares, weights in _draws(ranked, units, seed)
        ]
    )
    low, high = np.quantile(drawn, ENDS, axis=0) if drawn else (np.zeros(0), np.zeros(0))
    return KnownCurve(called, recall, low, high)


def _draws(
    ranked: Sequence[RankedSplit], units: NDArray[np.int64], seed: int
) -> Iterator[tuple[Floats, Floats, Floats]]:
    """Shares below and above the known rows and their weights, of each draw of units in which both kinds are."""
    rng, n_units = np.random.default_rng(seed), int(units.max()) + 1
    for _ in range(DRAWS):
        counts = rng.multinomial(n_units, np.full(n_units, 1.0 / n_units)).astype(np.float64)
        parts = [(one.curve, counts[units[one.known]], counts[units[one.unlabelled]]) for one in ranked]
        kept = [(curve, known, others) for curve, known, others in parts if known.any() and others.any()]
        if not kept:
            continue
        weights = np.concatenate([known for _, known, _ in kept])
        both = [curve.both(others) for curve, _, others in kept]
        shares, ahead = (np.concatenate(parts) for parts in zip(*both, strict=True))
        yield ahead, shares, weights
