"""Labelled rows of a file or folder: materials, targets, conditions and groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from matscout.counting import part_of
from matscout.data.csv_files import write_csv
from matscout.data.dataset import Dataset
from matscout.workflow.kind import SourceFile, StepKind, StepWork
from matscout.workflow.known_settings import KnownSettings
from matscout.workflow.labels import count_found


@dataclass(frozen=True, kw_only=True)
class ReadStep(KnownSettings, StepKind):
    """Read labelled rows.

    Parameters
    ----------
    file
        Table, or folder of structures.
    """

    file: Annotated[Path, SourceFile()]

    output: ClassVar[str] = "Dataset"

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> Dataset:
        """The rows that can be used; the others are among its problems."""
        return self.placed(work.folder).read_labels(work.source(self.file), work.progress)

    def summary(self, result: Dataset) -> str:
        """How many rows, and of what."""
        return f"{part_of(len(result), count_found(result), 'row')} of {result.provenance.source}"

    def write(self, result: Dataset, folder: Path) -> None:
        """Write the rows that are used as ``rows.csv``, as they stand in the file."""
        if result.table is not None:
            write_csv(result.table, folder / "rows.csv")
