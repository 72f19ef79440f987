"""Figures for papers and reports: matplotlib ``Figure`` objects, no global state, colours from a small palette."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from matscout.data.dataset import Target
from matscout.errors import UsageError
from matscout.evaluation.base import CalibrationCurve, OutOfFold
from matscout.evaluation.coverage import FEW_ROWS
from matscout.evaluation.learning import LearningCurve
from matscout.evaluation.log_axes import log_axes
from matscout.evaluation.metrics import confusion_matrix, roc_auc
from matscout.predict.base import ClassPredictions, Predictions

AXIS_NAMES = {"mae": "MAE", "rmse": "RMSE", "r2": "R²", "f1": "F1", "roc_auc": "ROC-AUC", "brier": "Brier score"}
"""What scores are called on an axis, where that is not their key."""

ASIDE, NAME_WIDTH, LINE_HEIGHT = 0.08, 0.25, 0.05
"""How far from its point a name stands, and the room it takes, as shares of the width and height of a plot."""

SIZE = (4.2, 3.4)
"""Width and height in inches: one column of a journal, and 400 pixels on a telephone."""


@dataclass(frozen=True)
class Palette:
    """Colours of a figure; every text and line takes its colour from here, so that a page can restyle it.

    Parameters
    ----------
    ink, paper
        Text and axes; background ("none" is transparent).
    accent, second
        The model; what it is compared with.
    muted
        Intervals, grid and other things that stay behind.
    third
        A further curve. Readers with any kind of colour blindness can tell it from ``accent`` and ``second``.
    """

    ink: str = "#1b1f24"
    paper: str = "#ffffff"
    accent: str = "#0b6e99"
    second: str = "#c2571a"
    muted: str = "#9aa4ae"
    third: str = "#701f57"


LIGHT = Palette()


def parity_plot(
    target: Target, found: OutOfFold, palette: Palette = LIGHT, *, named: Mapping[int, str] = MappingProxyType({})
) -> Figure:
    """Predicted against measured values out of fold, with intervals; misses in the second colour.

    Parameters
    ----------
    named
        Row of the data set -> name to write beside its point.

    Raises
    ------
    UsageError
        If the target is a class.
    """
    predictions = _numbers(found)
    measured = target.values[found.rows]
    inside = (measured >= predictions.lower) & (measured <= predictions.upper)
    figure, axes = canvas(palette)
    for rows, colour, label in (
        (inside, palette.accent, f"in the {predictions.level:.0%} interval"),
        (~inside, palette.second, "outside"),
    ):
        axes.vlines(
            measured[rows], predictions.lower[rows], predictions.upper[rows], colors=palette.muted, lw=0.6, alpha=0.35
        )
        style: dict[str, Any] = {
            "s": _dot_area(len(measured)),
            "color": colour,
            "linewidths": 0,
            "alpha": 0.75,
            "zorder": 3,
        }
        axes.scatter(measured[rows], predictions.predicted[rows], label=f"{label} ({_portion(rows)})", **style)
    ends = [min(measured.min(), predictions.predicted.min()), max(measured.max(), predictions.predicted.max())]
    axes.plot(ends, ends, color=palette.ink, lw=0.8, zorder=2)
    if target.scale == "log":
        log_axes(axes, "both")
        axes.set_ylim(*(10**end for end in _padded(target.placed(predictions.predicted), target.placed(measured))))
    else:
        axes.set_ylim(*_padded(predictions.predicted, measured))
    axes.set_xlabel(f"measured {target.label}")
    axes.set_ylabel(f"predicted {target.label}")
    _names(axes, found.rows, np.stack([measured, predictions.predicted], axis=1), named, palette)
    _legend(axes, palette)
    return figure


def _names(
    axes: Axes, rows: NDArray[np.int64], points: NDArray[np.float64], named: Mapping[int, str], palette: Palette
) -> None:
    """Names for the points [t, 2] of rows [t], on the side of the diagonal where they lie, a line apart."""
    axes.get_xlim()  # settles the limits, which places depend on
    taken: list[tuple[float, float]] = []
    for row, name in named.items():
        for point in points[rows == row][:1]:
            x, y = axes.transAxes.inverted().transform(axes.transData.transform(point))
            above = bool(point[1] > point[0])
            place = _free_place(x - ASIDE if above else x + ASIDE, y + ASIDE if above else y - ASIDE, taken)
            taken.append(place)
            line = {"arrowstyle": "-", "color": palette.muted, "lw": 0.6, "shrinkA": 0, "shrinkB": 1}
            style: dict[str, Any] = {"fontsize": 7.5, "color": palette.ink, "va": "center", "zorder": 4}
            side = "left" if place[0] < 2 * ASIDE or not above else "right"
            side = "right" if place[0] > 1 - 2 * ASIDE else side
            text = axes.annotate(name, point, place, textcoords="axes fraction", ha=side, arrowprops=line, **style)
            # A long name must not press the axes together.
            text.set_in_layout(False)


def _free_place(x: float, y: float, taken: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The nearest place from (x, y) upwards that is a line apart from all taken ones; shares of the plot."""
    x, y = float(np.clip(x, 0.02, 0.98)), float(np.clip(y, 0.03, 0.97))
    while any(abs(y - other) < LINE_HEIGHT and abs(x - at) < NAME_WIDTH for at, other in taken):
        y += LINE_HEIGHT
    return x, y


