"""What UAM says of its doubt: before and after calibration, against errors, and of what it is made.

Before: a normal distribution with the networks' own variance, noise and disagreement together. After: the conformal
intervals, which the rows that each fold had not seen have calibrated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.stats import norm, spearmanr
from yield_tasks import CURVE, SETS

from matscout.data.dataset import Dataset
from matscout.evaluation.plots import LIGHT

Floats = NDArray[np.float64]
MODEL, TENTHS = "uam", 10
SAMPLES = 2_000
"""Of the bootstrap over reactions that were run more than once."""
SIZES = {"rmse": "RMSE", "aleatoric": "noise", "epistemic": "want of data"}


def doubt(truth: Floats, told: Mapping[str, Floats], levels: Sequence[float]) -> dict[str, Any]:
    """Of one cell.

    Parameters
    ----------
    truth
        [n], percent yield.
    told
        ``predicted``, ``std``, ``aleatoric`` and ``epistemic`` [n], ``lower`` and ``upper`` [at most levels, n].
    levels
        Nominal coverages.
    """
    errors, known = np.abs(truth - told["predicted"]), np.array(levels[: len(told["lower"])])
    sigma, said = np.hypot(told["aleatoric"], told["epistemic"]), told["std"]
    widths = norm.ppf((1 + known) / 2)
    tenths = np.array_split(np.argsort(said, kind="stable"), TENTHS)
    return {
        "levels": known.tolist(),
        "before": (errors <= widths[:, None] * sigma).mean(axis=1).tolist(),
        "after": ((told["lower"] <= truth) & (truth <= told["upper"])).mean(axis=1).tolist(),
        "spearman": float(spearmanr(errors, sigma).statistic),
        "spearman of said": float(spearmanr(errors, said).statistic),
        "said by tenths": [_root_mean_square(said[rows]) for rows in tenths],
        "rmse by tenths": [_root_mean_square(errors[rows]) for rows in tenths],
        "rmse": _root_mean_square(errors),
        "aleatoric": _root_mean_square(told["aleatoric"]),
        "epistemic": _root_mean_square(told["epistemic"]),
    }


def _root_mean_square(values: Floats) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def scatter_of_repeats(dataset: Dataset) -> dict[str, float]:
    """How reactions that were run more than once, with one reagent, scatter: standard deviation within a reaction."""
    assert dataset.materials.reactions is not None
    groups = pl.DataFrame(
        {
            "key": dataset.materials.reactions.keys(),
            "condition": dataset.materials.context["coupling_reagent"],
            "truth": dataset.target().values,
        }
    )
    truth = pl.col("truth")
    found = groups.group_by("key", "condition", maintain_order=True).agg(
        squares=truth.var() * (pl.len() - 1), free=pl.len() - 1, apart=truth.max() - truth.min()
    )
    squares, free = found["squares"].to_numpy(), found["free"].to_numpy()
    drawn = np.random.default_rng(0).integers(0, len(found), (SAMPLES, len(found)))
    low, high = np.quantile(np.sqrt(squares[drawn].sum(axis=1) / free[drawn].sum(axis=1)), [0.025, 0.975])
    return {
        "groups": len(found),
        "rows": len(groups),
        "scatter": float(np.sqrt(squares.sum() / free.sum())),
        "low": float(low),
        "high": float(high),
        "median": float(np.median(found["apart"].to_numpy())),
    }


def pooled(cells: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    """(set, kind) -> the mean of what its cells say of their doubt, over the levels that all have, and their rows."""
    kinds: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for cell in cells:
        if "doubt" in cell:
            kinds.setdefault((cell["of"], cell["kind"]), []).append(cell)
    return {kind: _mean(own) for kind, own in kinds.items()}


def _mean(cells: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    doubts, found = [cell["doubt"] for cell in cells], {}
    for name in doubts[0]:
        columns = [np.atleast_1d(one[name]) for one in doubts]
        shortest = min(map(len, columns))
        mean = np.mean([column[:shortest] for column in columns], axis=0)
        found[name] = mean.tolist() if isinstance(doubts[0][name], list) else float(mean[0])
    return {**found, "n": sum(cell["n_test"] for cell in cells)}


def draw(cells: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Three panels of UAM: calibration, error against what is told, what the doubt is made of with more labels."""
    cells = [cell for cell in cells if cell["model"] == MODEL]
    published = [cell for cell in cells if (cell["part"], cell["kind"]) == ("published", "random")]
    kinds = {of: one for (of, _), one in pooled(published).items()}
    if not kinds:
        return
    colours = dict(zip(SETS, ("#0b6e99", "#c2571a", "#6aa84f", "#7b5fb2", "#8c6d31", "#c44e52"), strict=True))
    figure = Figure(figsize=(10.2, 3.6), layout="constrained")
    first, second, third = figure.subplots(1, 3)
    for of, one in kinds.items():
        first.plot(one["levels"], one["before"], "--", color=colours[of], linewidth=1)
        first.plot(one["levels"], one["after"], "o-", color=colours[of], markersize=3, label=SETS[of].title)
        second.plot(one["said by tenths"], one["rmse by tenths"], "o-", color=colours[of], markersize=3)
    first.plot([0.4, 1], [0.4, 1], color=LIGHT.muted, linewidth=0.8, zorder=0)
    first.set(xlabel="nominal coverage", ylabel="found (dashed: before conformal)")
    first.legend(frameon=False, fontsize=7)
    most = max(second.get_xlim()[1], second.get_ylim()[1])
    second.plot([0, most], [0, most], color=LIGHT.muted, linewidth=0.8, zorder=0)
    second.set(xlabel="standard deviation told, tenths of the rows (% yield)", ylabel="RMSE of it (% yield)")
    _by_labels(third, pooled([cell for cell in cells if cell["part"] == "curve"]), colours)
    for axes in (first, second, third):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=200)


def _by_labels(axes: Any, sizes: Mapping[tuple[str, str], Mapping[str, Any]], colours: Mapping[str, str]) -> None:
    if not sizes:
        axes.set_visible(False)
        return
    for of in dict.fromkeys(of for of, _ in sizes):
        counts = [n for n in CURVE if (of, f"{n} labels") in sizes]
        for (name, label), line in zip(SIZES.items(), ("o-", "--", ":"), strict=True):
            values = [sizes[of, f"{n} labels"][name] for n in counts]
            axes.plot(counts, values, line, color=colours[of], markersize=3, label=f"{SETS[of].title}: {label}")
    axes.set(xscale="log", xlabel="labels", ylabel="% yield")
    axes.legend(frameon=False, fontsize=7)
