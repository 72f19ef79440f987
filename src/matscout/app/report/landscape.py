"""A map of the candidates: similar compositions lie close together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.app.report import charts
from matscout.app.report.wording import number
from matscout.app.scouting import Scouting
from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.discover.chemistry import element_facts
from matscout.predict.domain import element_likeness

BEST, REST, LABELS = 500, 500, 400
"""Points at most: of the first ranks, drawn from the later ranks, drawn from the labels."""

NOTES = 8
"""Regions that are named."""

_BANDS = ((10, "top10"), (100, "top100"), (1000, "top1000"))


def candidate_map(scouting: Scouting) -> charts.Chart | None:
    """Ranked candidates and labels by the likeness of their compositions; None if there are too few for a picture."""
    ranks = scouting.ranking.shortlist.ranks
    rng = np.random.default_rng(scouting.plan.seed)
    best_last = _drawn_candidates(ranks, rng)
    labels = scouting.dataset.materials
    known = np.sort(rng.permutation(len(labels))[:LABELS])
    compositions = Compositions.concatenate(
        [labels.compositions[known], scouting.ranking.candidates.materials.compositions[best_last]]
    )
    if len(compositions) < 5:
        return None
    places = project(compositions, scouting.plan.seed)
    kinds = ["label"] * len(known) + [_band(int(ranks[row])) for row in best_last]
    names = [f"{formula}: among the labels" for formula in labels.formulas[known]]
    names += [_named(scouting, int(row)) for row in best_last]
    x, y = (
        charts.horizontal(places[:, 0], bare=True).at(places[:, 0]),
        charts.vertical(places[:, 1], bare=True).at(places[:, 1]),
    )
    return charts.Chart(
        name="map",
        title="Map of the candidates",
        description=(
            f"{len(best_last)} ranked candidates and {len(known)} labelled materials; neighbours have similar "
            "compositions; the first ranks are drawn largest"
        ),
        x=None,
        y=None,
        dots=charts.dots(x, y, names, kinds),
        notes=_regions(compositions, x, y),
    )


def _drawn_candidates(ranks: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Positions of the candidates to draw, the best last so that they lie on top."""
    ordered = np.argsort(ranks, kind="stable")[int((ranks == 0).sum()) :]
    later = rng.permutation(ordered[BEST:])[:REST]
    drawn = np.concatenate([ordered[:BEST], later])
    return drawn[np.argsort(-ranks[drawn], kind="stable")]


def _named(scouting: Scouting, row: int) -> str:
    ranking = scouting.ranking
    return f"{ranking.candidates.materials.formulas[row]}: rank {number(float(ranking.shortlist.ranks[row]), 6)}"


def _band(rank: int) -> str:
    return next((name for last, name in _BANDS if rank <= last), "later")


def project(compositions: Compositions, seed: int) -> NDArray[np.float64]:
    """A place in the plane for each of n compositions, by t-SNE of their coordinates, [n, 2]."""
    from sklearn.manifold import TSNE

    vectors = coordinates(compositions)
    perplexity = min(30.0, (len(vectors) - 1) / 3)
    embedding = TSNE(perplexity=perplexity, init="pca", random_state=seed, n_jobs=1, max_iter=500)
    return np.asarray(embedding.fit_transform(vectors.astype(np.float32)), dtype=np.float64)


def coordinates(compositions: Compositions) -> NDArray[np.float64]:
    """Unit vectors whose products are the similarities of :mod:`matscout.predict.domain`, [n, 118]."""
    vectors = compositions.dense() @ _root(element_likeness())
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float64)


def _root(likeness: NDArray[np.float64]) -> NDArray[np.float64]:
    """The matrix R with R R^T = likeness, so that x R holds the coordinates whose cosine is the similarity."""
    values, vectors = np.linalg.eigh(likeness)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)), dtype=np.float64)


def _regions(compositions: Compositions, x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[charts.Dot, ...]:
    """The most frequent anions (most electronegative elements), each named where its compounds lie closest."""
    anions = _anions(compositions)
    found = []
    names, counts = np.unique(anions, return_counts=True)
    for name in names[np.argsort(-counts, kind="stable")][:NOTES]:
        rows = np.flatnonzero(anions == name)
        if len(rows) < 0.02 * len(anions):
            continue
        distances = np.hypot(x[rows, None] - x[rows], y[rows, None] - y[rows])
        centre = rows[np.median(distances, axis=1).argmin()]
        found.append(charts.Dot(float(x[centre]), float(y[centre]), str(name), "note"))
    return tuple(found)


def _anions(compositions: Compositions) -> NDArray[np.str_]:
    """The most electronegative element of each composition, [n]."""
    scale = np.nan_to_num(element_facts().electronegativity)
    own = scale[compositions.elements.astype(np.int64) - 1]
    first = np.lexsort((-own, compositions.rows))[compositions.offsets[:-1]]
    return np.array([SYMBOLS[z - 1] for z in compositions.elements[first]], dtype=np.str_)
