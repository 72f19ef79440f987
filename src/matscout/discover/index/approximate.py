"""Approximate search for large indexes, how much it finds of what an exact search does, and quick conditions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from matscout.discover.index.store import Index
from matscout.progress import Progress, silent

FROM = 100_000
"""Materials; fewer are all looked at within some tens of milliseconds."""

OUTSIDE = 0.1
"""Share of the materials that may have come after the graph."""
ASKED = 100
"""Materials whose neighbours are sought to measure it."""

COUNTS = (10, 100)


def make_approximate(index: Index, seed: int = 0, progress: Progress = silent) -> Mapping[str, Mapping[int, float]]:
    """Make the search of an index approximate, and measure and store its recall.

    A graph of neighbours in each of many cells (Yu. A. Malkov and D. A. Yashunin, doi:10.1109/TPAMI.2018.2889473), with
    vectors rounded to a byte for each component.

    Returns
    -------
    Representation -> how many neighbours are sought -> share of the true ones among those found, mean over 100
    materials of the index.
    """
    recalls = {}
    for done, name in enumerate(index.about.vectors):
        progress("approximate search", done, len(index.about.vectors))
        index.index_vectors(name)
        recalls[name] = recall(index, name, seed)
    index.index_facts()
    index.remember_recall(recalls)
    return recalls


def keep_approximate(index: Index, seed: int = 0, progress: Progress = silent) -> None:
    """After materials were added: make a large index approximate, or take in what came after its graph.

    A graph whose recall is not known is made anew: who made it was killed before all was done. Up to :data:`OUTSIDE`
    of the materials stay outside; these are compared one by one, so none is missed.
    """
    outside = [index.unindexed(name) for name in index.about.vectors]
    half_made = any(
        share is not None and not one.recall for share, one in zip(outside, index.about.vectors.values(), strict=True)
    )
    if half_made or (len(index) >= FROM and None in outside):
        make_approximate(index, seed, progress)
    elif any(share is not None and share > OUTSIDE for share in outside):
        progress("approximate search", 0, 1)
        index.take_in()
        index.remember_recall({name: recall(index, name, seed) for name in index.about.vectors})


def recall(index: Index, name: str, seed: int = 0) -> dict[int, float]:
    """How much of an exact search the approximate one finds, by one representation."""
    column = index.about.vectors[name].column
    ids = index.rows(f"{column} IS NOT NULL", ["id"])["id"]
    asked = ids.sample(min(ASKED, len(ids)), seed=seed).to_list()
    vectors = index.vectors(asked, name)
    shares: dict[int, list[float]] = {count: [] for count in COUNTS if count < len(ids)}
    for vector in vectors:
        for count, values in shares.items():
            true = index.nearest(name, vector, count, exact=True).table["id"]
            near: pl.Series = index.nearest(name, vector, count).table["id"]
            values.append(float(near.is_in(true.implode()).sum()) / len(true))
    return {count: float(np.mean(values)) for count, values in shares.items()}