def calibration_plot(curves: dict[str, CalibrationCurve], model: str, palette: Palette = LIGHT) -> Figure:
    """Observed against nominal coverage: on the diagonal intervals hold what they promise, below they are too narrow.

    Parameters
    ----------
    curves
        By model name, as in ``Evaluation.calibration``.
    model
        The one under test, drawn in the accent colour.
    """
    figure, axes = canvas(palette)
    axes.plot([0, 100], [0, 100], color=palette.ink, lw=0.8)
    for name, curve in curves.items():
        points = 100 * np.stack([curve.nominal, curve.observed])
        _line(axes, _colour(axes, palette, name == model), points, name, dots=True)
    axes.set(xlim=(0, 100), ylim=(0, 100))
    axes.set_xlabel("level of the intervals (%)")
    axes.set_ylabel("measured values inside (%)")
    _legend(axes, palette)
    return figure


def learning_plot(curve: LearningCurve, model: str, palette: Palette = LIGHT) -> Figure:
    """Error against the number of labels, both logarithmic, with the spread over draws."""
    figure, axes = canvas(palette)
    for name in curve.means:
        points = np.stack([curve.sizes, curve.means[name]])
        colour = _colour(axes, palette, name == model)
        _line(axes, colour, points, name, dots=True)
        if curve.n_draws > 1:
            low, high = curve.means[name] - curve.spreads[name], curve.means[name] + curve.spreads[name]
            axes.fill_between(
                curve.sizes, np.maximum(low, curve.means[name] / 10), high, color=colour, alpha=0.15, lw=0
            )
    log_axes(axes, "both")
    axes.set_xticks(curve.sizes, [str(size) for size in curve.sizes])
    axes.set_xlabel("number of labels")
    name = AXIS_NAMES.get(curve.metric, curve.metric.replace("_", " "))
    axes.set_ylabel(f"{name} ({curve.unit})" if curve.unit else name)
    _legend(axes, palette)
    return figure


def error_plot(target: Target, found: OutOfFold, palette: Palette = LIGHT) -> Figure:
    """|Error| against predicted standard deviation: where the model says it is unsure, is it?

    The line joins, for ten equal groups by predicted std, the mean std and the root mean square error; on the
    diagonal the two agree.
    """
    predictions = _numbers(found)
    errors = np.abs(target.placed(target.values[found.rows]) - target.placed(predictions.predicted))
    _, spread = predictions.shown_std
    groups = np.array_split(np.argsort(spread, kind="stable"), min(10, len(errors)))
    spreads = np.array([spread[group].mean() for group in groups])
    sizes = np.array([np.sqrt(np.square(errors[group]).mean()) for group in groups])
    figure, axes = canvas(palette)
    dots: dict[str, Any] = {"s": _dot_area(len(errors)), "color": palette.muted, "linewidths": 0, "alpha": 0.6}
    axes.scatter(spread, errors, label="rows", **dots)
    axes.plot(spreads, sizes, color=palette.accent, marker="o", ms=4, lw=1.4, label="RMSE of ten groups")
    end = max(float(spreads.max()), float(sizes.max()))
    axes.plot([0, end], [0, end], color=palette.ink, lw=0.8)
    axes.set(xlim=(0, 1.05 * float(np.quantile(spread, 0.99))), ylim=(0, 1.05 * float(np.quantile(errors, 0.99))))
    unit = f" ({target.error_unit})" if target.error_unit else ""
    axes.set_xlabel(f"predicted standard deviation{unit}")
    axes.set_ylabel(f"|error|{unit}")
    _legend(axes, palette)
    return figure


def confusion_plot(target: Target, found: OutOfFold, palette: Palette = LIGHT) -> Figure:
    """Measured against predicted class; shade is the share of the measured class."""
    predictions = _classes(found)
    counts = confusion_matrix(target.values[found.rows].astype(np.int64), predictions.predicted, len(target.classes))
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, axes = canvas(palette, grid=False)
    for (row, column), share in np.ndenumerate(shares):
        axes.add_patch(_cell(column, row, palette.accent, float(share)))
        colour = palette.paper if share > 0.6 and palette.paper != "none" else palette.ink
        axes.text(
            column, row, f"{counts[row, column]}\n{share:.0%}", ha="center", va="center", color=colour, fontsize=9
        )
    places = range(len(target.classes))
    axes.set(xlim=(-0.5, len(places) - 0.5), ylim=(len(places) - 0.5, -0.5))
    axes.set_xticks(places, list(target.classes))
    axes.set_yticks(places, list(target.classes))
    axes.set_xlabel(f"predicted {target.name}")
    axes.set_ylabel(f"measured {target.name}")
    return figure


