"""An index of materials, to be searched by similarity and by conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from matscout.counting import counted
from matscout.settings.fields import SettingInfo
from matscout.workflow.collections import collection_of
from matscout.workflow.embedding import EmbedOptions
from matscout.workflow.indexing import index_collection
from matscout.workflow.kind import SourceFile, StepKind, StepWork, WrittenFiles
from matscout.workflow.label_settings import MaterialSettings


@dataclass(frozen=True, kw_only=True)
class IndexStep(MaterialSettings, StepKind):
    """Build an index.

    Parameters
    ----------
    file
        File, folder or archive of materials.
    representations
        Representations (else networks that learned properties, one of formulas and, where there are structures, one of
        them).
    cell
        Cell to bring structures to.
    """

    file: Annotated[Path, SourceFile()]
    representations: Annotated[tuple[str, ...], SettingInfo(key="with")] = ()
    cell: Literal["as-given", "primitive", "conventional"] = "as-given"

    output: ClassVar[str] = "Index"
    predicts: ClassVar[bool] = True

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> WrittenFiles:
        """The folder of the index."""
        collection = collection_of(work.source(self.file), self.placed(work.folder), work.progress)
        place = work.scratch / "index"
        options = EmbedOptions(self.cell, None, cache=True)
        done = index_collection(collection, self.representations, str(place), options, work.progress)
        by = ", ".join(done.index.about.vectors)
        return WrittenFiles(place, "", f"index of {counted(len(done.index), 'material')} by {by}")

    def summary(self, result: WrittenFiles) -> str:
        """How many materials, by what."""
        return result.words
