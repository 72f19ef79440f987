"""By which route an oxide is made, from its composition: a question of its own, beside whether one like it was made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import polars

from matscout.data.dataset import Dataset
from matscout.evaluation.base import Evaluation
from matscout.evaluation.evaluating import planned_comparison
from matscout.evaluation.plan import EvaluationPlan
from matscout.predict.features import Features
from matscout.predict.likeness_learner import LikenessExamples
from matscout.predict.likeness_learners.element_popularity import ElementPopularity
from matscout.predict.recall_curves import area
from matscout.progress import Progress, silent
from matscout.represent.embeddings import Embeddings
from matscout.store import Store
from matscout.studies.base import CheckedStatement, ContestantComparison, Study, StudyData
from matscout.studies.boxes import COLOURS
from matscout.studies.route_tables import ATMOSPHERE, ROUTE, TEMPERATURE, Floats, RouteTable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CONSTANT, HULL, ELEMENTS = "dummy", "energy above the hull", "log-odds of the elements"
FOLDS = 5
LEAST = 1e-3
"""Smallest 1 - area that is told apart from 0."""
SHARED = 1 / FOLDS
"""Share of the rows that a fold tests, by which the t test is corrected."""


class SynthesisRoutes(Study):
    """Solid-state reaction or not, temperature and atmosphere by ordinary models, beside trivial rivals.

    Parameters
    ----------
    table
        The oxides.
    folder
        Where finished parts are kept.
    models
        What learns from compositions; the first is compared with the rivals.
    fast
        Fit in a quarter of the time.
    """

    reads: ClassVar[Callable[..., StudyData]] = RouteTable.read

    def __init__(self, table: RouteTable, folder: Path, models: Sequence[str] = ("auto",), fast: bool = True) -> None:
        self.table, self.folder, self.models, self.fast = table, folder, tuple(models), fast

    def run(self, progress: Progress = silent) -> polars.DataFrame:
        """A row for each target, contestant and fold (whole chemical systems): 1 - area of classes, or MAE in K."""
        rows = [row for name in self.table.values for row in self._of_target(name, progress)]
        return polars.DataFrame(rows, schema=["target", "contestant", "fold", "error", "tested"], orient="row")

    def _of_target(self, name: str, progress: Progress) -> Iterator[tuple[str, str, int, float, int]]:
        dataset = self.table.dataset(name)
        plan = EvaluationPlan(
            protocol="group",
            n_folds=FOLDS,
            model=self.models[0],
            others=self.models[1:],
            fast=self.fast,
            baselines=(CONSTANT,),
        )
        planned = planned_comparison(dataset, name, plan)
        evaluation = planned.evaluation(Store(self.folder / "parts"), progress)
        places = {one: place for place, one in enumerate(dict.fromkeys(fold.split for fold in evaluation.folds))}
        for fold in evaluation.folds:
            error = fold.scores["mae"] if name == TEMPERATURE else _error(fold.scores["roc_auc"])
            yield name, fold.model, places[fold.split], error, fold.n_test
        if name != TEMPERATURE:
            yield from self._rivals(name, dataset, evaluation, places)

    def _rivals(
        self, name: str, dataset: Dataset, evaluation: Evaluation, places: dict[str, int]
    ) -> Iterator[tuple[str, str, int, float, int]]:
        """1 - area of minus the energy above the hull, and of the log-odds of the elements, in the same folds."""
        tested = evaluation.out_of_fold[evaluation.model]
        yes, above = dataset.target(name).values == 1.0, self.table.above_of(name)
        fractions = Features(("element-fraction",)).fit_transform(Embeddings(dataset.materials)).vectors
        for split, place in places.items():
            test = tested.rows[tested.splits == split]
            train = np.setdiff1d(np.arange(len(yes)), test)
            odds = ElementPopularity().fit(LikenessExamples(fractions[train], yes[train])).score(fractions[test])
            for rival, scores in ((HULL, -above[test]), (ELEMENTS, odds)):
                yield name, rival, place, _error(_area(scores, yes[test])), len(test)

    def figure(self, runs: polars.DataFrame) -> Figure:
        """A panel for each target: mean and standard deviation over folds."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(9.0, 2.6), layout="constrained")
        for axes, name in zip(figure.subplots(1, len(self.table.values)), self.table.values, strict=True):
            own = runs.filter(target=name).group_by("contestant", maintain_order=True)
            means = own.agg(polars.col("error").mean(), sd=polars.col("error").std())
            heights = np.arange(len(means))[::-1]
            axes.errorbar(means["error"], heights, xerr=means["sd"].fill_null(0.0), fmt="o", ms=4, color=COLOURS[0])
            axes.set_yticks(heights, means["contestant"].to_list(), fontsize=7)
            axes.set_title(name, fontsize=8)
            axes.set_xlabel("MAE (K)" if name == TEMPERATURE else "1 - area", fontsize=8)
        return figure

    def tables(self, runs: polars.DataFrame) -> str:
        """Mean and standard deviation over folds."""
        lines = ["| target | contestant | score | mean | sd | rows tested |", "|---|---|---|--:|--:|--:|"]
        for (name, contestant), rows in runs.group_by("target", "contestant", maintain_order=True):
            errors = rows["error"].to_numpy()
            shown = errors if name == TEMPERATURE else 1.0 - errors
            score, digits = ("MAE (K)", 0) if name == TEMPERATURE else ("area", 3)
            spread = f"{shown.std(ddof=1):.{digits}f}" if len(shown) > 1 else ""
            tested = rows["tested"].sum()
            lines.append(f"| {name} | {contestant} | {score} | {shown.mean():.{digits}f} | {spread} | {tested:,} |")
        return "\n".join(lines)

    def findings(self, runs: polars.DataFrame) -> tuple[CheckedStatement, ...]:
        """What composition says of the route, and that the energy above the hull does not."""
        model = self.models[0]
        claims = (
            ("composition says more of the route than the energy above the hull", ROUTE, HULL),
            ("composition says more of the route than the log-odds of the elements", ROUTE, ELEMENTS),
            ("composition says more of the atmosphere than the log-odds of the elements", ATMOSPHERE, ELEMENTS),
            ("composition says more of the temperature than a constant", TEMPERATURE, CONSTANT),
        )
        return tuple(
            CheckedStatement.lower(statement, [self._compare(runs, name, model, rival)])
            for statement, name, rival in claims
        )

    @staticmethod
    def _compare(runs: polars.DataFrame, name: str, model: str, rival: str) -> ContestantComparison:
        first, second = (
            runs.filter(target=name, contestant=one).sort("fold")["error"].to_numpy() for one in (model, rival)
        )
        return ContestantComparison.between(f"{model} / {rival}, {name}", first, second, SHARED)


def _error(reached: float) -> float:
    """1 - area, and a little where that is 0, since errors are compared by their ratio."""
    return max(1.0 - reached, LEAST)


def _area(scores: Floats, yes: np.ndarray) -> float:
    there = np.isfinite(scores)
    return area(scores[there & yes], scores[there & ~yes])
