"""A model of one target, fitted to labelled rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar

from matscout.counting import counted
from matscout.data.dataset import Dataset
from matscout.predict.artefact import save_models
from matscout.predict.fitting import fit, make_model
from matscout.predict.model import Model
from matscout.workflow.kind import Input, StepKind, StepWork, moved_address, placed_address
from matscout.workflow.learning_settings import FittingSettings


@dataclass(frozen=True, kw_only=True)
class FitStep(FittingSettings, StepKind):
    """Fit a model.

    Parameters
    ----------
    labels
        Labelled rows.
    target
        Column to learn (else the only one).
    model
        Which model.
    """

    labels: Annotated[str, Input("Dataset")] = ""
    target: str | None = None
    model: str = "auto"

    output: ClassVar[str] = "Model"
    predicts: ClassVar[bool] = True

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> Model:
        """The model."""
        labels: Dataset = inputs["labels"]
        return fit(
            labels,
            labels.target(self.target).name,
            model=placed_address(self.model, work.folder),
            metric=self.metric,
            fast=self.fast,
            seed=self.seed,
            progress=work.progress,
        )

    def summary(self, result: Model) -> str:
        """What was learned, from how much."""
        return f"{result.name} of {result.target.label}, {counted(int(result.target.known.sum()), 'label')}"

    def write(self, result: Model, folder: Path) -> None:
        """Write the model as ``model``, a folder for predict."""
        save_models({result.target.name: result}, folder / "model")

    def moved(self, move: Callable[[Any], Any]) -> FitStep:
        """The same, described from another folder."""
        return replace(self, model=moved_address(self.model, move))

    def origin(self, folder: Path) -> object:
        """Weights that the model begins with."""
        return make_model(placed_address(self.model, folder)).origin
