"""Would more labels help? The learning curve in a sentence, with its uncertainty."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matscout.app.wording import number, percent, quantity
from matscout.counting import counted, listed
from matscout.evaluation.base import Evaluation, FoldScore
from matscout.evaluation.learning import LearningCurve, learning_curve

MORE = 100
"""Labels that might be added."""

FEWEST_SIZES = 3
"""Sizes of training sets that a power law needs to say anything."""

NAMES = {"mae": "mean absolute error", "rmse": "root mean square error", "brier": "Brier score"}


def learning_sentence(
    evaluation: Evaluation, curve: LearningCurve, n_labels: int, *, headline: str = "", grouped: bool = False
) -> str:
    """What a learning curve says about adding :data:`MORE` to ``n_labels`` labels.

    Parameters
    ----------
    evaluation, curve
        With the protocol "masked", and its curve.
    headline
        The same score as it is quoted elsewhere, of the main evaluation, with its unit; "" if it is not.
    grouped
        True if the labels came in groups, so that whole groups were held out.
    """
    name = NAMES[curve.metric]
    first, last = (quantity(float(curve.means[evaluation.model][end]), curve.unit) for end in (0, -1))
    if len(curve.sizes) < FEWEST_SIZES:
        sizes = listed([f"{size:,}" for size in curve.sizes])
        return (
            f"These rows are too few to show whether {MORE} more labels would help: only training sets of {sizes} "
            f"labels could be tried ({name} {last} for the largest)."
        )
    held = f"one unseen fifth of the rows{', made of whole groups' if grouped else ''}"
    falls = np.array([_fall(draw, evaluation.model, n_labels) for draw in _draws(evaluation, curve.metric)])
    return (
        f"Going from {n_labels:,} to {n_labels + MORE:,} is likely to "
        f"{_change(float(falls.mean()), name)}{_spread(falls)}. This is extrapolated by a power law: from "
        f"{curve.sizes[0]:,} to {curve.sizes[-1]:,} labels, it went from {first} to {last}, measured with fast fits "
        f"on {held}.{_other_rows(evaluation, headline)}"
    )


def _other_rows(evaluation: Evaluation, headline: str) -> str:
    """Why the curve does not end at the score that is quoted elsewhere."""
    if not headline:
        return ""
    tested = counted(evaluation.n_tested, "row")
    return f" These are {tested}; the {headline} above is over the folds of all rows, so the two differ."


def _draws(evaluation: Evaluation, metric: str) -> list[LearningCurve]:
    """The curve of each draw of the labels by itself."""
    by_draw: dict[str, list[FoldScore]] = {}
    for fold in evaluation.folds:
        by_draw.setdefault(fold.split.rpartition(", ")[2], []).append(fold)
    return [learning_curve(replace(evaluation, folds=tuple(folds)), metric) for folds in by_draw.values()]


def _fall(curve: LearningCurve, model: str, n_labels: int) -> float:
    """The share by which the error falls with :data:`MORE` more labels."""
    return 1.0 - curve.expected(model, n_labels + MORE) / curve.expected(model, n_labels)


def _change(fall: float, name: str) -> str:
    return f"lower the {name} by about {percent(fall)}" if fall >= 0.005 else f"hardly change the {name}"


def _spread(falls: NDArray[np.float64]) -> str:
    if len(falls) < 2:
        return ""
    low, high = (number(round(100 * float(end), 1), 2) for end in (falls.min(), falls.max()))
    if low == high:
        return ""
    return f" (by {low} to {high} % in single draws of the labels)"
