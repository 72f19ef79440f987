"""Structures relaxed with a force field, with the energy of each and what makes it doubtful."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from matscout.counting import counted
from matscout.settings.fields import SettingInfo
from matscout.settings.sharing import taken_over
from matscout.simulate.choice import make_force_field, origin_of_field
from matscout.simulate.relax_settings import RelaxSettings
from matscout.simulate.relaxing_apart import PART
from matscout.workflow.collections import collection_of
from matscout.workflow.kind import SourceFile, StepKind, StepWork, WrittenFiles
from matscout.workflow.label_settings import MaterialSettings
from matscout.workflow.relaxing import TABLE, RelaxJob, refuse_too_few, relax_collection


@dataclass(frozen=True, kw_only=True)
class RelaxStep(MaterialSettings, RelaxSettings, StepKind):
    """Relax structures.

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

    def summary(self, result: WrittenFiles) -> str:
        """How many."""
        return result.words

    def origin(self, folder: Path) -> object:
        """All that the force field is."""
        return dict(origin_of_field(make_force_field(self.force_field)))
