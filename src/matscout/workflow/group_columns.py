"""Columns that tell which rows come from one paper or laboratory, so that a user can be told how to group by them."""

from __future__ import annotations

import re

from matscout.data.dataset import Dataset
from matscout.data.headings import split_heading

_NAMED = (
    frozenset({"doi", "dois"}),
    frozenset({"reference", "references", "ref", "refs", "paper", "papers", "publication", "article", "citation"}),
    frozenset({"study", "literature", "author", "authors", "laboratory", "lab"}),
    frozenset({"source", "sources", "series", "batch", "campaign"}),
)
"""Words in names of such columns, those that say most first."""


def group_column(dataset: Dataset) -> tuple[str, int] | None:
    """The column that may say which rows belong together, and how many different values it has; None if there is none.

    Its name tells (``reference``, ``paper DOI``), some rows share a value, and not all rows have the same.
    """
    if dataset.table is None or len(dataset) == 0:
        return None
    used = {*dataset.targets, *dataset.materials.context}
    columns = []
    for place, name in enumerate(dataset.table.columns):
        rank = _rank(name)
        values = dataset.table[name].drop_nulls()
        different = values.n_unique()
        repeats = 1 < different < len(values)
        if rank is not None and repeats and used.isdisjoint((name, split_heading(name).name)):
            columns.append((rank, place, name, different))
    return min(columns)[2:] if columns else None


def _rank(name: str) -> int | None:
    """Which words of :data:`_NAMED` the name of a column holds, 0 for those that say most; None for none."""
    words = set(re.findall(r"[a-z]+", name.lower()))
    return next((rank for rank, known in enumerate(_NAMED) if words & known), None)
