"""A page on a model of known and unlabelled rows: how well it ranks, what is trivial, what changes without energies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from markupsafe import Markup

from matscout.app.rendering import render_template
from matscout.app.report.figures import draw
from matscout.app.wording import percent
from matscout.data.dataset import Dataset
from matscout.data.files import write_text_whole
from matscout.evaluation.base import Evaluation
from matscout.evaluation.evaluating import HULL_BASELINE, WITHOUT_HULL
from matscout.evaluation.known_scores import known_curve
from matscout.evaluation.recall_plot import recall_plot
from matscout.predict.known_likeness import KnownLikeness
from matscout.predict.labels import units_of
from matscout.predict.recall_curves import CALLED, SHARES, recall_name

FIRST = 10
"""Unlabelled rows that are listed with the known material nearest to each."""

WORDS = {
    "known-likeness": "the model",
    "known-likeness:learner=element-popularity": "popularity of the elements alone",
    "known-likeness:learner=known-systems": "known formulas with the same elements alone",
    HULL_BASELINE: "energy above the hull alone",
    WITHOUT_HULL: "the model without the energy above the hull",
}


@dataclass(frozen=True)
class LikenessLine:
    """A model in the table of scores."""

    name: str
    area: str
    recalls: tuple[str, ...]


@dataclass(frozen=True)
class NearestLine:
    """An unlabelled row that stands high, and the known material nearest to it."""

    place: str
    id: str
    formula: str
    nearest: str
    distance: str


def write_likeness_page(evaluation: Evaluation, dataset: Dataset, path: Path) -> Path:
    """Write the page about an evaluation of known and unlabelled rows, whole or not at all.

    Parameters
    ----------
    evaluation
        Of a positive-unlabelled target of ``dataset``.
    dataset
        The rows.
    path
        The file to write.
    """
    target = evaluation.target
    known, unlabelled = (int((target.values == one).sum()) for one in (1.0, 0.0))
    parts = {
        "title": f"{target.name}: {known:,} known and {unlabelled:,} unlabelled rows",
        "known": known,
        "unlabelled": unlabelled,
        "protocol": evaluation.protocol,
        "picture": _picture(evaluation, dataset),
        "shares": tuple(f"{share:.0%}" for share in SHARES),
        "lines": tuple(_line(evaluation, name) for name in evaluation.scores),
        "hull": _hull_sentence(evaluation),
        "nearest": _nearest(evaluation, dataset),
        "assumption": evaluation.out_of_fold[evaluation.model].predictions.assumption,
    }
    return write_text_whole(path, render_template("likeness.html.jinja", parts))


def in_words(name: str) -> str:
    """What a model is, for people."""
    return WORDS.get(name, name)


def _picture(evaluation: Evaluation, dataset: Dataset) -> Markup:
    units = units_of(dataset)
    curves = {
        in_words(name): known_curve(evaluation, name, units if name == evaluation.model else None)
        for name in evaluation.scores
    }
    recall = evaluation.scores[evaluation.model][recall_name(CALLED)]
    words = f"{percent(recall)} of the known rows stand above {percent(1 - CALLED)} of the unlabelled ones."
    return draw(lambda palette: recall_plot(curves, palette), "recall", "Recall of known rows", words)


def _line(evaluation: Evaluation, name: str) -> LikenessLine:
    scores = evaluation.scores[name]

    def shown(key: str) -> str:
        ends = f" ({scores[f'{key}_low']:.2f} to {scores[f'{key}_high']:.2f})" if f"{key}_low" in scores else ""
        return f"{scores[key]:.3f}{ends}"

    return LikenessLine(in_words(name), shown("area"), tuple(shown(recall_name(share)) for share in SHARES))


def _hull_sentence(evaluation: Evaluation) -> str:
    """What changes when the energy above the hull is left out; "" where there is none."""
    if not {HULL_BASELINE, WITHOUT_HULL} <= set(evaluation.scores):
        return ""
    with_hull, alone, without = (
        evaluation.scores[name][recall_name(CALLED)] for name in (evaluation.model, HULL_BASELINE, WITHOUT_HULL)
    )
    return (
        f"Above nine tenths of the unlabelled rows stand {percent(with_hull)} of the known rows by the model, "
        f"{percent(without)} by the model without the energy above the hull, and {percent(alone)} by that energy alone."
    )


def _nearest(evaluation: Evaluation, dataset: Dataset) -> Sequence[NearestLine]:
    """The unlabelled rows that stand highest, by fits that had not seen them."""
    out_of_fold = evaluation.out_of_fold[evaluation.model]
    likeness = out_of_fold.predictions
    assert isinstance(likeness, KnownLikeness)
    _, first = np.unique(out_of_fold.rows, return_index=True)
    others = first[evaluation.target.values[out_of_fold.rows[first]] == 0.0]
    order = others[np.argsort(-likeness.percentile_unlabelled[others], kind="stable")][:FIRST]
    materials = dataset.materials
    return tuple(
        NearestLine(
            percent(likeness.percentile_unlabelled[place]),
            str(materials.ids[out_of_fold.rows[place]]),
            str(materials.formulas[out_of_fold.rows[place]]),
            str(likeness.nearest_formulas[place]),
            f"{likeness.distance[place]:.2f}",
        )
        for place in order
    )
