"""Predictions with intervals for a file or formulas, added to the columns of the input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar

from annotated_types import Gt, Lt

from matscout.errors import UsageError
from matscout.settings.fields import SettingInfo
from matscout.workflow.kind import Input, SourceFile, StepKind, StepWork, WrittenFiles
from matscout.workflow.label_settings import MaterialSettings
from matscout.workflow.predicting import PredictionTable, predict_inputs


@dataclass(frozen=True)
class PredictStep(MaterialSettings, StepKind):
    """Predict.

    Parameters
    ----------
    bundle
        Models of this workflow, in one folder.
    model
        Folder made by fit or scout, in place of that.
    file
        Table or folder of materials.
    formulas
        Formulas, in place of a file.
    conditions
        Context column -> value for all rows.
    level
        Coverage that the intervals should have.
    """

    max_bad: float = 1.0
    bundle: Annotated[str | None, Input("Models")] = None
    model: Annotated[Path | None, SourceFile()] = None
    file: Annotated[Path | None, SourceFile()] = None
    formulas: tuple[str, ...] = ()
    conditions: Annotated[Mapping[str, str | float], SettingInfo(key="set")] = field(default_factory=dict)
    level: Annotated[float, Gt(0), Lt(1)] = 0.9

    output: ClassVar[str] = "Table"
    predicts: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if (self.bundle is None) == (self.model is None):
            raise UsageError("predict needs models: name either a bundle of this workflow or a folder (model)")
        if (self.file is None) == (not self.formulas):
            raise UsageError("predict needs either a file or formulas")

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> PredictionTable:
        """The table."""
        bundle: WrittenFiles | None = inputs["bundle"]
        folder = work.source(self.model) if bundle is None and self.model is not None else _folder(bundle)
        sources = [str(work.source(self.file))] if self.file is not None else list(self.formulas)
        fixed = {name: str(value) for name, value in self.conditions.items()}
        return predict_inputs(folder, sources, self.placed(work.folder), fixed, self.level, progress=work.progress)

    def summary(self, result: PredictionTable) -> str:
        """How many rows were predicted."""
        return result.counts

    def write(self, result: PredictionTable, folder: Path) -> None:
        """Write ``predictions.csv``."""
        result.write(folder / "predictions.csv")


def _folder(bundle: WrittenFiles | None) -> Path:
    assert bundle is not None, "either is there"
    return bundle.folder
