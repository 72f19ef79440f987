"""Molecular dynamics of structures with a force field: trajectories, diffusion, and what makes them doubtful."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from matscout.settings.fields import SettingInfo
from matscout.settings.sharing import taken_over
from matscout.simulate.choice import make_force_field, origin_of_field
from matscout.simulate.dynamics_settings import DynamicsSettings
from matscout.workflow.kind import SourceFile, StepKind, StepWork, WrittenFiles
from matscout.workflow.label_settings import MaterialSettings
from matscout.workflow.moving import TABLE, discard, move_dataset, refuse_no_runs


@dataclass(frozen=True, kw_only=True)
class DynamicsStep(MaterialSettings, DynamicsSettings, StepKind):
    """Move the atoms of structures.

    Parameters
    ----------
    file
        File, folder or archive of structures.
    force_field
        Which force field, or the address of a calculator.
    """

    file: Annotated[Path, SourceFile()]
    force_field: Annotated[str, SettingInfo(key="with")] = "chgnet"

    output: ClassVar[str] = "Table"
    predicts: ClassVar[bool] = True

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> WrittenFiles:
        """The folder of ``dynamics.parquet`` and ``trajectory.extxyz``; a run that was stopped goes on."""
        folder = work.scratch / "dynamics"
        folder.mkdir()
        dataset = self.placed(work.folder).read_materials(work.source(self.file), progress=work.progress)
        settings = taken_over(DynamicsSettings, self)
        unfinished = work.lasting("moving", self.file.name, self.force_field, settings) / "groups"
        done = move_dataset(dataset, self.force_field, settings, folder, unfinished, progress=work.progress)
        discard(unfinished)
        refuse_no_runs(done)
        return WrittenFiles(folder, TABLE, done.trajectory.in_a_line())

    def summary(self, result: WrittenFiles) -> str:
        """How many runs, and how many are resolved."""
        return result.words

    def origin(self, folder: Path) -> object:
        """All that the force field is."""
        return dict(origin_of_field(make_force_field(self.force_field)))
