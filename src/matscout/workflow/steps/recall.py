"""Materials of an index that are similar to known ones, as candidates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from annotated_types import MinLen

from matscout.discover.generators.recall import Recall
from matscout.discover.index.store import Index
from matscout.errors import UsageError
from matscout.generate.base import Candidates
from matscout.workflow.candidate_settings import CandidateSettings, made_by
from matscout.workflow.index_search import RecallSettings
from matscout.workflow.kind import Input, StepWork
from matscout.workflow.search import Search


@dataclass(frozen=True, kw_only=True)
class RecallStep(RecallSettings, CandidateSettings):
    """Look up what is like something.

    Parameters
    ----------
    like
        What works: formulas, files, ids of the index.
    index
        Folder, or s3://BUCKET/NAME.
    built
        A step of this workflow that builds an index, in place of that.
    """

    like: Annotated[tuple[str, ...], MinLen(1)]
    index: str | None = None
    built: Annotated[str | None, Input("Index")] = None

    def __post_init__(self) -> None:
        if (self.index is None) == (self.built is None):
            raise UsageError("recall needs an index: a folder or address (index), or a step that builds one (built)")

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> Candidates:
        """The candidates, before any filter."""
        if inputs["built"] is None:
            return super().run(inputs, work)
        there = replace(self, index=str(inputs["built"].folder), built=None)
        return there.run({**inputs, "built": None}, work)

    def search(self, work: StepWork) -> Search:
        """Among what is found."""
        like = tuple(_named(one, work.folder) for one in self.like)
        place = _place(self.index, work.folder)
        return made_by(Recall(place, like, self.count, self.representations, self.where, self.diversity, self.exact))

    def moved(self, move: Callable[[Any], Any]) -> RecallStep:
        """The same, described from another folder."""
        return replace(self, index=move(self.index), like=move(self.like))

    def origin(self, folder: Path) -> object:
        """The state of the index, and files that are named."""
        named = [folder / one for one in self.like if (folder / one).is_file()]
        return [None if self.index is None else Index.open(_place(self.index, folder)).version, named]


def _place(index: str | None, folder: Path) -> str:
    assert index is not None, "else a step builds it"
    return index if "://" in index else str(folder / index)


def _named(text: str, folder: Path) -> str:
    return str(folder / text) if (folder / text).is_file() else text
