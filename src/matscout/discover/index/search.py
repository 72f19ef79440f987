"""Similar materials of an index: by one representation or several, all alike or as different as can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from matscout.counting import counted
from matscout.discover.index.facts import facts, materials_of
from matscout.discover.index.fusion import ROUNDING, maximal_marginal_relevance, reciprocal_rank_fusion, tied_ranks
from matscout.discover.index.likeness import reasons
from matscout.discover.index.queries import Query
from matscout.discover.index.store import Found, Index
from matscout.errors import UsageError
from matscout.remarks import Remark
from matscout.represent.addresses import with_whole_path
from matscout.shown import ShownTable, named_few

POOL = 10
"""Times as many materials are looked at where several orders are joined, or different ones are chosen."""

AT_ONCE = 100
"""Queries in one search."""

LARGEST_POOL = 2_000
"""Materials among which different ones are chosen: their likenesses are a square table."""


@dataclass(frozen=True, eq=False, repr=False)
class Hits(ShownTable):
    """What a search found.

    Parameters
    ----------
    table
        polars frame, the best first: rank, id, formula, similarity (cosine, by the first representation that has a
        vector; 1 is equal), with several representations score (reciprocal rank fusion) and the rank by each (null
        where it is not among those looked at), why (what it has in common with what was sought), facts and properties.
    sought
        What was sought, in words.
    representations
        Those that were asked.
    remarks
        What a reader should know, a sentence each.
    """

    table: pl.DataFrame
    sought: str
    representations: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.table)

    def in_a_line(self) -> str:
        """How many, like what, and the first."""
        return f"{counted(len(self), 'material')} like {self.sought}: {named_few(self.table['formula'].to_list())}"

    def to_frame(self) -> pl.DataFrame:
        """The same as ``table``."""
        return self.table


@dataclass(frozen=True)
class SearchOptions:
    """How to search.

    Parameters
    ----------
    count
        How many materials are wanted.
    names
        Representations to ask; () for all that have a vector for what is sought.
    where
        SQL condition that every hit must fulfil; "" for none.
    diversity
        0 takes the most similar ones; above it, up to 1, those that differ from each other (maximal marginal
        relevance).
    exact
        Look at all vectors, also where there is a quicker approximate way.

    Raises
    ------
    UsageError
        If no material is wanted, or the diversity is beyond its limits.
    """

    count: int = 20
    names: tuple[str, ...] = ()
    where: str = ""
    diversity: float = 0.0
    exact: bool = False

    def __post_init__(self) -> None:
        if self.count < 1:
            raise UsageError(f"{self.count} materials were requested; request at least one")
        if not 0 <= self.diversity <= 1:
            raise UsageError(f"the diversity is {self.diversity}; it lies between 0 and 1")


def search(index: Index, query: Query, options: SearchOptions | None = None) -> Hits:
    """The materials of an index that are most like a query; errors as :func:`search_each`."""
    return search_each(index, [query], options)[0]


def search_each(index: Index, queries: Sequence[Query], options: SearchOptions | None = None) -> list[Hits]:
    """For each query the materials of an index that are most like it; many at once take less time than one by one.

    Raises
    ------
    UsageError
        If a query has no vector by a representation that is named, or the condition is no SQL.
    """
    how = options or SearchOptions()
    hits: dict[int, Hits] = {}
    for names, rows in _by_names(queries, how).items():
        for start in range(0, len(rows), AT_ONCE):
            chosen = rows[start : start + AT_ONCE]
            near = _nearest(index, [queries[row] for row in chosen], names, how)
            for row, one in zip(chosen, near, strict=True):
                hits[row] = _hits(index, queries[row], one, how)
    return [hits[row] for row in range(len(queries))]


def _by_names(queries: Sequence[Query], how: SearchOptions) -> dict[tuple[str, ...], list[int]]:
    """Representations to ask -> the queries that ask these."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for row, query in enumerate(queries):
        names = tuple(_called_here(name, query) for name in how.names) or tuple(query.vectors)
        if missing := [name for name in names if name not in query.vectors]:
            raise UsageError(
                f"{query.words} has no vector by {missing[0]!r} in this index, only by {', '.join(query.vectors)}"
            )
        groups.setdefault(names, []).append(row)
    return groups


def _called_here(name: str, query: Query) -> str:
    """What an index calls a representation: one that was built before has old names."""
    wanted = with_whole_path(name)
    return next((known for known in query.vectors if with_whole_path(known) == wanted), wanted)


def _nearest(
    index: Index, queries: Sequence[Query], names: tuple[str, ...], how: SearchOptions
) -> list[dict[str, Found]]:
    """For each query what each representation finds, more than is wanted where orders are joined."""
    pool = how.count * (POOL if len(names) > 1 or how.diversity else 1)
    if how.diversity:
        pool = min(pool, max(LARGEST_POOL, how.count))
    of_queries: list[dict[str, Found]] = [{} for _ in queries]
    for name in names:
        vectors = np.stack([query.vectors[name] for query in queries])
        near = index.nearest_of_each(name, vectors, pool, how.where, exact=how.exact)
        for one, nearest in zip(of_queries, near, strict=True):
            one[name] = nearest
    return of_queries


