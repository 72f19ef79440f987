"""A fitted model from a folder that fit or scout has written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from matscout.errors import UsageError
from matscout.predict.artefact import load_models
from matscout.predict.model import Model
from matscout.workflow.kind import SourceFile, StepKind, StepWork


@dataclass(frozen=True, kw_only=True)
class LoadStep(StepKind):
    """Load a model.

    Parameters
    ----------
    folder
        Made by fit or scout.
    target
        What it predicts (else the only one).
    """

    folder: Annotated[Path, SourceFile()]
    target: str | None = None

    output: ClassVar[str] = "Model"
    predicts: ClassVar[bool] = True

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> Model:
        """The model.

        Raises
        ------
        UsageError
            If the folder holds no model of the target.
        """
        models = load_models(work.source(self.folder))
        target = next(iter(models)) if self.target is None and len(models) == 1 else self.target
        if target is None or target not in models:
            raise UsageError(f"{self.folder} has no model of {target!r}; it has models of {', '.join(models)}")
        return models[target]

    def summary(self, result: Model) -> str:
        """What it predicts."""
        return f"{result.name} of {result.target.label}"
