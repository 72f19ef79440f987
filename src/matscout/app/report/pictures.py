"""The figures of an evaluation with the words below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from matscout.app.report.charts import shortened
from matscout.app.report.figures import draw
from matscout.app.report.outliers import Outlier
from matscout.app.wording import model_name, percent
from matscout.counting import counted
from matscout.data.dataset import Target
from matscout.evaluation.base import Evaluation, OutOfFold
from matscout.evaluation.learning import LearningCurve
from matscout.evaluation.plots import (
    calibration_plot,
    confusion_plot,
    error_plot,
    learning_plot,
    parity_plot,
    roc_plot,
)
from matscout.predict.base import Predictions

FAR = 100.0
"""A row whose measured or predicted value is so many times that of nine in ten rows is left out of a figure,"""
MOST_LEFT_OUT = 0.05
"""as long as no more than this share of the rows is: they would squeeze all others into a point."""

DRAWN = 1500
"""Rows of a figure at most, so that the page stays small; a random part stands for more."""

Value = TypeVar("Value")


@dataclass(frozen=True)
class Picture:
    """A figure and its caption."""

    svg: Markup
    caption: str


def evaluation_pictures(asked: Evaluation, anchor: str, outliers: Sequence[Outlier] = ()) -> list[Picture]:
    """What suits the target: parity and calibration, or confusion and ROC curve.

    Parameters
    ----------
    anchor
        Prefix of the names of the figures, unique on the page.
    outliers
        Rows that are named in the parity plot.
    """
    if asked.target.task == "classification":
        return _of_classes(asked, anchor)
    return [_parity(asked, anchor, outliers), _calibration(asked, anchor)]


def more_pictures(asked: Evaluation, anchor: str) -> tuple[Picture, ...]:
    """Errors against stated uncertainty, of a number."""
    return () if asked.target.task == "classification" else (_errors(asked, anchor),)


def _drawn(asked: Evaluation, always: Sequence[int] = ()) -> tuple[OutOfFold, str]:
    """The rows of a numeric target that a figure shows, and what it says of the others, "" if there are none.

    Parameters
    ----------
    always
        Rows of the data set that are drawn whatever else is not, unless they are far beyond the others.
    """
    out_of_fold = asked.out_of_fold[asked.model]
    far = _far_out(asked.target, out_of_fold)
    remark = f" {counted(int(far.sum()), 'row')} far from the others not shown." if far.any() else ""
    rows = np.flatnonzero(~far)
    if len(rows) > DRAWN:
        remark += f" {DRAWN:,} of {len(out_of_fold.rows):,} rows, drawn at random."
        drawn = np.random.default_rng(0).permutation(rows)[:DRAWN]
        rows = np.union1d(drawn, rows[np.isin(out_of_fold.rows[rows], always)])
    return OutOfFold(out_of_fold.rows[rows], out_of_fold.splits[rows], out_of_fold.predictions[rows]), remark


def _far_out(target: Target, out_of_fold: OutOfFold) -> NDArray[np.bool_]:
    """True for the few rows beyond :data:`FAR`, [n]; none where values are told apart by factors."""
    none = np.zeros(len(out_of_fold.rows), dtype=np.bool_)
    if target.scale == "log" or not isinstance(out_of_fold.predictions, Predictions):
        return none
    sizes = np.abs(target.values[out_of_fold.rows])
    usual = float(np.quantile(sizes, 0.9))
    far = np.maximum(sizes, np.abs(out_of_fold.predictions.predicted)) > FAR * usual
    return far if usual > 0 and far.mean() <= MOST_LEFT_OUT else none


def _parity(asked: Evaluation, anchor: str, outliers: Sequence[Outlier]) -> Picture:
    named = {outlier.row: shortened(outlier.formula) for outlier in outliers}
    out_of_fold, others = _drawn(asked, tuple(named))
    level = percent(asked.level)
    words = f" The {len(named)} rows with the largest errors are named." if named else ""
    caption = f"Predictions for unseen rows; each line is a {level} interval.{words}{others}"
    plot = partial(parity_plot, asked.target, out_of_fold, named=named)
    return Picture(draw(plot, f"{anchor}-parity", "Predicted against measured", caption), caption)


def _calibration(asked: Evaluation, anchor: str) -> Picture:
    caption = (
        "Coverage: do intervals of every level contain their share of the values? On the diagonal, they do; below "
        "it, they are too narrow; above it, they are wider than necessary."
    )
    learnt = {
        name: curve for name, curve in asked.calibration.items() if name in (asked.model, "gp", "extratrees-magpie")
    }
    plot = partial(calibration_plot, _named(learnt), model_name(asked.model))
    return Picture(draw(plot, f"{anchor}-calibration", "Calibration of the intervals", caption), caption)


def _errors(asked: Evaluation, anchor: str) -> Picture:
    out_of_fold, others = _drawn(asked)
    caption = (
        f"Is the error larger where the stated uncertainty is larger? The line should follow the diagonal.{others}"
    )
    plot = partial(error_plot, asked.target, out_of_fold)
    return Picture(draw(plot, f"{anchor}-errors", "Error against stated uncertainty", caption), caption)


def _of_classes(asked: Evaluation, anchor: str) -> list[Picture]:
    out_of_fold = asked.out_of_fold[asked.model]
    taken = "Predicted class of unseen rows; shares are of the measured class."
    rates = "Share of members recognised against share of others taken for members, at every threshold."
    confusion = draw(
        partial(confusion_plot, asked.target, out_of_fold), f"{anchor}-confusion", "Confusion matrix", taken
    )
    roc = draw(partial(roc_plot, asked.target, out_of_fold), f"{anchor}-roc", "ROC curve", rates)
    return [Picture(confusion, taken), Picture(roc, rates)]


def learning_picture(curve: LearningCurve, model: str, anchor: str) -> Picture:
    """The learning curve of a model and its baseline."""
    named = replace(curve, means=_named(curve.means), spreads=_named(curve.spreads))
    caption = (
        f"Error on the same unseen rows against the number of labels: mean and spread of {curve.n_draws} draws of "
        "the labels, with fast fits; both axes are logarithmic. The scores above come from other fits and all rows."
    )
    plot = partial(learning_plot, named, model_name(model))
    return Picture(draw(plot, f"{anchor}-learning", "Learning curve", caption), caption)


def _named(by_model: Mapping[str, Value]) -> dict[str, Value]:
    return {model_name(name): value for name, value in by_model.items()}
