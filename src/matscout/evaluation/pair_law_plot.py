"""v(d) of pairs of defects as a figure: measured shells with their deviation, and the smooth part between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from matscout.evaluation.plots import LIGHT, Palette
from matscout.predict.pair_curves import BAND, PairCurve

WIDTH, HEIGHT = 4.2, 2.6
"""Of one curve, inches."""
COLUMNS = 2
FARTHEST = 12.0
"""Å; beyond, interactions of neutral defects have died away."""


def pair_law_plot(
    curves: Sequence[PairCurve], unit: str, palette: Palette = LIGHT, *, columns: int = COLUMNS
) -> Figure:
    """One panel for each curve.

    Parameters
    ----------
    curves
        See :func:`matscout.predict.pair_curves.pair_curves`.
    unit
        Of the energies, "" if it is not known.
    palette
        Colours.
    columns
        Panels side by side.
    """
    wide = min(columns, len(curves))
    rows = -(-len(curves) // wide)
    figure = Figure(figsize=(WIDTH * wide, HEIGHT * rows), facecolor=palette.paper, layout="constrained")
    axes = np.atleast_1d(figure.subplots(rows, wide, squeeze=False)).ravel()
    for axis, curve in zip(axes, curves, strict=False):
        _panel(axis, curve, unit, palette)
    for axis in axes[len(curves) :]:
        axis.set_visible(False)
    return figure


def _panel(axis: Axes, curve: PairCurve, unit: str, palette: Palette) -> None:
    shells = [shell for shell in curve.shells if shell.distance <= FARTHEST]
    near = curve.distances <= FARTHEST
    axis.set_facecolor(palette.paper)
    axis.axhline(0.0, color=palette.muted, linewidth=0.8)
    band = (curve.distances[near], curve.lower[near], curve.upper[near])
    axis.fill_between(*band, color=palette.accent, alpha=0.15, linewidth=0)
    axis.plot(curve.distances[near], curve.energies[near], color=palette.accent, linewidth=1.0)
    axis.errorbar(
        [shell.distance for shell in shells],
        [shell.energy for shell in shells],
        yerr=[BAND * shell.deviation for shell in shells],
        fmt="o",
        markersize=4,
        color=palette.second,
        ecolor=palette.muted,
        elinewidth=1,
    )
    axis.set_title(curve.name, color=palette.ink, fontsize=9)
    axis.set_xlabel("distance (Å)", color=palette.ink, fontsize=8)
    axis.set_ylabel(f"v ({unit})" if unit else "v", color=palette.ink, fontsize=8)
    axis.tick_params(colors=palette.ink, labelsize=8)
    for side, spine in axis.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(palette.ink)
