"""From measured values and predictions to the named scores that stand in tables and JSON."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Target
from matscout.evaluation import metrics
from matscout.evaluation.known_scores import known_scores
from matscout.predict.base import Answer, ClassPredictions, Predictions
from matscout.predict.known_likeness import KnownLikeness

Scores = dict[str, float]


def score(
    target: Target, rows: NDArray[np.int64], predictions: Answer, splits: NDArray[np.str_] | None = None
) -> Scores:
    """All scores that suit the predictions.

    Parameters
    ----------
    target
        What was measured.
    rows
        int64 [n], positions in it.
    predictions
        n predictions for these rows.
    splits
        text [n], the split of each row, of several fits; None if they are of one.
    """
    measured = target.values[rows]
    if isinstance(predictions, KnownLikeness):
        of_one = np.full(len(rows), "") if splits is None else splits
        return known_scores(target, rows, of_one, predictions.score)
    if isinstance(predictions, ClassPredictions):
        return score_classes(measured.astype(np.int64), predictions)
    return score_numbers(target, measured, predictions)


def score_numbers(target: Target, values: NDArray[np.float64], predictions: Predictions) -> Scores:
    """Errors and intervals of measured values [n].

    Everything but r2, pearson and the coverages is in the unit of the target, or in decades where values are told apart
    by factors; there r2 and pearson are those of the logarithms, too.
    """
    columns = (values, predictions.predicted, predictions.lower, predictions.upper)
    measured, predicted, lower, upper = (target.placed(column) for column in columns)
    deviation = predictions.distribution.deviation
    return {
        "mae": metrics.mean_absolute_error(measured, predicted),
        "rmse": metrics.root_mean_squared_error(measured, predicted),
        "r2": metrics.r_squared(measured, predicted),
        "pearson": metrics.pearson(measured, predicted),
        "median_error": metrics.median_error(measured, predicted),
        "trimean_error": metrics.trimean_error(measured, predicted),
        "coverage": metrics.coverage(measured, lower, upper),
        "coverage_tolerance": metrics.coverage_tolerance(len(measured), predictions.level),
        "worst_group_coverage": metrics.worst_group_coverage(measured, lower, upper, deviation),
        "width": metrics.mean_width(lower, upper),
        "winkler": metrics.winkler_score(measured, lower, upper, predictions.level),
    }


def score_classes(measured: NDArray[np.int64], predictions: ClassPredictions) -> Scores:
    """Right and wrong classes, probabilities, and prediction sets (``width``: mean number of classes in a set)."""
    confusion = metrics.confusion_matrix(measured, predictions.predicted, len(predictions.classes))
    return {
        "balanced_accuracy": metrics.balanced_accuracy(confusion),
        "roc_auc": metrics.roc_auc(measured, predictions.probabilities),
        "f1": metrics.f1_score(confusion),
        "log_loss": metrics.log_loss(measured, predictions.probabilities),
        "brier": metrics.brier_score(measured, predictions.probabilities),
        "coverage": metrics.set_coverage(measured, predictions.sets),
        "coverage_tolerance": metrics.coverage_tolerance(len(measured), predictions.level),
        "width": float(predictions.sets.sum(axis=1).mean()),
    }
