"""Errors by the number of labels, a line for each model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from matplotlib.figure import Figure

from matscout.evaluation.plots import LIGHT

PALETTE = ("#0b6e99", "#c2571a", "#6aa84f", "#7b5fb2", "#8c6d31", "#c44e52", "#4c4c4c", "#d4a017")


def draw_curves(cells: Sequence[Mapping[str, Any]], folder: Path, titles: Mapping[str, str]) -> None:
    """``yields-labels-SET.png`` for each set: mean of the draws, from the smallest to the largest as a band."""
    columns = ("of", "model", "n_train", "mae")
    chosen = [{name: cell[name] for name in columns} for cell in cells if cell["part"] == "curve"]
    if not chosen:
        return
    for (of,), part in pl.DataFrame(chosen).group_by("of", maintain_order=True):
        figure = Figure(figsize=(5.2, 3.8), layout="constrained")
        axes = figure.subplots()
        models = part["model"].unique(maintain_order=True).to_list()
        for model, colour in zip(models, PALETTE, strict=False):
            own = part.filter(pl.col("model") == model).group_by("n_train")
            mae = pl.col("mae")
            drawn = own.agg(mean=mae.mean(), least=mae.min(), most=mae.max()).sort("n_train")
            axes.plot(drawn["n_train"], drawn["mean"], "o-", color=colour, markersize=3, linewidth=1.2, label=model)
            axes.fill_between(drawn["n_train"], drawn["least"], drawn["most"], color=colour, alpha=0.12, linewidth=0)
        axes.set(xscale="log", xlabel="labelled reactions", ylabel="MAE (% yield)")
        axes.set_title(titles[str(of)], fontsize=9)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color=LIGHT.muted, alpha=0.25, linewidth=0.6)
        axes.legend(frameon=False, fontsize=7)
        figure.savefig(folder / f"yields-labels-{of}.png", dpi=200)
