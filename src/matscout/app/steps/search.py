"""The materials of an index that are most similar to a material, or to each in a file, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar

from annotated_types import Ge

from matscout.app.index_tables import flat
from matscout.counting import counted
from matscout.data.csv_files import write_csv
from matscout.discover.index.named import queries_from
from matscout.discover.index.search import search_each
from matscout.discover.index.store import Index
from matscout.workflow.index_search import IndexSearchSettings
from matscout.workflow.kind import StepKind, StepWork, WrittenFiles


@dataclass(frozen=True, kw_only=True)
class SearchStep(IndexSearchSettings, StepKind):
    """Search an index.

    Parameters
    ----------
    index
        Folder, or s3://BUCKET/NAME.
    like
        What the hits should be like: a formula, a file, an id of the index, a text.
    version
        An older state of the index.
    """

    index: str
    like: str
    version: Annotated[int | None, Ge(1)] = None

    output: ClassVar[str] = "Table"

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> WrittenFiles:
        """The folder of ``hits.csv``."""
        index = Index.open(_placed(self.index, work.folder), self.version)
        sought = queries_from(index, _placed(self.like, work.folder))
        hits = search_each(index, sought.queries, self.options)
        folder = work.scratch / "hits"
        folder.mkdir()
        write_csv(flat(sought.queries, hits), folder / "hits.csv")
        return WrittenFiles(folder, "hits.csv", f"{counted(sum(map(len, hits)), 'hit')} like {self.like}")

    def summary(self, result: WrittenFiles) -> str:
        """How many, like what."""
        return result.words

    def moved(self, move: Any) -> SearchStep:
        """The same, described from another folder."""
        return replace(self, index=move(self.index), like=move(self.like))

    def origin(self, folder: Path) -> object:
        """The state of the index, and a file that is named."""
        index = Index.open(_placed(self.index, folder), self.version)
        place = folder / self.like
        return [index.version, place if place.is_file() else None]


def _placed(text: str, folder: Path) -> str:
    """A file or folder below the workflow, or what is none, as it is."""
    return str(folder / text) if "://" not in text and (folder / text).exists() else text
