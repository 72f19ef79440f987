"""What the stored cells of UAM say of its doubt: before and after calibration, against errors, and of what it is made.

Before: a normal distribution with the networks' own variance, noise and disagreement together. After: the conformal
intervals, which the rows that each fold had not seen have calibrated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.stats import norm, spearmanr
from yield_cells import LEVELS, Cell
from yield_tasks import AMIDES, CURVE, DIVISIONS, SETS, Division

from matscout.evaluation.plots import LIGHT

Floats = NDArray[np.float64]
MODEL = "uam"
BINS = 10


class Doubts:
    """Pooled over the cells of one kind: errors, sigma of noise and of the networks, and hits at each level."""

    def __init__(self, paths: Iterable[Path]) -> None:
        stored = [dict(np.load(path, allow_pickle=False)) for path in paths]
        self.truth = np.concatenate([one["truth"] for one in stored])
        self.errors = self.truth - np.concatenate([one["predicted"] for one in stored])
        self.aleatoric = np.concatenate([one["aleatoric"] for one in stored])
        self.epistemic = np.concatenate([one["epistemic"] for one in stored])
        self.said = np.concatenate([one["std"] for one in stored])
        n_levels = min(len(one["lower"]) for one in stored)
        self.levels = np.array(LEVELS[:n_levels])
        lower, upper = (np.concatenate([one[end][:n_levels] for one in stored], axis=1) for end in ("lower", "upper"))
        self.after = ((lower <= self.truth) & (self.truth <= upper)).mean(axis=1)

    @property
    def sigma(self) -> Floats:
        """Both together, [n]."""
        return np.asarray(np.sqrt(self.aleatoric**2 + self.epistemic**2))

    @property
    def before(self) -> Floats:
        """Share inside the central intervals of a normal distribution, one for each level."""
        widths = norm.ppf((1 + self.levels) / 2)
        return np.asarray((np.abs(self.errors) <= widths[:, None] * self.sigma).mean(axis=1))

    @property
    def follows(self) -> float:
        """Spearman's correlation of the absolute error with sigma."""
        return float(spearmanr(np.abs(self.errors), self.sigma).statistic)

    @property
    def said_follows(self) -> float:
        """The same of the standard deviation that ``predict`` tells, which trees have learned."""
        return float(spearmanr(np.abs(self.errors), self.said).statistic)

    def bins(self) -> tuple[Floats, Floats]:
        """Mean of the standard deviation that is told, and root mean squared error, of ten equal parts by it."""
        parts = np.array_split(np.argsort(self.said, kind="stable"), BINS)
        said = [np.sqrt(np.mean(self.said[part] ** 2)) for part in parts]
        return np.array(said), np.array([np.sqrt(np.mean(self.errors[part] ** 2)) for part in parts])


def _done(folder: Path, part: str) -> Iterator[tuple[Division, Path]]:
    for division in DIVISIONS[part]():
        path = Cell(part, division.of, division.name, MODEL).path(folder)
        if path.is_file():
            yield division, path


def _kinds(folder: Path, part: str) -> dict[tuple[str, str], Doubts]:
    """(set, kind) -> what its cells say."""
    found: dict[tuple[str, str], list[Path]] = {}
    for division, path in _done(folder, part):
        found.setdefault((division.of, division.kind), []).append(path)
    return {kind: Doubts(paths) for kind, paths in found.items()}


def doubts(folder: Path) -> dict[str, Any]:
    """What there is to tell, for the page."""
    kinds = _kinds(folder, "published")
    return {
        "calibration": [
            {
                "of": of,
                "kind": kind,
                "n": len(one.truth),
                "levels": one.levels.tolist(),
                "before": one.before.tolist(),
                "after": one.after.tolist(),
                "spearman": one.follows,
                "spearman of said": one.said_follows,
                "rmse by sigma": one.bins()[1].tolist(),
            }
            for (of, kind), one in kinds.items()
        ],
        "by labels": [{"of": of, "kind": kind, **_sizes(one)} for (of, kind), one in _kinds(folder, "curve").items()],
        "repeats": repeats(folder),
    }