def _hits(index: Index, query: Query, nearest: Mapping[str, Found], how: SearchOptions) -> Hits:
    """The best, with reasons."""
    names, known = tuple(nearest), _similarities(index, query, nearest)
    table = _joined(nearest, known)
    if how.diversity:
        table = _different(index, table, known, how)
    table = table.head(how.count).with_row_index("rank", offset=1)
    return Hits(_with_reasons(table, query), query.words, names, _remarks(index, names, how))


Similarities = Mapping[str, Mapping[str, float]]
"""Representation -> id -> cosine similarity to what is sought, of all that any representation found and has."""


def _similarities(index: Index, query: Query, nearest: Mapping[str, Found]) -> Similarities:
    cosines_by_name: dict[str, dict[str, float]] = {}
    for name, one in nearest.items():
        known = dict(zip(one.table["id"].to_list(), one.similarities.tolist(), strict=True))
        others = {id_: None for other in nearest.values() for id_ in other.table["id"].to_list() if id_ not in known}
        vectors = index.vectors(list(others), name).astype(np.float64)
        sought = query.vectors[name].astype(np.float64)
        length = np.linalg.norm(vectors, axis=1) * np.linalg.norm(sought)
        cosines = (vectors @ sought) / np.where(length > 0, length, np.nan)
        pairs = zip(others, cosines.tolist(), strict=True)
        cosines_by_name[name] = known | {id_: cosine for id_, cosine in pairs if np.isfinite(cosine)}
    return cosines_by_name


def _joined(nearest: Mapping[str, Found], known: Similarities) -> pl.DataFrame:
    """One order of all that was found, the best first."""
    (first, *others) = nearest.values()
    if not others:
        return first.table.with_columns(pl.Series("similarity", first.similarities))
    ranks = {name: _ranks(nearest[name], known[name]) for name in nearest}
    scores = reciprocal_rank_fusion(list(ranks.values()))
    ids = list(scores)
    table = pl.DataFrame([pl.Series("id", ids, pl.String()), pl.Series("score", list(scores.values()))])
    for name, own in ranks.items():
        table = table.with_columns(pl.Series(f"rank by {name}", [own.get(one) for one in ids], pl.UInt32()))
    similar = [known[next(iter(nearest))].get(one) for one in ids]
    materials = pl.concat([one.table for one in nearest.values()]).unique("id", keep="first", maintain_order=True)
    table = table.with_columns(pl.Series("similarity", similar, pl.Float64()))
    return table.join(materials, on="id", how="left", maintain_order="left")


def _ranks(nearest: Found, known: Mapping[str, float]) -> dict[str, int]:
    """Rank by one representation of what it found, and of what others found that is as similar as the last of it."""
    similarities = nearest.similarities[np.isfinite(nearest.similarities)]
    lowest = similarities.min(initial=np.inf) - ROUNDING
    near = {name: value for name, value in known.items() if value >= lowest}
    return dict(zip(near, tied_ranks(np.array(list(near.values()))).tolist(), strict=True))


def _different(index: Index, table: pl.DataFrame, known: Similarities, how: SearchOptions) -> pl.DataFrame:
    """Those of the pool that are similar to what is sought and differ from each other.

    Both are cosines, so on one scale; of several representations their mean, 0 where one has no vector.
    """
    ids = table["id"].to_list()
    relevance = np.mean([[own.get(one, 0.0) for one in ids] for own in known.values()], axis=0)
    vectors = [np.nan_to_num(index.vectors(ids, name).astype(np.float64)) for name in known]
    likeness = np.mean([one @ one.T for one in vectors], axis=0)
    chosen = maximal_marginal_relevance(relevance, likeness, how.count, how.diversity)
    picked: pl.DataFrame = table[chosen.tolist()]
    return picked


def _with_reasons(table: pl.DataFrame, query: Query) -> pl.DataFrame:
    scores = [name for name in table.columns if name == "score" or name.startswith("rank by ")]
    leading = ["rank", "id", "formula", "similarity", *scores]
    rest = [name for name in table.columns if name not in {*leading, "composition"}]
    why = pl.Series("why", _reasons(table, query), dtype=pl.String())
    return table.with_columns(why).select(*leading, "why", *rest)


def _reasons(table: pl.DataFrame, query: Query) -> Sequence[str | None]:
    """What each hit has in common with a material that is sought; nothing is known of a text."""
    if query.material is None:
        return [None] * len(table)
    prototypes = table["prototype"].to_list() if "prototype" in table.columns else [None] * len(table)
    label = None if query.material.structures is None else facts(query.material)["prototype"][0]
    return reasons(query.material, materials_of(table), label, prototypes)


def _remarks(index: Index, names: Sequence[str], how: SearchOptions) -> tuple[str, ...]:
    """How good an approximate search is."""
    remarks: list[str] = []
    for name in names:
        recall: Mapping[int, float] = index.about.vectors[name].recall
        if recall and not how.exact:
            shares = ", ".join(f"{share:.1%} of the nearest {count}" for count, share in recall.items())
            text = (
                f"recall of the approximate search by {name}, measured when the index was built: {shares} (--exact "
                "finds all)"
            )
            remarks.append(Remark("search-is-approximate", text))
    return tuple(remarks)
