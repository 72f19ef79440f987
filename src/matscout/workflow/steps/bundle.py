"""Models in one folder, for predict and scout --use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from matscout.predict.artefact import save_models
from matscout.workflow.kind import Input, StepKind, StepWork, WrittenFiles


@dataclass(frozen=True)
class BundleStep(StepKind):
    """Save models together.

    Parameters
    ----------
    models
        One of each target.
    """

    models: Annotated[tuple[str, ...], Input("Model")] = ("",)

    output: ClassVar[str] = "Models"

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> WrittenFiles:
        """The folder."""
        models = {model.target.name: model for model in inputs["models"]}
        folder = save_models(models, work.scratch / "models")
        return WrittenFiles(folder, "spec.json", f"models of {', '.join(models)}")

    def summary(self, result: WrittenFiles) -> str:
        """What is in it."""
        return result.words
