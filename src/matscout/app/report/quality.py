"""How good the model of one target is, how that was measured, and what drives it: everything one section shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from markupsafe import Markup

from matscout.app.report import charts, figures
from matscout.app.report.drivers import Drivers, find_drivers
from matscout.app.report.learning import read_learning
from matscout.app.report.scores import (
    Metric,
    ScoreTable,
    main_metric,
    metrics_of,
    quality_sentences,
    score_table,
    shown_score,
)
from matscout.app.report.wording import model_name, number, percent, quantity
from matscout.app.scouting import Finding, Scouting
from matscout.discover.back_test import BackTest
from matscout.evaluate.base import Evaluation, OutOfFold
from matscout.evaluate.plots import (
    calibration_plot,
    confusion_plot,
    error_plot,
    learning_plot,
    parity_plot,
    roc_plot,
)
from matscout.predict.base import ClassPredictions, Predictions
from matscout.predict.models.auto import Auto
from matscout.registry import find

DRAWN = 1500
"""Rows of a figure at most, so that the page stays small; a random part stands for more."""


@dataclass(frozen=True)
class Picture:
    """A figure with the words below it."""

    svg: Markup
    caption: str


@dataclass(frozen=True)
class Part:
    """A member of a stack: what it is, its error on unseen rows, and its weight."""

    label: str
    error: str
    weight: str
    share: float


@dataclass(frozen=True, eq=False)
class Quality:
    """One target's section.

    Parameters
    ----------
    anchor, target
        Unique on the page; name with unit.
    sentences
        How good, against what, do the error bars hold, what is different for new groups.
    tables, glossary
        Scores under each protocol, and what their columns mean.
    pictures
        Figures of the evaluation that was asked for.
    learning
        Would more labels help?
    model, parts, notes
        What was fitted, the members of a stack with their weights, and what a reader should know.
    assumption
        What the intervals rest on.
    drivers
        What moves the property.
    back_test, back_test_chart
        The result in words; its curves.
    """

    anchor: str
    target: str
    sentences: tuple[str, ...]
    tables: tuple[ScoreTable, ...]
    glossary: tuple[Metric, ...]
    pictures: tuple[Picture, ...]
    learning: str
    model: str
    parts: tuple[Part, ...]
    notes: tuple[str, ...]
    assumption: str
    drivers: Drivers
    back_test: str
    back_test_chart: charts.Chart | None


def describe(finding: Finding, scouting: Scouting, anchor: str) -> Quality:
    """Everything that is shown about one target.

    Parameters
    ----------
    anchor
        Unique on the page; the prefix of the names of the figures.
    """
    asked = finding.scores.asked
    metric = main_metric(asked, finding.model.metric)
    n_labels = int(finding.target.known.sum())
    pictures = (
        [*_number_pictures(asked, anchor)] if finding.target.task == "regression" else _class_pictures(asked, anchor)
    )
    learning = "There are too few labels to divide them into training sets of growing size."
    if finding.learning_curve is not None:
        read = read_learning(finding.learning_curve, finding.model.metric, n_labels)
        learning = read.sentence
        plot = partial(learning_plot, read.curve, finding.learning_curve.model)
        svg = figures.draw(plot, f"{anchor}-learning", "Learning curve", learning)
        pictures.append(
            Picture(
                svg,
                f"Error on held-out rows against the number of labels, mean of {read.curve.n_draws} draws; both axes are logarithmic.",
            )
        )
    return Quality(
        anchor=anchor,
        target=finding.target.label,
        sentences=(*quality_sentences(asked, metric), *_beside(finding, metric)),
        tables=tuple(score_table(evaluation) for evaluation in finding.scores.both),
        glossary=metrics_of(asked),
        pictures=tuple(pictures),
        learning=learning,
        model=_model_words(finding),
        parts=_parts(finding),
        notes=finding.model.summary.notes if isinstance(finding.model, Auto) else (),
        assumption=finding.model.assumption,
        drivers=find_drivers(finding, scouting.dataset, scouting.plan.seed),
        back_test=finding.back_test.sentence
        if finding.back_test
        else "There are too few labelled rows to play campaigns on them.",
        back_test_chart=_back_test_chart(finding.back_test, anchor) if finding.back_test else None,
    )


def _beside(finding: Finding, metric: Metric) -> list[str]:
    """What leaving whole groups out does to the main score."""
    if finding.scores.beside is None:
        return []
    by_kind = {evaluation.protocol.split(",", 1)[0]: evaluation for evaluation in finding.scores.both}
    grouped = by_kind.get("group")
    rows = next(evaluation for kind, evaluation in by_kind.items() if kind != "group")
    if grouped is None:
        return []
    return [
        f"When whole groups are left out, the {metric.label} goes from {shown_score(rows, rows.model, metric)} to "
        f"{shown_score(grouped, grouped.model, metric)} and the coverage from {percent(rows.scores[rows.model]['coverage'])} "
        f"to {percent(grouped.scores[grouped.model]['coverage'])}: expect that for a material unlike any group in the "
        "labels, and the first for more of the same."
    ]


def _thinned(found: OutOfFold) -> OutOfFold:
    """At most :data:`DRAWN` random rows."""
    if len(found.rows) <= DRAWN:
        return found
    some = np.sort(np.random.default_rng(0).permutation(len(found.rows))[:DRAWN])
    predictions = found.predictions
    assert isinstance(predictions, Predictions)
    columns = {name: getattr(predictions, name)[some] for name in ("predicted", "std", "lower", "upper", "in_domain")}
    return OutOfFold(found.rows[some], found.splits[some], replace(predictions, **columns))


def _number_pictures(asked: Evaluation, anchor: str) -> list[Picture]:
    found = asked.out_of_fold[asked.model]
    drawn = _thinned(found)
    some = (
        f" {len(drawn.rows):,} of {len(found.rows):,} rows, drawn at random."
        if len(drawn.rows) < len(found.rows)
        else ""
    )
    level = percent(asked.level)
    parity = figures.draw(
        partial(parity_plot, asked.target, drawn),
        f"{anchor}-parity",
        "Predicted against measured",
        f"{len(drawn.rows)} rows that the model had not seen, with {level} intervals",
    )
    curves = {
        name: asked.calibration[name]
        for name in dict.fromkeys((asked.model, *asked.calibration))
        if name != "dummy" or name == asked.model
    }
    calibration = figures.draw(
        partial(calibration_plot, curves, asked.model),
        f"{anchor}-calibration",
        "Calibration of the intervals",
        "Share of the measured values inside intervals of growing level",
    )
    errors = figures.draw(
        partial(error_plot, asked.target, drawn),
        f"{anchor}-errors",
        "Error against stated uncertainty",
        "Absolute error of each row against its predicted standard deviation, with the root mean square of ten groups",
    )
    return [
        Picture(parity, f"Predictions for rows that the model had not seen; each line is a {level} interval.{some}"),
        Picture(calibration, "Do intervals of every level hold their share? On the diagonal they do; below it they are too narrow."),
        Picture(errors, f"Is the error larger where the model says it is unsure? The line should follow the diagonal.{some}"),
    ]  # fmt: skip


def _class_pictures(asked: Evaluation, anchor: str) -> list[Picture]:
    found = asked.out_of_fold[asked.model]
    assert isinstance(found.predictions, ClassPredictions)
    confusion = figures.draw(
        partial(confusion_plot, asked.target, found), f"{anchor}-confusion", "Confusion matrix",
        "Counts of measured against predicted classes",
    )  # fmt: skip
    roc = figures.draw(
        partial(roc_plot, asked.target, found), f"{anchor}-roc", "ROC curve",
        "True against false positive rate at every threshold",
    )  # fmt: skip
    return [
        Picture(confusion, "What unseen rows were taken for; shares are of the measured class."),
        Picture(roc, "Share of members found against share of others taken for members, at every threshold."),
    ]


def _model_words(finding: Finding) -> str:
    model = finding.model
    words = f"{model_name(model.name)}: {find('models', model.name).summary}"
    if isinstance(model, Auto):
        summary = model.summary
        words += (
            f" Judged on {summary.n_folds} inner folds of {summary.n_rows:,} rows from {summary.n_units:,} "
            f"{summary.unit}s, each kept together."
        )
    return words


def _parts(finding: Finding) -> tuple[Part, ...]:
    if not isinstance(finding.model, Auto):
        return ()
    unit = finding.target.unit if finding.target.task == "regression" else None
    return tuple(
        Part(candidate.label, quantity(candidate.error, unit), percent(candidate.weight), max(candidate.weight, 0.0))
        for candidate in finding.model.summary.candidates
    )


def _back_test_chart(found: BackTest, anchor: str) -> charts.Chart:
    both = np.concatenate([found.curve, found.curve_by_random])
    x = charts.horizontal(found.measured.astype(np.float64))
    y = charts.vertical(both)
    places = x.at(found.measured.astype(np.float64))
    return charts.Chart(
        name=f"{anchor}-back-test",
        title="Back-test",
        description=(
            f"{found.curve_label}: {number(float(found.curve[-1]))} chosen by the model, "
            f"{number(float(found.curve_by_random[-1]))} at random, after {found.measured[-1]} rows"
        ),
        x=x.axis("rows measured so far"),
        y=y.axis(found.curve_label),
        lines=(
            charts.Line(charts.path(places, y.at(found.curve_by_random)), "at random", "second"),
            charts.Line(charts.path(places, y.at(found.curve)), "chosen by the model", "accent"),
        ),
    )