def roc_plot(target: Target, found: OutOfFold, palette: Palette = LIGHT) -> Figure:
    """True against false positive rate: of the second class where there are two, else each class against the rest."""
    predictions = _classes(found)
    measured = target.values[found.rows].astype(np.int64)
    figure, axes = canvas(palette)
    axes.plot([0, 1], [0, 1], color=palette.ink, lw=0.8)
    chosen = [1] if len(target.classes) == 2 else range(len(target.classes))
    for place, number in enumerate(chosen):
        member, scores = measured == number, predictions.probabilities[:, number]
        if 0 < member.sum() < len(member):
            area = roc_auc(member.astype(np.int64), np.column_stack([1 - scores, scores]))
            _line(
                axes,
                _colour(axes, palette, place == 0),
                _roc_rates(member, scores),
                f"{target.classes[number]} (area {area:.3f}, folds pooled)",
            )
    axes.set(xlim=(0, 1), ylim=(0, 1.02))
    axes.set_xlabel("false positive rate")
    axes.set_ylabel("true positive rate")
    _legend(axes, palette)
    return figure


def _roc_rates(member: NDArray[np.bool_], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """False and true positive rates at every distinct threshold, from the strictest on, [2, k]."""
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    hits, misses = np.cumsum(member[order])[ends], np.cumsum(~member[order])[ends]
    return np.stack([np.append(0, misses / misses[-1]), np.append(0, hits / hits[-1])])


def _numbers(out_of_fold: OutOfFold) -> Predictions:
    if isinstance(out_of_fold.predictions, Predictions):
        return out_of_fold.predictions
    raise UsageError("this figure is for numeric targets; use confusion_plot or roc_plot for classes")


def _classes(out_of_fold: OutOfFold) -> ClassPredictions:
    if isinstance(out_of_fold.predictions, ClassPredictions):
        return out_of_fold.predictions
    raise UsageError("this figure is for classes; use parity_plot or error_plot for numeric targets")


def canvas(palette: Palette, *, grid: bool = True, size: tuple[float, float] = SIZE) -> tuple[Figure, Axes]:
    """An empty figure of ``size`` (width and height in inches) and its axes, in the colours of ``palette``."""
    figure = Figure(figsize=size, layout="constrained", facecolor=palette.paper)
    axes = figure.add_subplot(facecolor=palette.paper)
    axes.tick_params(colors=palette.ink, labelsize=9)
    # Six numbers of five digits stand side by side without touching; longer ones have a power of ten at the end.
    axes.locator_params(axis="x", nbins=6)
    axes.ticklabel_format(scilimits=(-3, 5))
    for name, spine in axes.spines.items():
        spine.set_color(palette.ink)
        spine.set_visible(name in ("left", "bottom"))
    for axis in (axes.xaxis, axes.yaxis):
        axis.label.set_color(palette.ink)
        axis.label.set_fontsize(10)
    if grid:
        axes.grid(color=palette.muted, alpha=0.25, lw=0.6)
    axes.set_axisbelow(True)
    return figure, axes


def _colour(axes: Axes, palette: Palette, tested: bool) -> str:
    """The colour of the model under test; for others one that no curve has yet, as long as there is one."""
    drawn = {line.get_color() for line in axes.get_lines()}
    others = [colour for colour in (palette.second, palette.third, palette.muted) if colour not in drawn]
    return palette.accent if tested else (others or [palette.muted])[0]


def _line(axes: Axes, colour: str, points: NDArray[np.float64], label: str, *, dots: bool = False) -> None:
    """A curve through points [2, k]; dashes and dots of its own tell it apart without colours."""
    number = min(len(axes.get_legend_handles_labels()[1]), 3)
    dashes, marker = ("-", "--", "-.", ":")[number], "os^D"[number] if dots else ""
    axes.plot(points[0], points[1], dashes, color=colour, marker=marker, ms=4, lw=1.5, label=label, zorder=3)


def _legend(axes: Axes, palette: Palette) -> None:
    axes.legend(fontsize=8, frameon=False, labelcolor=palette.ink)


def _cell(column: int, row: int, colour: str, share: float) -> Rectangle:
    return Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=colour, alpha=share, linewidth=0)


def _portion(chosen: NDArray[np.bool_]) -> str:
    """How many rows are chosen: a share, of few rows a count."""
    return f"{chosen.mean():.0%}" if len(chosen) >= FEW_ROWS else f"{chosen.sum()} of {len(chosen)}"


def _dot_area(n: int) -> float:
    """Marker area in square points: large for few rows, small for thousands."""
    return float(np.clip(2500 / max(n, 1), 3, 24))


def _padded(*columns: NDArray[np.float64]) -> tuple[float, float]:
    low, high = min(column.min() for column in columns), max(column.max() for column in columns)
    padding = 0.08 * (high - low) or 1.0
    return low - padding, high + padding
