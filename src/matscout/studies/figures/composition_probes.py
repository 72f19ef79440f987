"""Probes on frozen composition vectors of several networks, with published errors (PolySRL, tables 1, 3, 5)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

import polars

from matscout.progress import Progress, silent
from matscout.studies.base import CheckedStatement, ContestantComparison
from matscout.studies.boxes import COLOURS, INK
from matscout.studies.composition_tasks import CompositionTask
from matscout.studies.described_tasks import METHODS, WITHOUT_SAMPLING
from matscout.studies.probing import BY_PAPER, RANDOM, SHARED, ProbingStudy

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TREES = "extratrees-magpie"


class CompositionProbes(ProbingStudy):
    """Errors of probes and models; see :class:`~matscout.studies.probing.ProbingStudy`."""

    def run(self, progress: Progress = silent) -> polars.DataFrame:
        """The MAE of every fold."""
        known = self.predictions(progress).filter(polars.col("predicted").is_finite())
        errors = (polars.col("predicted") - polars.col("truth")).abs()
        by = ("task", "split", "contestant", "seed", "fold")
        return known.group_by(by, maintain_order=True).agg(mae=errors.mean(), tested=polars.len())

    def figure(self, runs: polars.DataFrame) -> Figure:
        """A column for each task, a row for each way to divide; mean and standard deviation over seeds and folds."""
        from matplotlib.figure import Figure

        splits = runs["split"].unique(maintain_order=True).to_list()
        names = runs["contestant"].unique(maintain_order=True).to_list()
        size = (1.75 * len(self.data.tasks) + 2.0, (0.21 * len(names) + 0.8) * len(splits) + 0.3)
        figure = Figure(figsize=size, layout="constrained")
        grid = figure.subplots(len(splits), len(self.data.tasks), squeeze=False, sharey=True)
        for split, row in zip(splits, grid, strict=True):
            for axes, task in zip(row, self.data.tasks, strict=True):
                published = self._published(task) if split == RANDOM else {}
                _panel(axes, task, runs.filter(task=task.name, split=split), names, published)
            row[0].set_yticks([-place for place in range(len(names))], names, fontsize=7)
            row[0].set_ylim(0.5 - len(names), 0.5)
        grid[0, 0].plot([], [], "o", ms=3.5, color=COLOURS[0], label="mean and standard deviation over seeds and folds")
        grid[0, 0].plot([], [], "o", ms=5.5, mfc="none", mec=INK, label="published")
        figure.legend(loc="outside lower center", ncols=2, fontsize=8, frameon=False)
        return figure

    def tables(self, runs: polars.DataFrame) -> str:
        """Mean and standard deviation over seeds and folds, rows tested in each seed, and what was published."""
        lines = ["| task | rows divided | vectors or model | n | MAE | sd | published |", "|" + " --- |" * 7]
        for (name, split, contestant), rows in runs.group_by("task", "split", "contestant", maintain_order=True):
            task = next(one for one in self.data.tasks if one.name == name)
            errors = rows["mae"].to_numpy()
            published = self._published(task).get(str(contestant)) if split == RANDOM else None
            spread = f"{errors.std(ddof=1):.3f}" if len(errors) > 1 else ""
            lines.append(
                f"| {task.described.title} ({task.described.unit}) | {split} | {contestant} | "
                f"{rows['tested'].sum() // self._seeds} | {errors.mean():.3f} | {spread} | {published or ''} |"
            )
        return "\n".join([*lines, "", *_over_tasks(runs), "", *self._known_formulas()])

    def _known_formulas(self) -> list[str]:
        """Of which share of the rows the formula was learned from before, whatever was learned of it."""
        lines = [f"| formulas seen before | {' | '.join(task.name for task in self.data.tasks)} |"]
        lines.append("|" + " --- |" * (1 + len(self.data.tasks)))
        for name, maker in self.pretrained().items():
            shares = [f"{100 * maker.seen(task.materials).mean():.0f} %" for task in self.data.tasks]
            lines.append(f"| {name} | {' | '.join(shares)} |")
        return lines

    def findings(self, runs: polars.DataFrame) -> tuple[CheckedStatement, ...]:
        """The paper's on frozen vectors, as far as the methods are there."""
        claims = (
            (
                "vectors that know of structures beat those that do not",
                [
                    (knowing, blind)
                    for knowing in ("Infomax-3D", "PolySRL")
                    for blind in (METHODS[0], "GraphCL", "MP-gap", "MP-energy")
                ],
            ),
            ("knowing of polymorphs beats 3D Infomax", [("PolySRL", "Infomax-3D")]),
            ("sampling helps", [("PolySRL", WITHOUT_SAMPLING)]),
        )
        there = {*runs["contestant"].to_list()}
        statements = []
        for statement, pairs in claims:
            chosen = [pair for pair in pairs if {*pair} <= there]
            if chosen:
                compared = [self._compare(runs, task, pair, RANDOM) for task in self.data.tasks for pair in chosen]
                statements.append(CheckedStatement.lower(statement, compared))
        return (*statements, *self._findings_of_ours(runs))

    def _findings_of_ours(self, runs: polars.DataFrame) -> Iterator[CheckedStatement]:
        """Of ``auto``, with what is borrowed and without, for rows divided at random and by paper."""
        there = {*runs["contestant"].to_list()}
        claims = (
            ("auto errs less with the vectors of PolySRL", ("auto-strict-with=polysrl-strict", "auto-strict")),
            ("auto errs less with the donor", ("auto-strict", "auto-without-donor")),
            ("auto errs less than extra trees", ("auto-strict", TREES)),
        )
        for statement, pair in claims:
            for split in (RANDOM, BY_PAPER):
                tasks = [task for task in self.data.tasks if split == RANDOM or task.papers is not None]
                if {*pair} <= there and tasks:
                    compared = [self._compare(runs, task, pair, split) for task in tasks]
                    yield CheckedStatement.lower(f"{statement}, rows divided {_words(split)}", compared)

    def _published(self, task: CompositionTask) -> dict[str, float]:
        """Contestant -> MAE in the paper."""
        return dict(zip((*METHODS, WITHOUT_SAMPLING), task.described.published, strict=False))

    def _compare(
        self, runs: polars.DataFrame, task: CompositionTask, pair: tuple[str, str], split: str
    ) -> ContestantComparison:
        """Errors of two contestants in the same folds."""
        first, second = (
            runs.filter(task=task.name, split=split, contestant=name).sort("seed", "fold")["mae"].to_numpy()
            for name in pair
        )
        return ContestantComparison.between(f"{' / '.join(pair)}, {task.described.title}", first, second, SHARED)


