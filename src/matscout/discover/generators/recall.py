"""Materials of an index that are similar to known ones, as candidates to rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matscout.data.materials import Materials
from matscout.discover.index.conditions import quoted
from matscout.discover.index.fusion import reciprocal_rank_fusion
from matscout.discover.index.named import query_from
from matscout.discover.index.queries import Query
from matscout.discover.index.search import Hits, SearchOptions, search
from matscout.discover.index.store import Index
from matscout.discover.novelty import is_labelled
from matscout.errors import InputError, UsageError
from matscout.generate.base import Candidates, Generator, Wishes
from matscout.progress import Progress, silent
from matscout.remarks import Remark

NAMED = 5
"""Sought materials that a remark names."""


@dataclass(frozen=True)
class Recall(Generator):
    """Materials of an index that are similar to one or several, as candidates for :func:`matscout.scout`.

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

    usual_filters: ClassVar[tuple[str, ...]] = ("new",)
    repeats: ClassVar[bool] = True

    @property
    def words(self) -> str:
        """What the candidates are, in short."""
        return f"recalled (like {', '.join(self.sought)})"

    def check(self) -> None:
        """Open the index and understand what is sought, before any other work; errors as :meth:`candidates`."""
        index = Index.open(self.index)
        for one in self.sought:
            query_from(index, one)

    def sample(self, wishes: Wishes, n: int, seed: int = 0, progress: Progress = silent) -> Candidates:
        """The materials of :meth:`candidates`, whatever is wished: ``count`` says how many."""
        return self.candidates(progress)

    def candidates(self, progress: Progress = silent) -> Candidates:
        """Those materials, the most similar first.

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
        candidates = recall(index, queries, options)
        progress("recall", len(self.sought), len(self.sought))
        return candidates


@dataclass(frozen=True, eq=False)
class _Recalled:
    """What is like one of the sought materials."""

    name: str
    hits: Hits


@dataclass(frozen=True)
class _Reason:
    """Why a material is among the candidates: what it is like, and how much."""

    rank: int
    words: str


def recall(index: Index, queries: Sequence[Query], options: SearchOptions) -> Candidates:
    """The ``options.count`` materials that are most like what is sought, the most similar first, without itself.

    With several queries the ranks of each are joined (reciprocal rank fusion).

    Parameters
    ----------
    index
        Where to look.
    queries
        One or more. Materials of the same composition (and where both have structures, of the same structure, see
        :func:`matscout.discover.same_structures.has_same_structure`) are known, and no candidates.
    options
        How many, by which representations, under which condition.

    Returns
    -------
    Candidates
        Under their ids in the index, with structures where it has them; each origin says what it is like and in what.

    Raises
    ------
    UsageError
        If there is no query, one has no vector by a representation that is named, or the condition is no SQL.
    InputError
        If nothing fulfils the condition, or only what is sought.
    """
    if not queries:
        raise UsageError("name at least one material that the candidates should be similar to, such as PbTe")
    recalled, materials, sought = _beside_sought(index, queries, options)
    if not len(materials):
        raise InputError(f"nothing in {index.where} meets {options.where!r}: use a wider condition")
    if sought.all():
        raise InputError(
            f"{index.where} contains only the materials of --like: use a larger index, or name another material"
        )
    reasons, others = _reasons(recalled), materials[np.flatnonzero(~sought)[: options.count]]
    remarks = dict.fromkeys(remark for one in recalled for remark in one.hits.remarks)
    return Candidates(
        others,
        np.array([reasons[name].words for name in others.ids.tolist()], dtype=np.str_),
        (_summary(index, recalled, others.ids.tolist()), *_left_out(materials[np.flatnonzero(sought)]), *remarks),
    )


def _beside_sought(
    index: Index, queries: Sequence[Query], options: SearchOptions
) -> tuple[list[_Recalled], Materials, NDArray[np.bool_]]:
    """What each query finds, the materials in one order, and which of them are sought; the others are enough."""
    named, spare = _names(queries), len(queries)
    while True:
        wanted = replace(options, count=options.count + spare)
        recalled = [_Recalled(name, search(index, query, wanted)) for name, query in zip(named, queries, strict=True)]
        orders = [dict(one.hits.table.select("id", "rank").iter_rows()) for one in recalled]
        materials = _in_order(index, list(reciprocal_rank_fusion(orders))[: wanted.count])
        sought = _is_sought(materials, queries)
        if len(materials) < wanted.count or sought.sum() <= spare:
            return recalled, materials, sought
        spare = int(sought.sum())


def _in_order(index: Index, ids: Sequence[str]) -> Materials:
    """The materials with these ids."""
    if not ids:
        return Materials.from_formulas([])
    materials = index.materials(f"id IN ({', '.join(map(quoted, ids))})")
    place = {name: row for row, name in enumerate(materials.ids.tolist())}
    return materials[np.array([place[name] for name in ids])]


def _is_sought(materials: Materials, queries: Sequence[Query]) -> NDArray[np.bool_]:
    """True where a material is one of the queries, [n]."""
    sought = np.zeros(len(materials), dtype=np.bool_)
    for query in queries:
        if query.material is not None and len(materials):
            sought |= is_labelled(materials, query.material)
    return sought


def _left_out(sought: Materials) -> list[str]:
    """That the index has what is sought, a sentence."""
    if not len(sought):
        return []
    named = ", ".join(dict.fromkeys(sought.formulas[:NAMED].tolist()))
    more = f" and {len(sought) - NAMED} others" if len(sought) > NAMED else ""
    text = f"Left out, since the candidates should be similar to these, not equal: {named}{more}."
    return [Remark("what-is-sought-left-out", text)]


def _names(queries: Sequence[Query]) -> list[str]:
    """What each is called: a formula, or where that is shared, all that the user said."""
    short = [query.name for query in queries]
    return [name if short.count(name) == 1 else query.words for name, query in zip(short, queries, strict=True)]


def _reasons(recalled: Sequence[_Recalled]) -> dict[str, _Reason]:
    """Of each material, by the query that ranked it highest."""
    best: dict[str, _Reason] = {}
    for one in recalled:
        for row in one.hits.table.select("rank", "id", "similarity", "why").iter_rows(named=True):
            if row["id"] not in best or row["rank"] < best[row["id"]].rank:
                best[row["id"]] = _Reason(row["rank"], _words(one.name, row["similarity"], row["why"]))
    return best


def _words(sought: str, similarity: float | None, why: str | None) -> str:
    likeness = "" if similarity is None else f" ({similarity:.2f})"
    return f"like {sought}{likeness}" + (f": {why}" if why else "")


def _summary(index: Index, recalled: Sequence[_Recalled], ids: Sequence[str]) -> Remark:
    named = ", ".join(one.name for one in recalled[:NAMED])
    more = f" and {len(recalled) - NAMED} others" if len(recalled) > NAMED else ""
    own = pl.col("id").is_in(list(ids))
    similar = pl.concat([one.hits.table.filter(own)["similarity"] for one in recalled]).drop_nulls().to_list()
    representations = recalled[0].hits.representations
    nearness = f" Their cosine similarity is {max(similar):.2f} to {min(similar):.2f}." if len(similar) else ""
    text = (
        f"{len(ids):,} of the {len(index):,} materials of {index.where} were recalled as most similar to "
        f"{named}{more}, by {', '.join(representations)}.{nearness}"
    )
    return Remark("candidates-recalled", text)
