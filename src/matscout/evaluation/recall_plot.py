"""The curve of recall: which share of the known rows stands above all but a share of the unlabelled ones."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from matscout.evaluation.known_scores import KnownCurve
from matscout.evaluation.plots import LIGHT, Palette, canvas

STYLES = ("-", "--", ":", "-.", "--")


def recall_plot(curves: Mapping[str, KnownCurve], palette: Palette = LIGHT) -> Figure:
    """Recall against the share of the unlabelled rows that are called; the first model has the band.

    Parameters
    ----------
    curves
        Name in words -> curve, the model under test first.
    palette
        Colours.
    """
    figure, axes = canvas(palette, size=(5.2, 3.8))
    colours = (palette.accent, palette.second, palette.third, palette.ink)
    for place, (name, curve) in enumerate(curves.items()):
        colour, width = colours[place % len(colours)], 1.8 if place == 0 else 1.1
        dashes = STYLES[place % len(STYLES)]
        axes.plot(curve.called, curve.recall, color=colour, ls=dashes, lw=width, label=name, zorder=3)
        if len(curve.low):
            axes.fill_between(curve.called, curve.low, curve.high, color=palette.accent, alpha=0.2, lw=0)
    first = next(iter(curves.values()))
    axes.plot(first.called, first.called, color=palette.muted, lw=0.9, label="random order")
    axes.set_xscale("log")
    axes.set_xlim(first.called[0], 1.0)
    axes.set_ylim(0.0, 1.0)
    axes.set_xticks([0.01, 0.1, 1.0])
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:.0%}"))
    axes.set_xlabel("unlabelled rows called")
    axes.set_ylabel("known rows called (recall)")
    axes.legend(fontsize=8, frameon=False, labelcolor=palette.ink, loc="upper left")
    return figure
