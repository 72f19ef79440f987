"""Box plots and tables of errors over draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = ("#0b6e99", "#c2571a", "#4c8c4a", "#8a5aa8", "#9aa4ae", "#b08900")
INK = "#1b1f24"


def box_plot(runs: polars.DataFrame, kind: str, row: str | None) -> Figure:
    """MAE against the number of labels, on a logarithmic axis.

    Parameters
    ----------
    runs
        Columns ``target``, ``labels``, ``mae``, and the two named next.
    kind
        Its values are the boxes beside each other.
    row
        Its values are rows of the figure; None for one row.
    """
    from matplotlib.figure import Figure

    targets = runs["target"].unique(maintain_order=True).to_list()
    rows = [None] if row is None else runs[row].unique(maintain_order=True).to_list()
    kinds = runs[kind].unique(maintain_order=True).to_list()
    figure = Figure(figsize=(4.6 * len(targets), 3.1 * len(rows) + 0.5), layout="constrained")
    grid = figure.subplots(len(rows), len(targets), squeeze=False)
    for at, value in enumerate(rows):
        for place, target in enumerate(targets):
            chosen = runs.filter(target=target) if row is None else runs.filter(polars.col(row) == value, target=target)
            _boxes(grid[at, place], chosen, kind, kinds)
            grid[at, place].set_title(target if value is None else f"{target}: {value}", fontsize=9, color=INK)
            grid[at, place].set_ylabel(f"MAE ({target.rpartition('(')[2]}" if "(" in target else "MAE", fontsize=9)
    handles, names = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=min(len(names), 4), fontsize=8, frameon=False)
    return figure


def _boxes(axes: object, runs: polars.DataFrame, kind: str, kinds: Sequence[str]) -> None:
    from matplotlib.axes import Axes

    from matscout.evaluation.log_axes import log_axes

    assert isinstance(axes, Axes)
    sizes = sorted(runs["labels"].unique().to_list())
    width = 0.8 / len(kinds)
    for place, name in enumerate(kinds):
        columns = [runs.filter(polars.col(kind) == name, labels=size)["mae"].to_numpy() for size in sizes]
        colour = COLOURS[place % len(COLOURS)]
        drawn = axes.boxplot(
            columns,
            positions=[at + (place - (len(kinds) - 1) / 2) * width for at in range(len(sizes))],
            widths=0.85 * width,
            patch_artist=True,
            medianprops={"color": INK, "lw": 1.0},
            boxprops={"facecolor": colour, "edgecolor": colour, "alpha": 0.75},
            whiskerprops={"color": colour},
            capprops={"color": colour},
            flierprops={"marker": ".", "markersize": 2.5, "markeredgecolor": colour},
        )
        drawn["boxes"][0].set_label(name)
    log_axes(axes, "y")
    medians = runs.group_by(kind, "labels").agg(polars.col("mae").median())["mae"]
    usual = runs.filter(polars.col("mae") < 5 * float(np.median(medians.to_numpy())))["mae"]
    low, high = float(usual.min()), float(usual.max())  # type: ignore[arg-type]
    axes.set_ylim(0.9 * low, 1.1 * high)
    axes.set_xticks(range(len(sizes)), [str(size) for size in sizes])
    axes.set_xlabel("labels", fontsize=9)
    axes.tick_params(labelsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(axis="y", color="#9aa4ae", alpha=0.25, lw=0.6)


def spread_table(runs: polars.DataFrame, keys: Sequence[str]) -> str:
    """Mean, standard deviation, median and trimean of the errors of each box, as a Markdown table."""
    lines = [f"| {' | '.join(keys)} | n | mean | sd | median | trimean |", "|" + " --- |" * (len(keys) + 5)]
    for key, group in runs.group_by(*keys, maintain_order=True):
        errors = group["mae"].to_numpy()
        first, middle, third = np.quantile(errors, (0.25, 0.5, 0.75))
        trimean = (first + 2 * middle + third) / 4
        spread = errors.std(ddof=1) if len(errors) > 1 else float("nan")
        numbers = " | ".join(f"{value:.4g}" for value in (errors.mean(), spread, middle, trimean))
        lines.append(f"| {' | '.join(map(str, key))} | {len(errors)} | {numbers} |")
    return "\n".join(lines)
