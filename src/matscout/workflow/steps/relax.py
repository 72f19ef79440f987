"""Structures relaxed with a force field, with the energy of each and what makes it doubtful."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matscout.counting import counted
from matscout.settings.sharing import taken_over
from matscout.simulate.relax_settings import RelaxSettings
from matscout.simulate.relaxing_apart import PART
from matscout.workflow.collections import collection_of
from matscout.workflow.force_field_step import ForceFieldStep
from matscout.workflow.kind import StepWork, WrittenFiles
from matscout.workflow.relaxing import TABLE, RelaxJob, refuse_too_few, relax_collection


@dataclass(frozen=True, kw_only=True)
class RelaxStep(ForceFieldStep, RelaxSettings):
    """Relax structures."""

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> WrittenFiles:
        """The folder of ``relaxed.parquet`` and ``relaxed.extxyz``; a run that was stopped goes on where it was."""
        folder = work.scratch / "relaxed"
        folder.mkdir()
        collection = collection_of(work.source(self.file), self.placed(work.folder), work.progress, PART)
        job = RelaxJob(self.force_field, taken_over(RelaxSettings, self))
        unfinished = work.lasting("relaxing", dict(collection.origin), dict(job.settings))
        done = relax_collection(collection, job, folder, unfinished, progress=work.progress)
        refuse_too_few(done, self.max_bad, folder)
        words = f"{counted(done.relaxed, 'structure')} relaxed by {self.force_field}, {done.converged:,} converged"
        return WrittenFiles(folder, TABLE, words)
