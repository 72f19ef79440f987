"""Scores on unseen rows, compared with baselines; with groups, for random and for grouped folds."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar

from annotated_types import Ge, Gt, Lt, MinLen

from matscout.data.dataset import Dataset
from matscout.data.files import write_text_whole
from matscout.evaluation.plan import EvaluationPlan
from matscout.predict.fitting import make_model
from matscout.progress import WorkPart
from matscout.settings.fields import SettingInfo
from matscout.store import Store
from matscout.workflow.kind import Input, StepKind, StepWork, moved_address, placed_address
from matscout.workflow.learning_settings import FittingSettings
from matscout.workflow.side_by_side import SideBySide, comparisons, measure, scores_as_json
from matscout.workflow.summary import quality_sentence

Positive = Annotated[int, Ge(1)]


@dataclass(frozen=True, kw_only=True)
class EvaluateStep(FittingSettings, StepKind):
    """Measure how good a model is.

    Parameters
    ----------
    labels
        Labelled rows.
    target
        Column to learn (else the only one).
    model
        Which model; of several the first is tested against the others.
    protocol
        How rows are divided.
    folds, time
        Column with given folds, or that orders the rows in time.
    n_folds, repeats
        Number of folds, and how often they are drawn.
    counts
        Label counts of the protocol masked.
    level
        Coverage that the intervals should have.
    thrifty
        Of more than 1,000 labels run only as many folds as test 500 rows.
    """

    labels: Annotated[str, Input("Dataset")] = ""
    target: str | None = None
    model: Annotated[tuple[str, ...], MinLen(1)] = ("auto",)
    protocol: str = "kfold"
    folds: str | None = None
    time: str | None = None
    n_folds: Annotated[int, Ge(2)] = 5
    repeats: Positive = 1
    counts: Annotated[tuple[Positive, ...], SettingInfo(commas=True)] = ()
    level: Annotated[float, Gt(0), Lt(1)] = 0.9
    thrifty: bool = False

    output: ClassVar[str] = "Evaluation"
    predicts: ClassVar[bool] = True
    divides: ClassVar[bool] = True

    def plan(self, folder: Path) -> EvaluationPlan:
        """What is measured; weights that models name lie in the folder."""
        first, *others = (placed_address(name, folder) for name in self.model)
        return EvaluationPlan(
            self.protocol,
            self.folds,
            self.time,
            self.n_folds,
            self.repeats,
            self.counts,
            self.level,
            first,
            tuple(others),
            self.metric,
            self.fast,
            self.seed,
            self.thrifty,
        )

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> SideBySide:
        """The scores."""
        labels: Dataset = inputs["labels"]
        name = labels.target(self.target).name
        return measure(labels, name, self.plan(work.folder), store=work.store, progress=work.progress)

    def parts(self, inputs: Mapping[str, Any], work: StepWork) -> list[WorkPart]:
        """Every fit."""
        labels: Dataset = inputs["labels"]
        planned = comparisons(labels, labels.target(self.target).name, self.plan(work.folder))
        return [] if work.store is None else [part for one in planned for part in one.grid.parts(Store(work.store))]

    def summary(self, result: SideBySide) -> str:
        """The error of the model beside the best baseline."""
        return quality_sentence(result.asked)

    def write(self, result: SideBySide, folder: Path) -> None:
        """Write ``scores.json``."""
        scores = scores_as_json({result.asked.target.name: result})
        write_text_whole(
            folder / "scores.json", json.dumps(scores, indent=1, allow_nan=False, ensure_ascii=False) + "\n"
        )

    def moved(self, move: Callable[[Any], Any]) -> EvaluateStep:
        """The same, described from another folder."""
        return replace(self, model=tuple(moved_address(one, move) for one in self.model))

    def origin(self, folder: Path) -> object:
        """Weights that the models begin with."""
        return [make_model(placed_address(name, folder)).origin for name in self.model]
