"""Learning curve: the error as a function of the number of labels, and what more labels would bring."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.errors import UsageError
from matscout.evaluation.base import Evaluation

ERRORS = ("mae", "rmse", "median_error", "trimean_error", "winkler")
"""Scores that have the unit of errors."""


@dataclass(frozen=True, eq=False)
class LearningCurve:
    """Scores on the same held-out rows for growing training sets.

    Parameters
    ----------
    metric, unit
        What is plotted, and its unit (None if it has none).
    sizes
        int64 [k], numbers of labels, ascending.
    means, spreads
        Model name -> float64 [k], mean and standard deviation over the draws (spread 0 for one draw).
    n_draws
        Draws per size.
    """

    metric: str
    unit: str | None
    sizes: NDArray[np.int64]
    means: Mapping[str, NDArray[np.float64]]
    spreads: Mapping[str, NDArray[np.float64]]
    n_draws: int

    def expected(self, model: str, size: int) -> float:
        """The error that the power law through the curve, error = a * size^(-b), gives for ``size`` labels.

        A straight line in log-log coordinates fitted by least squares; NaN with fewer than three sizes or a score
        that is not positive. Trust it for little more than twice the largest size.
        """
        errors = self.means[model]
        if len(self.sizes) < 3 or not (errors > 0).all():
            return math.nan
        slope, intercept = np.polyfit(np.log(self.sizes), np.log(errors), 1)
        return float(np.exp(intercept + slope * np.log(size)))


def learning_curve(evaluation: Evaluation, metric: str) -> LearningCurve:
    """The learning curve of an evaluation with the protocol ``masked``.

    Parameters
    ----------
    metric
        A key of the scores, e.g. "mae", "rmse", "roc_auc".

    Raises
    ------
    UsageError
        If there are no such scores.
    """
    by_model: dict[str, dict[int, list[float]]] = {}
    for fold in evaluation.folds:
        if metric not in fold.scores:
            raise UsageError(f"there is no score {metric!r}; choose from {', '.join(fold.scores)}")
        by_model.setdefault(fold.model, {}).setdefault(fold.n_train, []).append(fold.scores[metric])
    draws = by_model[evaluation.model]
    sizes = sorted(draws)
    return LearningCurve(
        metric=metric,
        unit=evaluation.target.error_unit if metric in ERRORS else None,
        sizes=np.array(sizes, dtype=np.int64),
        means={name: np.array([np.mean(scores[size]) for size in sizes]) for name, scores in by_model.items()},
        spreads={name: np.array([_spread(scores[size]) for size in sizes]) for name, scores in by_model.items()},
        n_draws=len(draws[sizes[0]]),
    )


@dataclass(frozen=True)
class AtLabels:
    """Scores of one model after so many labels: mean and standard deviation over the draws (none of one draw)."""

    labels: int
    draws: int
    model: str
    means: Mapping[str, float]
    spreads: Mapping[str, float | None]


def by_labels(evaluation: Evaluation) -> tuple[AtLabels, ...]:
    """Scores for each number of labels and model, by labels, of the protocol "masked"; none of others."""
    if not evaluation.protocol.startswith("masked"):
        return ()
    fold_scores: dict[tuple[int, str], list[Mapping[str, float]]] = {}
    for fold in evaluation.folds:
        fold_scores.setdefault((fold.n_train, fold.model), []).append(fold.scores)
    return tuple(
        _at_labels(labels, model, scores)
        for (labels, model), scores in sorted(fold_scores.items(), key=lambda item: item[0][0])
    )


def _at_labels(labels: int, model: str, scores: Sequence[Mapping[str, float]]) -> AtLabels:
    measured = [name for name in scores[0] if all(math.isfinite(one[name]) for one in scores)]
    values = {name: [one[name] for one in scores] for name in measured}
    means = {name: float(np.mean(of)) for name, of in values.items()}
    spreads = {name: float(np.std(of, ddof=1)) if len(of) > 1 else None for name, of in values.items()}
    return AtLabels(labels, len(scores), model, means, spreads)


def _spread(values: list[float]) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
