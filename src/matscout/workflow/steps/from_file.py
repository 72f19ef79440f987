"""Candidates from the user's file: a table of formulas or structures, or a folder of structures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from matscout.workflow.candidate_settings import CandidateSettings
from matscout.workflow.kind import SourceFile, StepWork
from matscout.workflow.referenced import referenced_files
from matscout.workflow.search import Search


@dataclass(frozen=True, kw_only=True)
class FromFileStep(CandidateSettings):
    """Read candidates.

    Parameters
    ----------
    file
        Table or folder.
    alloys
        What the numbers in names of alloys are.
    """

    file: Annotated[Path, SourceFile()]
    alloys: Literal["wt%", "at%"] | None = None

    def origin(self, folder: Path) -> object:
        """Files of structures that its cells name."""
        return list(referenced_files(folder / self.file))

    def search(self, work: StepWork) -> Search:
        """Among its rows."""
        return Search(candidates=work.source(self.file), alloys=self.alloys)
