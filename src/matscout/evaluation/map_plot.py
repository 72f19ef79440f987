"""Maps for papers: places of materials coloured by a property or by classes, as SVG, PDF or PNG."""

from __future__ import annotations

import warnings
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
from matplotlib import colormaps, rc_context
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import LogNorm, Normalize, to_rgba_array
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from matscout.data.dataset import Target
from matscout.data.files import atomic_write
from matscout.errors import UsageError
from matscout.evaluation.log_axes import log_labels, log_ticks
from matscout.evaluation.plots import LIGHT, Palette, canvas
from matscout.represent.projection import Projection

WIDTH = 3.4
"""Inches: one column of most journals."""

DPI = 600
"""Dots per inch of PNG, and of the points of large maps."""

DRAWN_ONE_BY_ONE = 3000
"""Points above which a map holds a picture of them instead of a path for each; text and axes stay as they are."""

NAMED = 8
"""Classes with a colour of their own; the rarer ones share one."""

LONGEST = 30
"""Letters of a name in the legend."""

SCALE = "viridis"
"""Perceptually uniform, and the same order for all kinds of colour vision and in print without colours."""

CLASS_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7", "#1b1f24", "#b8a800")
"""After Okabe and Ito (2008), told apart by all kinds of colour vision; the yellow darker, for white paper."""

ENDS = (0.01, 0.99)
"""Quantiles at which the colours end, so that single values do not take them all."""

FORMATS = {".svg": {"Date": None, "Creator": None}, ".pdf": {"CreationDate": None}, ".png": {}}
"""Ending -> what not to write into the file, so that equal maps are equal files."""

Mask = NDArray[np.bool_]


def map_plot(projection: Projection, colour: Target, palette: Palette = LIGHT, width: float = WIDTH) -> Figure:
    """Places of n materials in colours: of a scale for numbers, of a legend for classes.

    Parameters
    ----------
    projection
        Where they are.
    colour
        n values; materials without one are drawn pale. Of classes the 8 most frequent have a colour of their own.
    palette
        Of everything else.
    width
        Of the figure, in inches.
    """
    with _style():
        figure, axes = canvas(palette, grid=False, size=(width, 1.15 * width))
        _label(axes, projection)
        _pale(axes, projection, colour, palette)
        legend = {} if colour.known.all() else {"not known": (palette.muted, 0.35)}
        if colour.task == "classification":
            legend = {**_draw_classes(axes, projection, colour, palette), **legend}
        else:
            _colour_bar(figure, axes, _draw_numbers(axes, projection, colour), colour, palette)
        if legend:
            _legend(figure, legend, colour.name if colour.task == "classification" else "", palette)
    return figure


def write_figure(figure: Figure, path: Path) -> Path:
    """Write SVG, PDF or PNG, as the ending of ``path`` says, whole or not at all.

    Raises
    ------
    UsageError
        If it has another ending.
    """
    metadata = FORMATS[check_ending(path).suffix.lower()]
    with _style(), warnings.catch_warnings(), atomic_write(path) as unfinished:
        # Names of columns may be in any script; viewers have fonts for what matplotlib's own lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(unfinished, dpi=DPI, metadata=metadata, facecolor=figure.get_facecolor())
    return path


def check_ending(path: Path) -> Path:
    """The path itself.

    Raises
    ------
    UsageError
        If its ending is none of those that a figure can have.
    """
    if path.suffix.lower() not in FORMATS:
        raise UsageError(f"{path.name} does not end in {', '.join(FORMATS)}; the extension sets the format")
    return path


def named_classes(colour: Target, most: int = NAMED) -> NDArray[np.int64]:
    """Positions of the ``most`` most frequent classes, the most frequent first; of equal ones the first by name."""
    counts = np.bincount(colour.values[colour.known].astype(np.int64), minlength=len(colour.classes))
    order = np.argsort(-counts, kind="stable")
    return np.asarray(order[counts[order] > 0][:most], dtype=np.int64)


def colour_limits(values: NDArray[np.float64]) -> tuple[float, float]:
    """Lowest and highest value that have a colour of their own, of n finite ones."""
    low, high = np.quantile(values, ENDS)
    return (float(low), float(high)) if high > low else (float(values.min()), float(values.max()))


def _ends(colour: Target) -> tuple[float, float]:
    """The limits of the colours, on the scale on which the values are judged, in their unit."""
    low, high = colour_limits(colour.placed(colour.values[colour.known]))
    return (10**low, 10**high) if colour.scale == "log" else (low, high)


