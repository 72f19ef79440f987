"""A map of the candidates: similar structures, or compositions, lie close together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.app.report import charts
from matscout.app.report.shades import Scheme, colour_schemes
from matscout.app.wording import number
from matscout.crystal.chemistry import most_electronegative
from matscout.data.compositions import Compositions
from matscout.data.defects.column_store import Defects
from matscout.data.kinds import KindName
from matscout.data.materials import Materials
from matscout.errors import InputError
from matscout.predict.measures import element_likeness
from matscout.represent.embedding import embed
from matscout.represent.projection import project, standardised
from matscout.workflow.results import Scouting

BEST, REST, LABELS = 500, 250, 400
"""Points at most: of the first ranks, drawn from the later ranks, drawn from the labels."""

NOTES = 8
"""Regions that are named."""

_BANDS = ((10, "top10"), (100, "top100"), (1000, "top1000"))


@dataclass(frozen=True, eq=False)
class CandidateMap:
    """The map with all ways to colour it.

    ``likeness`` says what of neighbours is alike.
    """

    chart: charts.Chart
    schemes: tuple[Scheme, ...]
    likeness: str


def candidate_map(scouting: Scouting) -> CandidateMap | None:
    """Ranked candidates and labels by their likeness; None if there are too few different ones for a picture."""
    ranks = scouting.ranking.shortlist.ranks
    rng = np.random.default_rng(scouting.plan.seed)
    best_last = _drawn_candidates(ranks, rng)
    labels = scouting.dataset.materials
    known = np.sort(rng.permutation(len(labels))[:LABELS])
    space = SPACES[labels.kind.name](labels[known], scouting.ranking.candidates.materials[best_last])
    try:
        places = project(space.vectors, "tsne", scouting.plan.seed).coordinates
    except InputError:
        return None
    schemes, shades = colour_schemes(scouting, known, best_last)
    kinds = ["label"] * len(known) + [_band(int(ranks[row])) for row in best_last]
    names = [f"{formula}: among the labels" for formula in labels.formulas[known]]
    names += [_named(scouting, int(row)) for row in best_last]
    x, y = (
        charts.horizontal(places[:, 0], bare=True).at(places[:, 0]),
        charts.vertical(places[:, 1], bare=True).at(places[:, 1]),
    )
    drawn = [(names[row], f"{kinds[row]} {shades[row]}".strip()) for row in space.rows]
    chart = charts.Chart(
        name="map",
        title="Map of the candidates",
        description=(
            f"{int((space.rows >= len(known)).sum())} ranked candidates and {int((space.rows < len(known)).sum())} "
            f"labelled {labels.kind.plural}; neighbours have similar {space.likeness}; the first ranks are drawn "
            "largest"
        ),
        x=None,
        y=None,
        dots=charts.dots(x, y, [name for name, _ in drawn], [kind for _, kind in drawn]),
        notes=_regions(space.compositions, x, y) if labels.kind.is_compound else (),
    )
    return CandidateMap(chart, schemes, space.likeness)


@dataclass(frozen=True, eq=False)
class _Space:
    """Vectors [n, d] of labels and candidates, their positions in the two lists joined, and what they describe."""

    vectors: NDArray[np.float64]
    rows: NDArray[np.int64]
    compositions: Compositions
    likeness: str


def _of_compositions(labels: Materials, candidates: Materials) -> _Space:
    compositions = Compositions.concatenate([labels.compositions, candidates.compositions])
    return _Space(coordinates(compositions), np.arange(len(compositions)), compositions, "compositions")


def _of_crystals(labels: Materials, candidates: Materials) -> _Space:
    """By structures where all have them, without those that have no vector."""
    if not (labels.has_structure.all() and candidates.has_structure.all()):
        return _of_compositions(labels, candidates)
    compositions = Compositions.concatenate([labels.compositions, candidates.compositions])
    parts = [embed(part, "structure-basic") for part in (labels, candidates)]
    rows = np.concatenate([parts[0].rows, parts[1].rows + len(labels)])
    vectors = standardised(np.concatenate([part.vectors for part in parts]))
    return _Space(vectors, rows, compositions[rows], "structures")


def _of_reactions(labels: Materials, candidates: Materials) -> _Space:
    compositions = Compositions.concatenate([labels.compositions, candidates.compositions])
    bits = np.concatenate([embed(part, labels.kind.representation).vectors for part in (labels, candidates)])
    length = np.maximum(np.linalg.norm(bits, axis=1, keepdims=True), 1.0)
    return _Space(bits / length, np.arange(len(bits)), compositions, "fingerprints")


def _of_defects(labels: Materials, candidates: Materials) -> _Space:
    """By kinds of defects and pairs, in the columns of both together."""
    compositions = Compositions.concatenate([labels.compositions, candidates.compositions])
    joined = Defects.joined([part.defects for part in (labels, candidates) if part.defects is not None])
    rows = Materials(np.arange(len(joined)).astype(np.str_), joined.texts(), compositions, defects=joined)
    vectors = standardised(embed(rows, labels.kind.representation).vectors)
    return _Space(vectors, np.arange(len(vectors)), compositions, "defects and distances")


SPACES: Mapping[KindName, Callable[[Materials, Materials], _Space]] = {
    "composition": _of_compositions,
    "crystal": _of_crystals,
    "reaction": _of_reactions,
    "defect": _of_defects,
}
"""Where labels of a kind, and candidates, lie."""


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


def coordinates(compositions: Compositions) -> NDArray[np.float64]:
    """Unit vectors whose products are the similarities of :mod:`matscout.predict.measures`, [n, 118]."""
    vectors = compositions.dense() @ _root(element_likeness())
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float64)


def _root(likeness: NDArray[np.float64]) -> NDArray[np.float64]:
    """The matrix R with R R^T = likeness, so that x R holds the coordinates whose cosine is the similarity."""
    values, vectors = np.linalg.eigh(likeness)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)), dtype=np.float64)


def _regions(compositions: Compositions, x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[charts.Dot, ...]:
    """The most frequent anions (most electronegative elements), each named where its compounds lie closest."""
    anions = most_electronegative(compositions)
    dots = []
    names, counts = np.unique(anions, return_counts=True)
    for name in names[np.argsort(-counts, kind="stable")][:NOTES]:
        rows = np.flatnonzero(anions == name)
        if len(rows) < 0.02 * len(anions):
            continue
        distances = np.hypot(x[rows, None] - x[rows], y[rows, None] - y[rows])
        centre = rows[np.median(distances, axis=1).argmin()]
        dots.append(charts.Dot(float(x[centre]), float(y[centre]), str(name), "note"))
    return tuple(dots)