def _over_tasks(runs: polars.DataFrame) -> list[str]:
    """Geometric means over the tasks of each error relative to that of trees, of contestants that did them all."""
    means = runs.group_by("task", "split", "contestant", maintain_order=True).agg(polars.col("mae").mean())
    names = means["contestant"].unique(maintain_order=True).to_list()
    reference = TREES if TREES in names else names[0]
    splits = means["split"].unique(maintain_order=True).to_list()
    lines = [f"| error relative to {reference}, geometric mean | {' | '.join(map(_words, splits))} |"]
    lines.append("|" + " --- |" * (1 + len(splits)))
    for name in names:
        ratios = [_ratio(means.filter(split=split), name, reference) for split in splits]
        lines.append(f"| {name} | {' | '.join(ratios)} |")
    return lines


def _ratio(means: polars.DataFrame, name: str, reference: str) -> str:
    """Geometric mean over the tasks of one contestant's mean error over another's; "" if one lacks a task."""
    first, second = (means.filter(contestant=one).sort("task") for one in (name, reference))
    if first["task"].to_list() != second["task"].to_list() or first.is_empty():
        return ""
    return f"{math.exp((first['mae'] / second['mae']).log().mean()):.3f}"  # type: ignore[arg-type]


def _words(split: str) -> str:
    return "at random" if split == RANDOM else split


def _panel(
    axes: Axes, task: CompositionTask, runs: polars.DataFrame, names: Sequence[str], published: Mapping[str, float]
) -> None:
    """Errors of one task and one way to divide its rows."""
    for place, name in enumerate(names):
        errors = runs.filter(contestant=name)["mae"].to_numpy()
        if len(errors):
            spread = errors.std(ddof=1) if len(errors) > 1 else 0.0
            axes.errorbar(errors.mean(), -place, xerr=spread, fmt="o", ms=3.5, lw=1, color=COLOURS[0])
        if name in published:
            axes.plot(published[name], -place, "o", ms=5.5, mfc="none", mec=INK, mew=0.8)
    axes.tick_params(labelsize=7, left=False)
    axes.spines[["top", "right"]].set_visible(False)
    if runs.is_empty():  # It cannot be divided so; in the first column the names stay.
        axes.spines[:].set_visible(False)
        axes.xaxis.set_visible(False)
        return
    axes.set_title("\n".join([*wrap(task.described.title, 21), _words(runs["split"][0])]), fontsize=7.5, color=INK)
    axes.set_xlabel(f"MAE ({task.described.unit})" if task.described.unit else "MAE", fontsize=7.5)
    axes.grid(axis="both", color="#9aa4ae", alpha=0.25, lw=0.6)
