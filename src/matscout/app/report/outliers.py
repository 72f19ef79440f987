"""The rows that a model misses by most, by name: often a typing error, another phase, or chemistry of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.app.wording import factor, quantity
from matscout.data.dataset import Dataset, Target
from matscout.evaluation.base import Evaluation, OutOfFold
from matscout.predict.base import Predictions

NAMED = 5
"""Rows that are named."""


@dataclass(frozen=True)
class Outlier:
    """A row that is missed: formula, measured and predicted value, interval, and how far off it is, in words."""

    row: int
    formula: str
    measured: str
    predicted: str
    interval: str
    miss: str


def worst_outliers(evaluation: Evaluation, dataset: Dataset) -> tuple[Outlier, ...]:
    """The :data:`NAMED` rows with the largest errors, each once, the worst first; none of classes.

    Errors are differences, or factors where the target is judged by factors.
    """
    out_of_fold = evaluation.out_of_fold[evaluation.model]
    predictions = out_of_fold.predictions
    if not isinstance(predictions, Predictions):
        return ()
    errors = absolute_errors(evaluation.target, out_of_fold, predictions)
    order = np.argsort(-errors, kind="stable")
    _, first = np.unique(out_of_fold.rows[order], return_index=True)
    worst = order[np.sort(first)][:NAMED]
    return tuple(_outlier(evaluation.target, dataset, out_of_fold, predictions, int(place)) for place in worst)


def absolute_errors(target: Target, out_of_fold: OutOfFold, predictions: Predictions) -> NDArray[np.float64]:
    """Absolute errors on the scale of a target, [t]."""
    measured = target.placed(target.values[out_of_fold.rows])
    return np.asarray(np.abs(measured - target.placed(predictions.predicted)))


def _outlier(target: Target, dataset: Dataset, out_of_fold: OutOfFold, predictions: Predictions, place: int) -> Outlier:
    row = int(out_of_fold.rows[place])
    measured, predicted = float(target.values[row]), float(predictions.predicted[place])
    error = float(absolute_errors(target, out_of_fold, predictions)[place])
    return Outlier(
        row,
        str(dataset.materials.formulas[row]),
        quantity(measured, target.unit),
        quantity(predicted, target.unit),
        f"{quantity(float(predictions.lower[place]), None)} to {quantity(float(predictions.upper[place]), None)}",
        f"a factor of {factor(error)}" if target.scale == "log" else quantity(error, target.unit),
    )
