"""The picture of a funnel: how many candidates are left after each stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from matscout.evaluation.plots import LIGHT, Palette

HEIGHT = 0.42
"""Inches for each stage."""


@dataclass(frozen=True)
class Left:
    """Candidates that are left, and after what."""

    label: str
    count: int


def funnel_plot(stages: Sequence[Left], palette: Palette = LIGHT) -> Figure:
    """Bars around a middle line, as wide as the logarithm of the count.

    Parameters
    ----------
    stages
        From all candidates to those that are ranked.
    palette
        Colours.
    """
    figure = Figure(figsize=(6.4, HEIGHT * len(stages) + 0.3), facecolor=palette.paper, layout="constrained")
    axes = figure.subplots()
    axes.set_facecolor(palette.paper)
    widths = np.log10(np.array([one.count for one in stages], dtype=np.float64) + 1.0)
    widths /= widths.max() or 1.0
    for place, (one, width) in enumerate(zip(stages, widths, strict=True)):
        axes.barh(place, width, left=-width / 2, height=0.72, color=palette.accent)
        axes.text(-0.56, place, one.label, ha="right", va="center", color=palette.ink, fontsize=9)
        axes.text(0.56, place, f"{one.count:,}", ha="left", va="center", color=palette.ink, fontsize=9)
    axes.set_xlim(-1.15, 0.8)
    axes.set_ylim(len(stages) - 0.5, -0.5)
    axes.set_axis_off()
    return figure
