"""Number of thermoelectrics of high figure of merit found against number measured (PolySRL, figure 7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import polars
from numpy.typing import NDArray

from matscout.studies.base import CheckedStatement, ContestantComparison
from matscout.studies.boxes import COLOURS, INK
from matscout.studies.described_tasks import METHODS
from matscout.studies.figures.figure_of_merit import FigureOfMerit
from matscout.studies.probing import BY_PAPER, RANDOM, SHARED

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

DASHES = ("-", "--", ":")
"""Of lines, once all colours are taken."""

WANTED: Mapping[int, float] = {300: 0.3, 600: 0.8}
"""Kelvin -> ZT above which a material is wanted: an eighth of the rows at 300 K, a fifth at 600 K.

The paper's thresholds are lost with its equations; these are ours.
"""
BUDGETS = (0.1, 0.2, 0.4)
"""Shares of the rows that are measured, in tables."""


class MeritScreening(FigureOfMerit):
    """Recall of wanted materials among those with the highest predicted ZT, by the share that is measured.

    Predictions are those of :class:`~matscout.studies.figures.figure_of_merit.FigureOfMerit`; a row is ranked by its
    median among all rows, each of which was predicted without having been learned from.
    """

    def figure(self, runs: polars.DataFrame) -> Figure:
        """A panel for each temperature and way to divide the rows; means over the seeds."""
        from matplotlib.figure import Figure

        kelvins = self._kelvins(runs)
        splits = [split for split in (RANDOM, BY_PAPER) if split in runs["split"].to_list()]
        names = runs["contestant"].unique(maintain_order=True).to_list()
        figure = Figure(figsize=(3.8 * len(splits), 3.1 * len(kelvins) + 0.5), layout="constrained")
        grid = figure.subplots(len(kelvins), len(splits), squeeze=False)
        for row, kelvin in enumerate(kelvins):
            for column, split in enumerate(splits):
                axes, chosen = grid[row, column], runs.filter(kelvin=kelvin, split=split)
                for place, name in enumerate(names):
                    curve = np.mean(_recalls(chosen.filter(contestant=name), kelvin), axis=0)
                    shares = np.linspace(0.0, 1.0, len(curve))
                    dashes = DASHES[place // len(COLOURS) % len(DASHES)]
                    axes.plot(shares, curve, ls=dashes, lw=1.1, color=COLOURS[place % len(COLOURS)], label=name)
                axes.plot([0, 1], [0, 1], lw=0.8, color=INK, label="by chance")
                axes.set_title(f"ZT > {WANTED[kelvin]:g} at {kelvin} K, rows {split}", fontsize=8.5, color=INK)
                axes.set_xlabel("share of the materials that is measured", fontsize=8)
                axes.set_ylabel("share of the wanted ones found", fontsize=8)
                axes.tick_params(labelsize=7)
                for side in ("top", "right"):
                    axes.spines[side].set_visible(False)
        handles, labels = grid[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=7, frameon=False)
        return figure

    def findings(self, runs: polars.DataFrame) -> tuple[CheckedStatement, ...]:
        """That screening by PolySRL misses less; what is missed is the mean over all budgets, in each fold."""
        comparisons = []
        for kelvin in self._kelvins(runs):
            missed = {
                name: _missed(runs.filter(kelvin=kelvin, split=RANDOM, contestant=name), kelvin)
                for name in METHODS
                if name in runs["contestant"].to_list()
            }
            if "PolySRL" in missed:
                comparisons += [
                    ContestantComparison.between(
                        f"PolySRL / {name}, missed at {kelvin} K", missed["PolySRL"], shares, SHARED
                    )
                    for name, shares in missed.items()
                    if name != "PolySRL"
                ]
        return (
            (CheckedStatement.lower("screening by PolySRL misses fewer materials of high ZT", comparisons),)
            if comparisons
            else ()
        )

    def tables(self, runs: polars.DataFrame) -> str:
        """Recall at some budgets, mean and standard deviation over seeds."""
        heads = " | ".join(f"found by {100 * budget:.0f} %" for budget in BUDGETS)
        line = " --- |" * (4 + len(BUDGETS))
        limits = " and ".join(f"{limit:g} at {kelvin} K" for kelvin, limit in WANTED.items())
        lines = [
            f"Wanted are materials with ZT above {limits} (the paper's thresholds are lost; these are ours). Rows are "
            "measured from the highest predicted median ZT on; told is the share of the wanted that is found, mean ± "
            "standard deviation over seeds. By chance the share found is the share measured. *Missed*, above, is what "
            "is not found, mean over all budgets.",
            "",
            f"| K | rows divided | vectors or model | wanted of n | {heads} |",
            f"|{line}",
        ]
        for (kelvin, split, name), part in runs.group_by("kelvin", "split", "contestant", maintain_order=True):
            recalls = np.array(_recalls(part, int(str(kelvin))))
            first = part.filter(seed=0)
            wanted = (first["truth"] > WANTED[int(str(kelvin))]).sum()
            places = [round(budget * (recalls.shape[1] - 1)) for budget in BUDGETS]
            cells = " | ".join(f"{recalls[:, place].mean():.2f}{_spread(recalls[:, place])}" for place in places)
            lines.append(f"| {kelvin} | {split} | {name} | {wanted} of {len(first)} | {cells} |")
        return "\n".join(lines)


def _spread(recalls: Floats) -> str:
    return f" ± {recalls.std(ddof=1):.2f}" if len(recalls) > 1 else ""


def _recalls(runs: polars.DataFrame, kelvin: int) -> list[Floats]:
    """For each seed the share of the wanted that is found after 0, 1, ... n rows."""
    return [_recall(part, kelvin) for _, part in runs.group_by("seed", maintain_order=True)]


def _recall(part: polars.DataFrame, kelvin: int) -> Floats:
    wanted = (part.sort("median", descending=True)["truth"] > WANTED[kelvin]).to_numpy()
    return np.concatenate([[0.0], np.cumsum(wanted) / max(wanted.sum(), 1)])


def _missed(runs: polars.DataFrame, kelvin: int) -> Floats:
    """What is missed of the wanted, mean over all budgets, for each seed and fold that has some."""
    parts = runs.sort("seed", "fold").group_by("seed", "fold", maintain_order=True)
    there = [part for _, part in parts if (part["truth"] > WANTED[kelvin]).any()]
    return np.array([1.0 - _recall(part, kelvin).mean() for part in there])
