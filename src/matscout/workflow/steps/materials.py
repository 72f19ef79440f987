"""Materials of a file or folder, with a column of labels if there is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from matscout.counting import part_of
from matscout.data.csv_files import write_csv
from matscout.data.dataset import Dataset
from matscout.workflow.kind import SourceFile, StepKind, StepWork
from matscout.workflow.label_settings import MaterialSettings
from matscout.workflow.labels import count_found
from matscout.workflow.mapping import read_to_map


@dataclass(frozen=True, kw_only=True)
class MaterialsStep(MaterialSettings, StepKind):
    """Read materials.

    Parameters
    ----------
    file
        Table, file or folder.
    column
        Column of labels (else the one that looks like it), or chemistry for none.
    """

    file: Annotated[Path, SourceFile()]
    column: str | None = None

    output: ClassVar[str] = "Dataset"

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> Dataset:
        """The materials that can be used."""
        return read_to_map(self.placed(work.folder), work.source(self.file), self.column, work.progress)

    def summary(self, result: Dataset) -> str:
        """How many rows, and of what."""
        return f"{part_of(len(result), count_found(result), 'row')} of {result.provenance.source}"

    def write(self, result: Dataset, folder: Path) -> None:
        """Write the rows that are used as ``rows.csv``, as they stand in the file."""
        if result.table is not None:
            write_csv(result.table, folder / "rows.csv")
