"""Vectors of a collection of any size, as a Parquet file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from matscout.counting import counted
from matscout.represent.embedding import make_representation
from matscout.settings.fields import SettingInfo
from matscout.workflow.collections import collection_of
from matscout.workflow.embedding import EmbedOptions, embed_collection, refuse_too_many, write_problems
from matscout.workflow.kind import SourceFile, StepKind, StepWork, WrittenFiles, placed_address
from matscout.workflow.label_settings import MaterialSettings


@dataclass(frozen=True, kw_only=True)
class EmbedStep(MaterialSettings, StepKind):
    """Turn a collection into vectors.

    Parameters
    ----------
    file
        File, folder or archive of materials.
    representation
        Which representation.
    cell
        Cell to bring structures to.
    cache
        Use and keep vectors of equal structures from run to run.
    """

    file: Annotated[Path, SourceFile()]
    representation: Annotated[str, SettingInfo(key="with")]
    cell: Literal["as-given", "primitive", "conventional"] = "as-given"
    cache: bool = True

    output: ClassVar[str] = "Table"
    predicts: ClassVar[bool] = True

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> WrittenFiles:
        """The folder of ``vectors.parquet`` and of ``vectors.problems.csv``, where there are any."""
        folder = work.scratch / "vectors"
        folder.mkdir()
        name = placed_address(self.representation, work.folder)
        collection = collection_of(work.source(self.file), self.placed(work.folder), work.progress)
        options = EmbedOptions(self.cell, None, self.cache)
        written = embed_collection(collection, name, folder / "vectors.parquet", options, work.progress)
        write_problems(written.problems, written.path)
        refuse_too_many(written, self.max_bad)
        return WrittenFiles(folder, "vectors.parquet", f"{counted(written.rows, 'vector')} by {self.representation}")

    def summary(self, result: WrittenFiles) -> str:
        """How many."""
        return result.words

    def origin(self, folder: Path) -> object:
        """Weights and tables of the representation."""
        return make_representation(placed_address(self.representation, folder)).origin
