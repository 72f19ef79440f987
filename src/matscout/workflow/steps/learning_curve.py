"""Scores at growing numbers of labels: shows what more labels are likely to bring."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, ClassVar

from annotated_types import Ge

from matscout.data.dataset import Dataset
from matscout.data.files import write_text_whole
from matscout.errors import InputError, UsageError
from matscout.evaluation.base import Evaluation
from matscout.evaluation.export import to_json
from matscout.evaluation.plan import EvaluationPlan
from matscout.predict.fitting import make_model
from matscout.progress import WorkPart
from matscout.store import Store
from matscout.workflow.findings import learning_comparison, measure_learning
from matscout.workflow.kind import Input, StepKind, StepWork, moved_address, placed_address
from matscout.workflow.learning_settings import MetricName


@dataclass(frozen=True)
class LearningCurveStep(StepKind):
    """Measure a learning curve, with fast fits.

    Parameters
    ----------
    labels
        Labelled rows.
    target
        Column to learn (else the only one).
    draws
        How often the labels of each size are drawn.
    model, metric, seed
        As for fit.
    """

    labels: Annotated[str, Input("Dataset")] = ""
    target: str | None = None
    draws: Annotated[int, Ge(1)] = 3
    model: str = "auto"
    metric: MetricName = "mae"
    seed: Annotated[int, Ge(0)] = 0

    output: ClassVar[str] = "LearningCurve"
    predicts: ClassVar[bool] = True
    divides: ClassVar[bool] = True

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> Evaluation | None:
        """The scores; None if the labels are too few to be divided so."""
        labels: Dataset = inputs["labels"]
        name, plan = labels.target(self.target).name, self.plan(work.folder)
        return measure_learning(labels, name, plan, store=work.store, progress=work.progress)

    def plan(self, folder: Path) -> EvaluationPlan:
        """What is fitted; weights that the model names lie in the folder."""
        model = placed_address(self.model, folder)
        return EvaluationPlan(model=model, metric=self.metric, seed=self.seed, repeats=self.draws)

    def parts(self, inputs: Mapping[str, Any], work: StepWork) -> list[WorkPart]:
        """Every fit."""
        labels: Dataset = inputs["labels"]
        comparison = learning_comparison(labels, labels.target(self.target).name, self.plan(work.folder))
        parts = [] if comparison is None or work.store is None else comparison.grid.parts(Store(work.store))
        return [replace(part, make=partial(_attempt, part)) for part in parts]

    def summary(self, result: Evaluation | None) -> str:
        """How it was measured."""
        if result is None:
            return "too few labels to divide"
        sizes = sorted({fold.n_train for fold in result.folds})
        return f"errors after {', '.join(map(str, sizes))} labels"

    def write(self, result: Evaluation | None, folder: Path) -> None:
        """Write ``learning-curve.json``; nothing if there is none."""
        if result is not None:
            text = json.dumps(to_json(result), indent=1, allow_nan=False, ensure_ascii=False)
            write_text_whole(folder / "learning-curve.json", f"{text}\n")

    def moved(self, move: Callable[[Any], Any]) -> LearningCurveStep:
        """The same, described from another folder."""
        return replace(self, model=moved_address(self.model, move))

    def origin(self, folder: Path) -> object:
        """Weights that the model begins with."""
        return make_model(placed_address(self.model, folder)).origin


def _attempt(part: WorkPart) -> None:
    """Make a part; where labels are too few for it there is no curve, which ends no run."""
    with suppress(UsageError, InputError):
        part.make()
