"""Would more labels help? The learning curve in a sentence, with its uncertainty."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matscout.app.report.wording import listed, number, percent, quantity
from matscout.evaluate.base import Evaluation, FoldScore
from matscout.evaluate.learning import LearningCurve, learning_curve

MORE = 100
"""Labels that might be added."""


@dataclass(frozen=True, eq=False)
class Learning:
    """The curve of the model and its baselines, and what it says."""

    curve: LearningCurve
    sentence: str


def read_learning(evaluation: Evaluation, metric: str, n_labels: int) -> Learning:
    """What an evaluation with the protocol "masked" says about ``n_labels`` and :data:`MORE` labels.

    Parameters
    ----------
    metric
        "mae" or "rmse"; for classes the Brier score is taken, which falls as they do.
    """
    key = metric if evaluation.target.task == "regression" else "brier"
    curve = learning_curve(evaluation, key)
    return Learning(curve, _sentence(evaluation, curve, n_labels))


def _sentence(evaluation: Evaluation, curve: LearningCurve, n_labels: int) -> str:
    name = {"mae": "mean absolute error", "rmse": "root mean square error"}.get(curve.metric, "Brier score")
    first, last = curve.means[evaluation.model][0], curve.means[evaluation.model][-1]
    seen = (
        f"From {curve.sizes[0]:,} to {curve.sizes[-1]:,} labels the {name} goes from {quantity(first, curve.unit)} to "
        f"{quantity(last, curve.unit)}"
    )
    if len(curve.sizes) < 3:
        sizes = listed([f"{size:,}" for size in curve.sizes])
        only = f"It was measured with {sizes} labels only ({quantity(last, curve.unit)} in the end)"
        return f"Whether {MORE} more labels would help cannot be told: it takes three sizes of training sets. {only}."
    falls = np.array([_fall(draw, evaluation.model, n_labels) for draw in _draws(evaluation, curve.metric)])
    middle = float(np.nanmean(falls))
    return (
        f"Would {MORE} more labels help? Going from {n_labels:,} to {n_labels + MORE:,} should {_change(middle, name)}"
        f"{_spread(falls)}. {seen}, with fast fits on the same held-out fifth of the rows; the rest is "
        f"extrapolated by a power law."
    )


def _draws(evaluation: Evaluation, metric: str) -> list[LearningCurve]:
    """The curve of each draw of the rows by itself."""
    by_draw: dict[str, list[FoldScore]] = {}
    for fold in evaluation.folds:
        by_draw.setdefault(fold.split.rpartition(", ")[2], []).append(fold)
    return [learning_curve(replace(evaluation, folds=tuple(folds)), metric) for folds in by_draw.values()]


def _fall(curve: LearningCurve, model: str, n_labels: int) -> float:
    """The share by which the error falls with :data:`MORE` more labels."""
    return 1.0 - curve.expected(model, n_labels + MORE) / curve.expected(model, n_labels)


def _change(fall: float, name: str) -> str:
    return f"lower the {name} by about {percent(fall)}" if fall >= 0.005 else f"hardly change the {name}"


def _spread(falls: np.ndarray) -> str:
    if len(falls) < 2:
        return " (one draw of the rows, so its uncertainty is not known)"
    low, high = 100 * float(np.nanmin(falls)), 100 * float(np.nanmax(falls))
    return f" (between {number(low, 2)} and {number(high, 2)} % over {len(falls)} draws of the rows)"
