"""Labels prepared for fitting: described like the candidates, and without groups if there are too few."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from annotated_types import Gt, Lt

from matscout.counting import counted
from matscout.data.csv_files import write_csv
from matscout.data.dataset import Dataset
from matscout.workflow.kind import Input, StepKind, StepWork
from matscout.workflow.prepared import prepare


@dataclass(frozen=True)
class PrepareStep(StepKind):
    """Make labels and candidates fit each other.

    Parameters
    ----------
    labels
        Labelled rows.
    candidates
        What will be predicted: where it has no structures, those of the labels are left out.
    models
        Fitted models that will predict: labels and candidates must be described as theirs.
    targets
        What is learned (else all).
    level
        Coverage that intervals should have: groups that are too few for it are set aside.
    n_folds
        Folds of the evaluation.
    """

    labels: Annotated[str, Input("Dataset")] = ""
    candidates: Annotated[str | None, Input("Candidates")] = None
    models: Annotated[tuple[str, ...], Input("Model")] = ()
    targets: tuple[str, ...] = ()
    level: Annotated[float, Gt(0), Lt(1)] = 0.9
    n_folds: int = 5

    output: ClassVar[str] = "Dataset"
    information: ClassVar[str] = "Structures of labels are left out where candidates have none; rows stay."

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> Dataset:
        """The labels; what was left out is told in its remarks."""
        models = {model.target.name: model for model in inputs["models"]}
        return prepare(
            inputs["labels"], self.targets, inputs["candidates"], models, level=self.level, n_folds=self.n_folds
        )

    def summary(self, result: Dataset) -> str:
        """How many rows."""
        return counted(len(result), "row")

    def write(self, result: Dataset, folder: Path) -> None:
        """Write the rows that are used as ``rows.csv``, as they stand in the file."""
        if result.table is not None:
            write_csv(result.table, folder / "rows.csv")
