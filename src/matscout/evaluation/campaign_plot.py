"""A figure of campaigns: what each strategy has found after so many measurements, beside chance."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from matscout.discover.strategy_comparison import CHANCE, StrategyComparison
from matscout.evaluation.plots import LIGHT, Palette, canvas

SIZE = (5.6, 3.8)
"""Inches."""

COLOURS = ("#0b6e99", "#c2571a", "#701f57", "#4c8c2b", "#b8860b", "#5c6773")
"""Of the strategies, the best one first; they differ for readers with any kind of colour blindness."""


def campaign_plot(result: StrategyComparison, palette: Palette = LIGHT) -> Figure:
    """The mean share of the wanted rows that is found, with the quartiles of the best strategy, and chance.

    Parameters
    ----------
    result
        Campaigns of several strategies.
    palette
        Colours of text, axes and chance.
    """
    figure, axes = canvas(palette, size=SIZE)
    measured = np.arange(result.game.n_start, result.game.n_measured + 1)
    for place, name in enumerate(result.names):
        shares = result.shares(name)
        colour = COLOURS[place % len(COLOURS)]
        if place == 0:
            low, high = np.quantile(shares, (0.25, 0.75), axis=0)
            axes.fill_between(measured, low, high, color=colour, alpha=0.15, lw=0, label=f"quartiles of {name}")
        mean = shares.mean(axis=0)
        axes.plot(measured, mean, color=colour, lw=2.0 if place == 0 else 1.3, label=f"{name} ({mean[-1]:.0%})")
    chance = result.share_by_chance
    axes.plot(measured, chance, color=palette.ink, lw=1.0, ls="--", label=f"{CHANCE}, exact ({chance[-1]:.0%})")
    axes.set_xlabel(f"rows measured of {len(result.pool):,}")
    axes.set_ylabel(f"found of the {result.n_wanted} wanted rows")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_xlim(measured[0], measured[-1])
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=9, labelcolor=palette.ink, loc="upper left")
    return figure