def _style() -> AbstractContextManager[None]:
    """Text stays text, and a "$" in the name of a column starts no formula."""
    return rc_context(
        {"svg.fonttype": "none", "svg.hashsalt": "matscout", "pdf.fonttype": 42, "text.parse_math": False}
    )


def _label(axes: Axes, projection: Projection) -> None:
    axes.set_xlabel(projection.axes[0])
    axes.set_ylabel(projection.axes[1])
    axes.set_aspect("equal", adjustable="datalim")
    if projection.explained is None:
        # Only who is near whom means something there.
        axes.set_xticks([])
        axes.set_yticks([])


def _pale(axes: Axes, projection: Projection, colour: Target, palette: Palette) -> None:
    places, n = projection.coordinates[~colour.known], len(colour.values)
    if len(places):
        _scatter(axes, places, n, to_rgba_array([palette.muted], 0.35))


def _draw_numbers(axes: Axes, projection: Projection, colour: Target) -> PathCollection:
    rows = _shuffled(colour.known, projection.seed)
    drawn = _scatter(axes, projection.coordinates[rows], len(colour.values), None, colour.values[rows])
    drawn.set_cmap(colormaps[SCALE])
    if len(rows):
        drawn.set_norm((LogNorm if colour.scale == "log" else Normalize)(*_ends(colour)))
    return drawn


def _draw_classes(axes: Axes, projection: Projection, colour: Target, palette: Palette) -> dict[str, tuple[str, float]]:
    """Draws the points; returns name -> colour and opacity for the legend."""
    rows = _shuffled(colour.known, projection.seed)
    chosen = named_classes(colour)
    by_class = np.full(len(colour.classes), palette.muted, dtype="<U9")
    by_class[chosen] = CLASS_COLOURS[: len(chosen)]
    codes = colour.values[rows].astype(np.int64)
    _scatter(axes, projection.coordinates[rows], len(colour.values), to_rgba_array(by_class[codes].tolist()))
    legend = {colour.classes[position]: (str(by_class[position]), 1.0) for position in chosen}
    rare = len(np.setdiff1d(codes, chosen))
    return {**legend, f"{rare} others": (palette.muted, 1.0)} if rare else legend


def _shuffled(known: Mask, seed: int) -> NDArray[np.int64]:
    """The rows with a value in random order: in that of a sorted table the last kind would cover the others."""
    return np.random.default_rng(seed).permutation(np.flatnonzero(known))


def _scatter(
    axes: Axes,
    places: NDArray[np.float64],
    n: int,
    colours: NDArray[np.float64] | None,
    values: NDArray[np.float64] | None = None,
) -> PathCollection:
    """Some of the ``n`` points of a map."""
    return axes.scatter(
        places[:, 0],
        places[:, 1],
        s=_dot_area(n),
        color=colours,
        c=values,
        linewidths=0,
        rasterized=n > DRAWN_ONE_BY_ONE,
    )


def _dot_area(n: int) -> float:
    """Marker area in square points: all of them together never cover more than a fourth of one column."""
    return float(np.clip(15_000 / max(n, 1), 0.7, 20))


def _colour_bar(figure: Figure, axes: Axes, drawn: PathCollection, colour: Target, palette: Palette) -> None:
    values = colour.values[colour.known]
    low, high = _ends(colour)
    beyond = {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}
    ends = beyond[bool(values.min() < low), bool(values.max() > high)]
    bar = figure.colorbar(drawn, ax=axes, location="bottom", aspect=30, pad=0.02, extend=ends)
    if colour.scale == "log":
        ticks = log_ticks(low, high)
        bar.set_ticks(ticks.tolist(), labels=log_labels(ticks))
        bar.minorticks_off()
    bar.set_label(colour.label, color=palette.ink, fontsize=10)
    bar.ax.tick_params(colors=palette.ink, labelsize=9)
    bar.outline.set_visible(False)


def _legend(figure: Figure, named: dict[str, tuple[str, float]], title: str, palette: Palette) -> None:
    handles = [
        Line2D(
            [],
            [],
            marker="o",
            ms=5,
            lw=0,
            mew=0,
            color=colour,
            alpha=opacity,
            label=name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…",
        )
        for name, (colour, opacity) in named.items()
    ]
    longest = min(LONGEST, max(len(name) for name in named))
    figure.legend(
        handles=handles,
        loc="outside lower center",
        title=title or None,
        # As many columns as fit beside each other.
        ncols=max(1, min(5, int(figure.get_figwidth() / (0.065 * longest + 0.3)))),
        fontsize=8,
        title_fontsize=9,
        frameon=False,
        labelcolor=palette.ink,
        handletextpad=0.1,
        columnspacing=1.0,
    ).get_title().set_color(palette.ink)