def _sizes(one: Doubts) -> dict[str, float]:
    """Root mean squares, in percent yield."""
    sizes = {"rmse": one.errors, "aleatoric": one.aleatoric, "epistemic": one.epistemic}
    return {name: float(np.sqrt(np.mean(values**2))) for name, values in sizes.items()}


def repeats(folder: Path) -> dict[str, float] | None:
    """Amide couplings that were run more than once: how they scatter, beside what was said of them unseen."""
    done = next(_done(folder, "repeats"), None)
    if done is None:
        return None
    division, path = done
    dataset = AMIDES.load()[division.test]
    one = Doubts([path])
    assert dataset.materials.reactions is not None
    groups = pl.DataFrame(
        {
            "key": dataset.materials.reactions.keys(),
            "condition": dataset.materials.context["coupling_reagent"],
            "truth": dataset.target().values,
            "aleatoric": one.aleatoric,
            "epistemic": one.epistemic,
            "error": one.errors,
        }
    )
    scatter = groups.group_by("key", "condition").agg(pl.col("truth").var(), pl.len())
    within = (scatter["truth"] * (scatter["len"] - 1)).sum() / (scatter["len"] - 1).sum()
    return {
        "groups": len(scatter),
        "rows": len(groups),
        "scatter": float(np.sqrt(within)),
        "aleatoric": float(np.sqrt((groups["aleatoric"] ** 2).mean())),
        "epistemic": float(np.sqrt((groups["epistemic"] ** 2).mean())),
        "rmse": float(np.sqrt((groups["error"] ** 2).mean())),
    }


def draw(folder: Path, path: Path) -> None:
    """Three panels: calibration, error against sigma, and what the doubt is made of with more labels."""
    kinds = {of: one for (of, kind), one in _kinds(folder, "published").items() if kind == "random"}
    if not kinds:
        return
    colours = dict(zip(SETS, ("#0b6e99", "#c2571a", "#6aa84f", "#7b5fb2", "#8c6d31", "#c44e52"), strict=True))
    figure = Figure(figsize=(10.2, 3.6), layout="constrained")
    first, second, third = figure.subplots(1, 3)
    for of, one in kinds.items():
        first.plot(one.levels, one.before, "--", color=colours[of], linewidth=1)
        first.plot(one.levels, one.after, "o-", color=colours[of], markersize=3, label=SETS[of].title)
        second.plot(*one.bins(), "o-", color=colours[of], markersize=3)
    first.plot([0.4, 1], [0.4, 1], color=LIGHT.muted, linewidth=0.8, zorder=0)
    first.set(xlabel="nominal coverage", ylabel="found (dashed: before conformal)")
    first.legend(frameon=False, fontsize=7)
    most = max(second.get_xlim()[1], second.get_ylim()[1])
    second.plot([0, most], [0, most], color=LIGHT.muted, linewidth=0.8, zorder=0)
    second.set(xlabel="standard deviation told, tenths of the rows (% yield)", ylabel="RMSE of it (% yield)")
    _by_labels(third, folder, colours)
    for axes in (first, second, third):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=200)


def _by_labels(axes: Any, folder: Path, colours: dict[str, str]) -> None:
    sizes = {place: _sizes(one) for place, one in _kinds(folder, "curve").items()}
    for of in dict.fromkeys(of for of, _ in sizes):
        counts = [n for n in CURVE if (of, f"{n} labels") in sizes]
        for name, line in (("rmse", "o-"), ("aleatoric", "--"), ("epistemic", ":")):
            values = [sizes[of, f"{n} labels"][name] for n in counts]
            label = {"rmse": "RMSE", "aleatoric": "noise", "epistemic": "want of data"}[name]
            axes.plot(counts, values, line, color=colours[of], markersize=3, label=f"{SETS[of].title}: {label}")
    axes.set(xscale="log", xlabel="labels", ylabel="% yield")
    if sizes:
        axes.legend(frameon=False, fontsize=7)
