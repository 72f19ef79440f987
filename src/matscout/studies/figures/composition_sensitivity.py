"""Effect of the settings of PolySRL on variances and on errors of a probe (PolySRL, figure 8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import polars
import torch
from annotated_types import Ge, MinLen

from matscout.data.compositions import Compositions
from matscout.errors import UsageError
from matscout.evaluation.log_axes import log_axes
from matscout.progress import Progress, silent
from matscout.represent.array_encoder import TOKENS_AT_ONCE
from matscout.represent.composition_arrays import length_buckets
from matscout.represent.composition_batches import CompositionBatch
from matscout.represent.pretrained.composition_network import CompositionNetwork
from matscout.studies.base import CheckedStatement, ContestantComparison, Verdict
from matscout.studies.boxes import COLOURS, INK
from matscout.studies.composition_tasks import CompositionTasks
from matscout.studies.described_tasks import METHODS, TASKS
from matscout.studies.probing import RANDOM, SHARED, ProbedTask, ProbingStudy

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLLAPSED = 1e-4
"""A component whose variance is below this has collapsed; the mean has norm 1."""
OF_NOISE = "beta"
"""The sweep of which the paper says what variances do."""
OF_SIZE = "compositions"
"""The sweep over how many compositions are learned from, ascending."""


class CompositionSensitivity(ProbingStudy):
    """Networks with one setting changed at a time; their variances over the formulas of the crystals, and probes.

    Parameters
    ----------
    data, folder, seeds, epochs
        See :class:`~matscout.studies.probing.ProbingStudy`.
    sweeps
        Name of a setting -> its values in order -> overrides of the experiment ``polysrl``.
    overrides
        Of all networks.
    networks
        How many of each, from seeds 0, 1, ...
    """

    def __init__(
        self,
        data: CompositionTasks,
        folder: Path,
        *,
        sweeps: Mapping[str, Annotated[Mapping[str, Sequence[str]], MinLen(1)]],
        overrides: Sequence[str],
        networks: Annotated[int, Ge(1)],
        seeds: Annotated[int, Ge(1)],
        epochs: Annotated[int, Ge(1)],
    ) -> None:
        self._n_networks = networks
        self._sweeps = {name: tuple(map(str, values)) for name, values in sweeps.items()}
        methods = {
            f"{name} {value}": {"experiment": "polysrl", "overrides": [*overrides, *changed], "seeds": networks}
            for name, values in sweeps.items()
            for value, changed in values.items()
        }
        super().__init__(
            data,
            folder,
            methods=methods,
            untrained=1,
            width=16,
            rivals=(),
            models=(),
            seeds=seeds,
            epochs=epochs,
        )

    def run(self, progress: Progress = silent) -> polars.DataFrame:
        """The MAE of every random fold of every task, with the mean variance and the collapsed share of the network."""
        predictions = self.predictions(progress)
        errors = (polars.col("predicted") - polars.col("truth")).abs().mean()
        by = ("contestant", "task", "seed", "fold")
        maes = predictions.filter(polars.col("predicted").is_finite()).group_by(by, maintain_order=True).agg(mae=errors)
        made = self.networks(progress)
        parts = []
        for sweep, values in self._sweeps.items():
            for value in values:
                variance, collapsed = np.mean([self._variances(one) for one in made[f"{sweep} {value}"]], axis=0)
                columns = {"sweep": sweep, "value": value, "variance": variance, "collapsed": collapsed}
                own = [polars.lit(one).alias(name) for name, one in columns.items()]
                parts.append(maes.filter(contestant=f"{sweep} {value}").drop("contestant").select(*own, polars.all()))
        return polars.concat(parts)

    def _cells(self, networks: Mapping[str, Sequence[CompositionNetwork]]) -> Iterator[ProbedTask]:
        """At random only, and of trained networks only."""
        trained = {name: ones for name, ones in networks.items() if name != METHODS[0]}
        return (cell for cell in super()._cells(trained) if cell.split == RANDOM)

    def _variances(self, network: CompositionNetwork) -> tuple[float, float]:
        """Mean variance of all components of all formulas of the crystals, and the share that has collapsed."""
        assert self.data.crystals is not None
        compositions = self.data.crystals.compositions
        first = np.unique(compositions.keys(), return_index=True)[1]
        known = network.encoder.listed.numpy()
        rows = [row for row in first if known[compositions[[row]].elements - 1].all()]
        return _spread(network, compositions[np.array(rows)])

    def figure(self, runs: polars.DataFrame) -> Figure:
        """Above errors, below variances; a column for each setting."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(3.6 * len(self._sweeps), 5.0), layout="constrained")
        grid = figure.subplots(2, len(self._sweeps), squeeze=False)
        for column, (sweep, values) in enumerate(self._sweeps.items()):
            _errors(grid[0, column], runs.filter(sweep=sweep), values)
            _collapse(grid[1, column], runs.filter(sweep=sweep), values)
            grid[1, column].set_xlabel(sweep, fontsize=9)
            for axes in grid[:, column]:
                axes.set_xticks(range(len(values)), values, fontsize=7)
                axes.tick_params(axis="y", which="both", labelsize=7)
                axes.spines["top"].set_visible(False)
            grid[0, column].spines["right"].set_visible(False)
        grid[0, 0].set_ylabel("MAE of the probe / mean", fontsize=8)
        grid[1, 0].set_ylabel("mean variance", fontsize=8, color=COLOURS[0])
        return figure

    def findings(self, runs: polars.DataFrame) -> tuple[CheckedStatement, ...]:
        """What the paper says of the weight of the KL term, and whether more compositions to learn from help."""
        of_size = self._of_size(runs) if OF_SIZE in self._sweeps else ()
        return (*of_size, *self._of_noise(runs)) if OF_NOISE in self._sweeps else of_size

    def _of_size(self, runs: polars.DataFrame) -> tuple[CheckedStatement, ...]:
        values = self._sweeps[OF_SIZE]
        comparisons = self._ends(runs.filter(sweep=OF_SIZE), values[-1], values[0])
        return (
            CheckedStatement.lower("(asked by us) more compositions to learn from make vectors better", comparisons),
        )

    def _of_noise(self, runs: polars.DataFrame) -> tuple[CheckedStatement, ...]:
        table = runs.filter(sweep=OF_NOISE)
        values = self._sweeps[OF_NOISE]
        first_rows = [table.filter(value=value).row(0, named=True) for value in values]
        costs = self._ends(table, values[0], values[-1])
        return (
            _monotone("the larger beta, the larger the mean variance", values, [one["variance"] for one in first_rows]),
            _monotone(
                "the larger beta, the fewer components collapse", values, [-one["collapsed"] for one in first_rows]
            ),
            CheckedStatement.lower("the largest beta costs accuracy", costs),
        )

    def _ends(self, table: polars.DataFrame, first: str, second: str) -> list[ContestantComparison]:
        """Errors with one value over those with another, in the same folds, for each task."""
        ordered = table.sort("task", "seed", "fold")
        comparisons = []
        for task in ordered["task"].unique(maintain_order=True):
            ours, theirs = (ordered.filter(task=task, value=one)["mae"].to_numpy() for one in (first, second))
            comparisons.append(ContestantComparison.between(f"{first} / {second}, {task}", ours, theirs, SHARED))
        return comparisons

    def tables(self, runs: polars.DataFrame) -> str:
        """Errors of each task, variances and collapsed shares."""
        tasks = runs["task"].unique(maintain_order=True).to_list()
        titles = [f"{TASKS[task].title} ({TASKS[task].unit})" for task in tasks]
        lines = [
            "Mean absolute error ± standard deviation over the folds of all seeds. Each value is of "
            f"{self._n_networks} network{'s' if self._n_networks > 1 else ''}, so a difference may be the chance of a "
            f"training. *Collapsed* are components of vectors whose variance is below {COLLAPSED:g}.",
            "",
            f"| setting | value | {' | '.join(titles)} | mean variance | collapsed |",
            "|" + " --- |" * (4 + len(tasks)),
        ]
        for _, part in runs.group_by("sweep", "value", maintain_order=True):
            maes = [part.filter(task=task)["mae"].to_numpy() for task in tasks]
            errors = " | ".join(f"{one.mean():.3f} ± {one.std(ddof=1):.3f}" for one in maes)
            first_row = part.row(0, named=True)
            spread = f"{first_row['variance']:.2g} | {100 * first_row['collapsed']:.0f} %"
            lines.append(f"| {first_row['sweep']} | {first_row['value']} | {errors} | {spread} |")
        return "\n".join(lines)


