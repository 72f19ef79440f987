"""What ``matscout recommend`` ranks: the materials of an index that are like what a user knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matscout.app.indexing import query_from
from matscout.data.dataset import Dataset
from matscout.discover.base import Candidates
from matscout.discover.index.search import SearchOptions
from matscout.discover.index.store import Index
from matscout.discover.recall import recall
from matscout.progress import Progress, silent


@dataclass(frozen=True)
class Recall:
    """Candidates for :func:`matscout.scout`: what is like one material or several.

    Parameters
    ----------
    index
        Folder, or ``"s3://BUCKET/NAME"``.
    like
        A formula, a file with one structure, the id of a material of the index, or a text; one or several.
    count
        How many materials.
    names, where, diversity, exact
        See :class:`~matscout.discover.index.search.SearchOptions`.
    """

    index: str | Path
    like: str | Sequence[str]
    count: int = 100
    names: Sequence[str] = ()
    where: str = ""
    diversity: float = 0.0
    exact: bool = False

    @property
    def sought(self) -> tuple[str, ...]:
        """What the candidates should be like, each once."""
        return tuple(dict.fromkeys([self.like] if isinstance(self.like, str) else self.like))

    @property
    def name(self) -> str:
        """What the candidates are, in short."""
        return f"recalled (like {', '.join(self.sought)})"

    def check(self) -> None:
        """Open the index and understand what is sought, before any other work; errors as :meth:`candidates`."""
        index = Index.open(self.index)
        for one in self.sought:
            query_from(index, one)

    def candidates(self, labels: Dataset | None = None, progress: Progress = silent) -> Candidates:
        """Those materials, the most similar first, whatever the labels are.

        Raises
        ------
        InputError, UsageError
            As ``matscout search`` says them, or if nothing fulfils the condition.
        """
        index = Index.open(self.index)
        queries = []
        for done, one in enumerate(self.sought):
            progress("recall", done, len(self.sought))
            queries.append(query_from(index, one))
        options = SearchOptions(self.count, tuple(self.names), self.where, self.diversity, self.exact)
        found = recall(index, queries, options)
        progress("recall", len(self.sought), len(self.sought))
        return found
