"""Losses on held-out crystals by epoch, compared with a network that knows nothing (fig. 6)."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars

from matscout.errors import UsageError
from matscout.progress import Progress, silent
from matscout.represent.pretrained.crystal_network import network_named
from matscout.studies.base import CheckedStatement, CrystalStudy
from matscout.studies.crystals import LabelledCrystals

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("other", "polymorph", "composition", "permutation")
WOBBLE = 0.02
"""A curve is called smooth if it rises by a smaller share of its whole fall; a larger share of its value is a surge."""
CHANCE = 2.0 * math.log(2.0)
"""Loss of eq. 2 where every pair is scored 0."""


class TrainingCurves(CrystalStudy):
    """Curves are part of the weights, so nothing is trained here.

    Parameters
    ----------
    crystals, folder
        See :class:`~matscout.studies.base.CrystalStudy`.
    weights
        Name of a representation, or a folder written by ``matscout pretrain``.
    """

    def __init__(self, crystals: LabelledCrystals, folder: Path, *, weights: str) -> None:
        super().__init__(crystals, folder)
        self._weights = weights

    def run(self, progress: Progress = silent) -> polars.DataFrame:
        """Epoch, level (local or global), loss, and value.

        Raises
        ------
        UsageError
            If the weights came without curves, or are not of Deep InfoMax.
        """
        curves = network_named(self._weights).pretrained().facts.get("curves", {})
        rows = []
        for level in ("local", "global"):
            parts = [curves[f"validation {level} {kind}"] for kind in KINDS if f"validation {level} {kind}" in curves]
            if not parts:
                raise UsageError(f"{self._weights} holds no curves of Deep InfoMax; train it again with this matscout")
            means = [sum(values) / len(values) for values in zip(*parts, strict=True)]
            noise = curves[f"validation {level} noise"]
            for epoch, pair in enumerate(zip(means, noise, strict=True)):
                rows += [(epoch, level, name, value) for name, value in zip(("pairs", "noise"), pair, strict=True)]
        return polars.DataFrame(rows, ("epoch", "level", "loss", "value"), orient="row")

    def figure(self, runs: polars.DataFrame) -> Figure:
        """Loss of the pairs and divergence of the noise, for sites and crystals."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7.6, 5.2), layout="constrained")
        grid = figure.subplots(2, 2, sharex=True)
        for row, level in enumerate(("local", "global")):
            for column, (loss, words) in enumerate((("pairs", "loss of the pairs"), ("noise", "KL divergence"))):
                axes, chosen = grid[row, column], runs.filter(level=level, loss=loss)
                axes.plot(chosen["epoch"], chosen["value"], color="#0b6e99", lw=1.4)
                if loss == "pairs":
                    axes.axhline(CHANCE, color="#c2571a", ls="--", lw=1.0)
                    axes.text(
                        chosen["epoch"].max(), CHANCE, "2 ln 2 ", color="#c2571a", ha="right", va="bottom", fontsize=8
                    )
                axes.set_title(f"{level}: {words}", fontsize=9)
                axes.tick_params(labelsize=8)
                for side in ("top", "right"):
                    axes.spines[side].set_visible(False)
        for axes in grid[1]:
            axes.set_xlabel("epoch", fontsize=9)
        return figure

    def findings(self, runs: polars.DataFrame) -> tuple[CheckedStatement, ...]:
        """The shape of the curves, as the caption of the figure tells it."""

        def values(level: str, loss: str) -> list[float]:
            return runs.filter(level=level, loss=loss).sort("epoch")["value"].to_list()

        ends = {level: values(level, "pairs")[-1] for level in ("local", "global")}
        rises = {level: _largest_rise(values(level, "pairs")) for level in ends}
        surges = {level: _early_surge(values(level, "noise")) for level in ends}
        noise = {level: values(level, "noise")[-1] for level in ends}
        return (
            _statement(
                "both losses end below chance, and the global encoder tells more",
                ends["global"] < ends["local"] < CHANCE,
                [f"{level}: {value:.3f} (chance {CHANCE:.3f})" for level, value in ends.items()],
            ),
            _statement(
                "training is smooth and monotonic",
                max(rises.values()) < WOBBLE,
                [
                    f"{level}: it rises at most {rise:.1%} of its whole fall above the lowest so far "
                    f"(limit {WOBBLE:.0%})"
                    for level, rise in rises.items()
                ],
            ),
            _statement(
                "the divergence surges upward early in training",
                min(surges.values()) > WOBBLE,
                [
                    f"{level}: in the first tenth of the epochs it rises by at most {surge:.1%} (limit {WOBBLE:.0%})"
                    for level, surge in surges.items()
                ],
            ),
            _statement(
                "it ends higher for the local encoder than for the global one",
                noise["local"] > noise["global"],
                [f"{level}: {value:.3f}" for level, value in noise.items()],
            ),
        )

    def tables(self, runs: polars.DataFrame) -> str:
        """What the limits are worth."""
        return f"The limits of {WOBBLE:.0%} were set after a first look at such curves: go by the picture."


def _statement(statement: str, holds: bool, evidence: list[str]) -> CheckedStatement:
    return CheckedStatement(statement, "reproduced" if holds else "not reproduced", tuple(evidence))


def _largest_rise(values: list[float]) -> float:
    """How far a curve ever is above its lowest value so far, as a share of its whole fall; endless if it never falls.

    Unlike the share of epochs that lower the loss, it does not depend on how many epochs there are.
    """
    curve = np.array(values)
    fall = curve[0] - curve.min()
    return float((curve - np.minimum.accumulate(curve)).max() / fall) if fall > 0 else math.inf


def _early_surge(values: list[float]) -> float:
    """How far a curve rises above an earlier value in its first tenth, as a share of that value."""
    curve = np.array(values[: max(2, len(values) // 10)])
    return float((curve / np.minimum.accumulate(curve)).max() - 1.0)
