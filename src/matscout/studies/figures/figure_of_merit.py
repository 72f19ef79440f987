"""Thermoelectric figure of merit from three predicted properties, with its uncertainty (PolySRL, table 1, figure 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars
from numpy.typing import NDArray

from matscout.errors import UsageError
from matscout.progress import Progress, silent
from matscout.studies.base import CheckedStatement, ContestantComparison
from matscout.studies.boxes import COLOURS, INK
from matscout.studies.composition_tasks import CompositionTask
from matscout.studies.described_tasks import METHODS
from matscout.studies.probing import RANDOM, SHARED, ProbingStudy

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

PROPERTIES = ("seebeck", "sigma", "kappa")
"""Tasks whose names end with the temperature: ``seebeck-300``."""
KELVINS = (300, 600)
PUBLISHED: Mapping[int, tuple[float, ...]] = {
    300: (0.099, 0.121, 0.129, 0.093, 0.105, 0.070),
    600: (0.261, 0.211, 0.251, 0.328, 0.171, 0.168),
}
"""Kelvin -> MAE of ZT of :data:`~matscout.studies.composition_tasks.METHODS` in table 1 of the paper."""

DRAWS = 500
LEVEL = 0.9
SHOWN = ("MP-gap", "Infomax-3D", "PolySRL")
"""In figure 6 of the paper; here models stand beside them."""


class FigureOfMerit(ProbingStudy):
    r"""ZT :math:`= S^2 \sigma T / \kappa` of rows that no predicted property has seen.

    The uncertainty is drawn: each draw adds to the three predictions what they were wrong by, together, on one row of
    the other folds, and ZT is computed of that. Told are the median and the interval of 90 % of the draws.
    """

    def run(self, progress: Progress = silent) -> polars.DataFrame:
        """A row for each temperature (kelvin), split, contestant, seed and material."""
        there = {task.name: task for task in self.data.tasks}
        kelvins = [one for one in KELVINS if all(f"{name}-{one}" in there for name in PROPERTIES)]
        if not kelvins:
            raise UsageError(
                "ZT needs the tasks seebeck, sigma and kappa of one temperature, e.g. data.tasks="
                f"[seebeck-300,sigma-300,kappa-300]; got {', '.join(there)}"
            )
        predictions, by = self.predictions(progress), ("split", "contestant", "seed")
        parts = []
        for kelvin in kelvins:
            tasks = [there[f"{name}-{kelvin}"] for name in PROPERTIES]
            chosen = predictions.filter(polars.col("task").is_in([task.name for task in tasks]))
            for (split, contestant, seed), part in chosen.group_by(by, maintain_order=True):
                labels = {"kelvin": kelvin, "split": split, "contestant": contestant, "seed": seed}
                own = [polars.lit(value).alias(name) for name, value in labels.items()]
                parts.append(merits_of(tasks, part).select(*own, polars.all()))
        return polars.concat(parts)

    def figure(self, runs: polars.DataFrame) -> Figure:
        """Predicted against measured, a row of panels for each temperature; triangles are predictions far above."""
        from matplotlib.figure import Figure

        kelvins, names = runs["kelvin"].unique().sort().to_list(), self._shown(runs)
        figure = Figure(figsize=(2.9 * len(names), 2.9 * len(kelvins)), layout="constrained")
        grid = figure.subplots(len(kelvins), len(names), squeeze=False)
        for row, kelvin in enumerate(kelvins):
            for place, name in enumerate(names):
                chosen = runs.filter(kelvin=kelvin, split=RANDOM, contestant=name, seed=0)
                _scatter(grid[row, place], chosen)
                grid[row, place].set_title(f"{name}, {kelvin} K", fontsize=8.5, color=INK)
            grid[row, 0].set_ylabel("predicted ZT", fontsize=8)
        for axes in grid[-1]:
            axes.set_xlabel("measured ZT", fontsize=8)
        return figure

    def _shown(self, runs: polars.DataFrame) -> Sequence[str]:
        names = runs["contestant"].unique(maintain_order=True).to_list()
        chosen = [name for name in names if name in {*SHOWN, *self._models}]
        return chosen or names[:4]

    def findings(self, runs: polars.DataFrame) -> tuple[CheckedStatement, ...]:
        """What the paper says of the errors of ZT."""
        statements = []
        for statement, rivals in (
            ("ZT from PolySRL is closer to what was measured than ZT from baselines", METHODS[:-1]),
            ("ZT from vectors that know of structures is closer than from those that do not", ("untrained", "GraphCL")),
        ):
            first = "PolySRL" if rivals == METHODS[:-1] else "Infomax-3D"
            comparisons = [
                self._compare(runs, int(kelvin), first, name) for kelvin in self._kelvins(runs) for name in rivals
            ]
            there = [one for one in comparisons if one is not None]
            if there:
                statements.append(CheckedStatement.lower(statement, there))
        return tuple(statements)

    def _kelvins(self, runs: polars.DataFrame) -> Sequence[int]:
        return runs["kelvin"].unique().sort().to_list()

    def _compare(self, runs: polars.DataFrame, kelvin: int, first: str, second: str) -> ContestantComparison | None:
        """Errors in the same random folds; None if one of the two is not there."""
        error = (polars.col("predicted") - polars.col("truth")).abs().mean()
        chosen = runs.filter(kelvin=kelvin, split=RANDOM).group_by("contestant", "seed", "fold").agg(error=error)
        ordered = chosen.sort("seed", "fold")
        one, other = (ordered.filter(contestant=name)["error"].to_numpy() for name in (first, second))
        if not len(one) or not len(other):
            return None
        return ContestantComparison.between(f"{first} / {second}, ZT at {kelvin} K", one, other, SHARED)

    def tables(self, runs: polars.DataFrame) -> str:
        """Errors, published ones, how often intervals hold what was measured, and the median of their widths."""
        heads = "K | rows divided | vectors or model | n | MAE of ZT | of median | published | in 90 % interval | width"
        lines = [
            "ZT has no unit. The MAE is a mean ± standard deviation over seeds, *of median* that of the median of the "
            f"{DRAWS} draws; the interval holds 90 % of them, *width* is the median of its widths over all rows. Drawn "
            "are errors of rows in other folds, the same for every material: wide intervals where a few errors are "
            "large.",
            "",
            f"| {heads} |",
            "|" + " --- |" * 9,
        ]
        for (kelvin, split, name), part in runs.group_by("kelvin", "split", "contestant", maintain_order=True):
            published = dict(zip(METHODS, PUBLISHED[int(str(kelvin))], strict=True)).get(str(name), "")
            truth, lower, upper = (part[column].to_numpy() for column in ("truth", "lower", "upper"))
            inside = 100 * ((truth >= lower) & (truth <= upper)).mean()
            wrong = [(polars.col(column) - polars.col("truth")).abs().mean() for column in ("predicted", "median")]
            errors, of_median = (part.group_by("seed").agg(mae=one)["mae"].to_numpy() for one in wrong)
            spread = f" ± {errors.std(ddof=1):.3f}" if len(errors) > 1 else ""
            lines.append(
                f"| {kelvin} | {split} | {name} | {part['row'].n_unique()} | {errors.mean():.3f}{spread} | "
                f"{of_median.mean():.3f} | {published if split == RANDOM else ''} | {inside:.1f} % | "
                f"{np.median(upper - lower):.3f} |"
            )
        return "\n".join(lines)


def merits_of(tasks: Sequence[CompositionTask], predictions: polars.DataFrame) -> polars.DataFrame:
    """ZT of the rows of which all three properties are predicted: measured, predicted, median and interval.

    Parameters
    ----------
    tasks
        Seebeck coefficient, electrical and thermal conductivity of the same rows.
    predictions
        Of one contestant and seed, with the columns task, row, fold, truth and predicted.
    """
    parts = [predictions.filter(task=task.name).sort("row") for task in tasks]
    predicted = np.stack([part["predicted"].to_numpy() for part in parts], axis=1)
    truth = np.stack([part["truth"].to_numpy() for part in parts], axis=1)
    rows = np.flatnonzero(np.isfinite(predicted).all(axis=1))
    folds, kelvins = parts[0]["fold"].to_numpy(), tasks[0].materials.context["temperature"].astype(np.float64)
    wrong, rng = truth - predicted, np.random.default_rng(0)
    drawn = np.empty((len(rows), DRAWS))
    for place, row in enumerate(rows):
        others = rows[folds[rows] != folds[row]]
        chosen = wrong[rng.choice(others, DRAWS)]
        drawn[place] = _merit(tasks, predicted[row] + chosen, kelvins[row])
    lower, median, upper = np.quantile(drawn, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2], axis=1)
    return polars.DataFrame(
        {
            "fold": folds[rows],
            "row": rows,
            "truth": _merit(tasks, truth[rows], kelvins[rows]),
            "predicted": _merit(tasks, predicted[rows], kelvins[rows]),
            "median": median,
            "lower": lower,
            "upper": upper,
        }
    )


def _merit(tasks: Sequence[CompositionTask], scaled: Floats, kelvins: Floats) -> Floats:
    """ZT of scaled properties [..., 3]."""
    seebeck, sigma, kappa = (task.unscaled(scaled[..., place]) for place, task in enumerate(tasks))
    return np.asarray((1e-6 * seebeck) ** 2 * sigma * kelvins / kappa)


def _scatter(axes: Axes, chosen: polars.DataFrame) -> None:
    truth, median = chosen["truth"].to_numpy(), chosen["median"].to_numpy()
    sides = np.stack([median - chosen["lower"].to_numpy(), chosen["upper"].to_numpy() - median])
    top = 1.3 * float(truth.max())
    above = median > top
    axes.errorbar(truth, median, yerr=sides, fmt="none", ecolor=COLOURS[0], elinewidth=0.5, alpha=0.2)
    axes.plot(truth[~above], median[~above], "o", ms=2.2, color=COLOURS[0], alpha=0.8)
    axes.plot(truth[above], np.full(above.sum(), 0.985 * top), "^", ms=4, mfc="none", color=COLOURS[1], alpha=0.8)
    axes.plot([0, top], [0, top], lw=0.8, color=INK)
    axes.set_xlim(0, top)
    axes.set_ylim(0, top)
    axes.tick_params(labelsize=7)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
