"""Molecular dynamics of structures with a force field: trajectories, diffusion, and what makes them doubtful."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matscout.settings.sharing import taken_over
from matscout.simulate.dynamics_settings import DynamicsSettings
from matscout.workflow.force_field_step import ForceFieldStep
from matscout.workflow.kind import StepWork, WrittenFiles
from matscout.workflow.moving import TABLE, discard, move_dataset, refuse_no_runs


@dataclass(frozen=True, kw_only=True)
class DynamicsStep(ForceFieldStep, DynamicsSettings):
    """Move the atoms of structures."""

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