def _spread(network: CompositionNetwork, compositions: Compositions) -> tuple[float, float]:
    blocks = []
    with torch.inference_mode():
        for rows in length_buckets(compositions, TOKENS_AT_ONCE):
            vectors = network.encoder(CompositionBatch.from_compositions(compositions[rows]))
            if vectors.log_variance is None:
                raise UsageError("this sweep is of variances; leave encoders.composition.initial_log_variance a number")
            blocks.append(vectors.log_variance.exp().numpy())
    variances = np.concatenate(blocks)
    return float(variances.mean()), float((variances < COLLAPSED).mean())


def _errors(axes: Axes, runs: polars.DataFrame, values: Sequence[str]) -> None:
    for place, task in enumerate(runs["task"].unique(maintain_order=True).to_list()):
        own = runs.filter(task=task)
        means = np.array([own.filter(value=value)["mae"].mean() for value in values])
        axes.plot(range(len(values)), means / means.mean(), "o-", ms=3, lw=1, color=COLOURS[place % 6], label=task)
    axes.legend(fontsize=6, frameon=False)


def _collapse(axes: Axes, runs: polars.DataFrame, values: Sequence[str]) -> None:
    first_rows = [runs.filter(value=value).row(0, named=True) for value in values]
    axes.plot(range(len(values)), [one["variance"] for one in first_rows], "o-", ms=3, lw=1, color=COLOURS[0])
    log_axes(axes, "y")
    beside = axes.twinx()
    beside.plot(range(len(values)), [100 * one["collapsed"] for one in first_rows], "s--", ms=3, lw=1, color=COLOURS[1])
    beside.set_ylim(-5, 105)
    beside.set_ylabel(f"components below {COLLAPSED:g}, %", fontsize=8, color=COLOURS[1])
    beside.tick_params(labelsize=7, colors=INK)
    beside.spines["top"].set_visible(False)


def _monotone(statement: str, values: Sequence[str], means: Sequence[float]) -> CheckedStatement:
    """Reproduced if every step rises, not if the ends fall; means over all formulas, so nothing is drawn."""
    rising = bool((np.diff(means) > 0).all())
    verdict: Verdict = "reproduced" if rising else "not reproduced" if means[-1] < means[0] else "undecided"
    words = ", ".join(f"{value}: {abs(one):.3g}" for value, one in zip(values, means, strict=True))
    return CheckedStatement(statement, verdict, (words,))
