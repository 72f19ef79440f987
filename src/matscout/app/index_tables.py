"""Indexes and hits as tables on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from matscout.discover.index.facts import OF_COMPOSITION, OF_STRUCTURE
from matscout.discover.index.queries import Query
from matscout.discover.index.search import Hits
from matscout.discover.index.store import Index

Rows = list[tuple[str, ...]]

SHOWN = 3
"""Properties that are shown beside a hit; all of them are written by ``-o``."""

WORDS = {"string": "text", "list<item: string>": "texts", "int32": "whole number", "double": "number"}

SHORT = ("space_group_symbol",)
"""Facts that are shown beside a hit."""

BEST = 5
"""Hits that are shown of each of several queries; all are written by ``-o``."""

SOUGHT = "sought"
"""Column of the id of what a hit is like."""


def vector_rows(index: Index) -> Rows:
    """Representation, components, how it is searched."""
    rows: Rows = []
    for name, one in index.about.vectors.items():
        shares = ", ".join(f"{share:.1%} of the nearest {count}" for count, share in one.recall.items())
        plainly = (
            "exact" if index.unindexed(name) is None else ("approximate, not measured (matscout index add measures it)")
        )
        rows.append((name, str(len(one.standard.mean)), f"approximate: {shares}" if shares else plainly))
    return rows


def column_rows(index: Index) -> Rows:
    """Column, kind, how many materials it is known of, what it was called in the source."""
    facts = {**OF_COMPOSITION, **OF_STRUCTURE}
    labels = {name: one.label for name, one in index.about.properties.items()}
    return [
        (
            name,
            WORDS.get(kind, kind),
            f"{index.count(f'{name} IS NOT NULL'):,}",
            labels.get(name, "fact" if name in facts else ""),
        )
        for name, kind in index.kinds.items()
    ]


def version_rows(index: Index) -> Rows:
    """Number, when it was written, materials."""
    return [(str(one.number), f"{one.written:%Y-%m-%d %H:%M:%S}", f"{one.materials:,}") for one in index.versions]


def hit_rows(hits: Hits) -> tuple[tuple[str, ...], Rows]:
    """Headings and rows: name, likeness and why, a fact and the first properties."""
    facts = {*OF_COMPOSITION, *OF_STRUCTURE, "rank", "score", "similarity", "why"}
    others = [name for name in hits.table.columns if name not in facts and not name.startswith("rank by ")]
    columns = ["rank", "formula", "id", "similarity", *(name for name in SHORT if name in hits.table.columns)]
    chosen = [*columns, *others[:SHOWN], "why"]
    return tuple(chosen), [tuple(map(_text, row)) for row in hits.table.select(chosen).iter_rows()]


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def rows_of_each(queries: Sequence[Query], found: Sequence[Hits]) -> tuple[tuple[str, ...], Rows]:
    """Headings and rows: of each query the most similar materials, with the similarity."""
    rows: Rows = []
    for query, hits in zip(queries, found, strict=True):
        best = hits.table.head(BEST).select("formula", "id", "similarity").iter_rows()
        similar = [f"{formula} ({name}, {_text(similarity)})" for formula, name, similarity in best]
        rows.append((query.called, query.name, ", ".join(similar)))
    return ("sought", "formula", "the most similar (id, similarity)"), rows


def flat(queries: Sequence[Query], found: Sequence[Hits]) -> pl.DataFrame:
    """The tables of hits without lists, for CSV: elements with spaces between them; of several queries, which."""
    tables = [hits.table.with_columns(pl.col("elements").list.join(" ")) for hits in found]
    if len(queries) > 1:
        tables = [
            table.select(pl.lit(query.called).alias(SOUGHT), pl.all())
            for query, table in zip(queries, tables, strict=True)
        ]
    return pl.concat(tables, how="diagonal_relaxed")
