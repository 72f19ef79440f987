"""Recall of known rows against the share of unlabelled rows that are called with them.

Unlabelled rows may be of the known class, so nothing here counts them as wrong: no accuracy, precision or F1 against
them. Rows of one score stand in random order, since otherwise a threshold "at a tenth of the unlabelled" takes all that
tie with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SHARES = (0.01, 0.05, 0.1, 0.2)
"""Shares of the unlabelled rows at which recall is told."""

CALLED = 0.1
"""The share at which Lee and Liu's score and the estimated precision are told."""

_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class RecallCurve:
    """Where p known rows stand among the unlabelled rows that were scored by the same fit.

    Parameters
    ----------
    order
        int64 [u], the unlabelled rows by ascending score.
    below, upto
        int64 [p], of how many unlabelled rows the score is lower, and is not higher, than that of each known row.
    drawn
        float64 [p] in 0..1, where each known row stands among those that tie with it.
    """

    order: NDArray[np.int64]
    below: NDArray[np.int64]
    upto: NDArray[np.int64]
    drawn: Floats

    @classmethod
    def of(cls, known: Floats, unlabelled: Floats, seed: int = 0) -> Self:
        """From the scores of known [p] and unlabelled rows [u]; ``seed`` orders those that tie."""
        order = np.argsort(unlabelled, kind="stable")
        ascending = unlabelled[order]
        below = np.searchsorted(ascending, known, side="left")
        upto = np.searchsorted(ascending, known, side="right")
        drawn = np.random.default_rng(seed).random(len(known))
        return cls(order, below.astype(np.int64), upto.astype(np.int64), drawn)

    def shares(self, weights: Floats | None = None) -> Floats:
        """Share of the unlabelled rows (of weights [u]) that stand above each known row, [p]."""
        if weights is None:
            ties = np.floor(self.drawn * (self.upto - self.below + 1))
            return (len(self.order) - self.upto + ties) / len(self.order)
        below, upto, total = self._weighed(weights)
        return (total - upto + self.drawn * (upto - below)) / total

    def ahead(self, weights: Floats | None = None) -> Floats:
        """Share of the unlabelled rows below each known row, ties counted half, [p]; its mean is the area."""
        if weights is None:
            return 0.5 * (self.below + self.upto) / len(self.order)
        below, upto, total = self._weighed(weights)
        return 0.5 * (below + upto) / total

    def both(self, weights: Floats) -> tuple[Floats, Floats]:
        """:meth:`shares` and :meth:`ahead` of weighed unlabelled rows, whose weights are summed once."""
        below, upto, total = self._weighed(weights)
        return (total - upto + self.drawn * (upto - below)) / total, 0.5 * (below + upto) / total

    def _weighed(self, weights: Floats) -> tuple[Floats, Floats, float]:
        summed = np.concatenate([[0.0], np.cumsum(weights[self.order])])
        return summed[self.below], summed[self.upto], float(summed[-1])


def area(known: Floats, unlabelled: Floats) -> float:
    """Area under the curve of recall: P(score of a known row > score of an unlabelled one), ties count half.

    The ROC-AUC of known against unlabelled rows, a lower bound of that against true negatives if some unlabelled rows
    are of the known class.
    """
    return float(RecallCurve.of(known, unlabelled).ahead().mean())


def recall_at(known: Floats, unlabelled: Floats, share: float, seed: int = 0) -> float:
    """Share of the known rows that are called when a share of the unlabelled ones is: tp / p, ties in random order."""
    return recall_of(RecallCurve.of(known, unlabelled, seed).shares(), share)


def recall_of(shares: Floats, share: float, weights: Floats | None = None) -> float:
    """The same from the shares of unlabelled rows above known ones, [p]."""
    return float(np.average(shares <= share + _ROUNDING, weights=weights))


def lee_liu(recall: float, called: float) -> float:
    """r^2 / Pr(called): grows with precision x recall, and needs no negatives (Lee and Liu 2003, ICML, 448-455).

    Parameters
    ----------
    recall
        Share of the known rows that are called.
    called
        Share of all rows that are called.
    """
    return recall**2 / called if called > 0 else float("nan")


def estimated_precision(recall: float, share: float, class_prior: float) -> float:
    """Share of the called unlabelled rows that are of the class: recall x prior / share called, at most 1.

    It holds if known rows are a random sample of their class, and ``class_prior`` is the share of the unlabelled rows
    that are of it.
    """
    return min(1.0, recall * class_prior / share)


def summary(known: Floats, unlabelled: Floats, seed: int = 0) -> dict[str, float]:
    """The area and the recall at each of :data:`SHARES`, of scores of one fit; :data:`CALLED` first."""
    curve = RecallCurve.of(known, unlabelled, seed)
    shares = curve.shares()
    recalls = {recall_name(one): recall_of(shares, one) for one in (CALLED, *SHARES)}
    return {"area": float(curve.ahead().mean())} | recalls


def recall_name(share: float) -> str:
    """What the recall at a share is called: ``"recall_at_0.1"``."""
    return f"recall_at_{share:g}"


def pooled(curves: Sequence[RecallCurve]) -> tuple[Floats, Floats]:
    """Shares above, and shares below, of the known rows of several fits: each stands among the rows of its own fit."""
    return (
        np.concatenate([curve.shares() for curve in curves]),
        np.concatenate([curve.ahead() for curve in curves]),
    )
