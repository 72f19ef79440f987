"""How good the model of one target is, how that was measured, and what drives it: everything one section shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matscout.app.report import charts
from matscout.app.report.defect_law import LawSection, law_section
from matscout.app.report.drivers import Drivers, find_drivers
from matscout.app.report.learning import learning_sentence
from matscout.app.report.outliers import Outlier, worst_outliers
from matscout.app.report.pictures import Picture, evaluation_pictures, learning_picture, more_pictures
from matscout.app.report.scores import Metric, ScoreTable, metrics_of, quality_sentences, score_table
from matscout.app.wording import as_sentence, number, percent, quantity
from matscout.discover.back_test import BackTest
from matscout.evaluation.learning import learning_curve
from matscout.registry import find
from matscout.workflow.findings import Finding
from matscout.workflow.results import Scouting


@dataclass(frozen=True)
class StackMember:
    """A member of a stack: what it is, its error on unseen rows, and its weight."""

    label: str
    error: str
    weight: str


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
        Figures of the evaluation that was asked for, and the learning curve; ``more_pictures`` are for who asks.
    outliers
        The rows that are missed by most.
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
    law
        What defects and pairs of defects cost, where the model is a sum over them.
    """

    anchor: str
    target: str
    sentences: tuple[str, ...]
    tables: tuple[ScoreTable, ...]
    glossary: tuple[Metric, ...]
    pictures: tuple[Picture, ...]
    more_pictures: tuple[Picture, ...]
    outliers: tuple[Outlier, ...]
    learning: str
    model: str
    parts: tuple[StackMember, ...]
    notes: tuple[str, ...]
    assumption: str
    drivers: Drivers
    back_test: str
    back_test_chart: charts.Chart | None
    law: LawSection | None


def describe(finding: Finding, scouting: Scouting, anchor: str) -> Quality:
    """Everything that is shown about one target.

    Parameters
    ----------
    anchor
        Unique on the page; the prefix of the names of the figures.
    """
    asked, played = finding.scores.asked, finding.back_test
    outliers = worst_outliers(asked, scouting.dataset)
    pictures, learning = _learning(finding, anchor, grouped=scouting.dataset.groups is not None)
    return Quality(
        anchor=anchor,
        target=finding.target.label,
        sentences=(
            *quality_sentences(finding.scores, finding.model.metric),
            *(() if finding.chances is None else (finding.chances.sentence,)),
        ),
        tables=tuple(score_table(evaluation) for evaluation in finding.scores.both),
        glossary=metrics_of(asked),
        pictures=(*evaluation_pictures(asked, anchor, outliers), *pictures),
        more_pictures=more_pictures(asked, anchor),
        outliers=outliers,
        learning=learning,
        model=_model_words(finding),
        parts=_parts(finding),
        notes=finding.model.notes,
        assumption=as_sentence(finding.model.assumption or "not stated by the model"),
        drivers=find_drivers(finding, scouting.dataset, scouting.plan.seed),
        back_test="There are too few labelled rows for a back-test." if played is None else played.sentence,
        back_test_chart=None if played is None else _back_test_chart(played, anchor),
        law=law_section(finding.model, scouting.dataset, anchor),
    )


def _learning(finding: Finding, anchor: str, *, grouped: bool) -> tuple[list[Picture], str]:
    """The learning curve, if there is one, and what it says."""
    measured = finding.learning_curve
    if measured is None:
        return [], "There are too few labels to show whether more would help."
    # The Brier score falls as errors do, so that one way of reading the curve serves both tasks.
    curve = learning_curve(measured, finding.model.metric if finding.target.task == "regression" else "brier")
    n_labels, headline = int(finding.target.known.sum()), _headline_error(finding)
    sentence = learning_sentence(measured, curve, n_labels, headline=headline, grouped=grouped)
    pictures = [learning_picture(curve, measured.model, anchor)] if len(curve.sizes) > 1 else []
    return pictures, sentence


def _headline_error(finding: Finding) -> str:
    """The main error of the folds with its unit, as the learning curve would have it; "" for classes."""
    asked, metric = finding.scores.asked, finding.model.metric
    if finding.target.task == "classification":
        return ""
    return quantity(asked.scores[asked.model][metric], finding.target.error_unit)


def _model_words(finding: Finding) -> str:
    model = finding.model
    words = f"{as_sentence(f'A model of the kind {model.name}')} {find('models', model.name).summary}"
    summary = model.summary
    if summary is None:
        return words
    return (
        f"{words} Chosen on {summary.n_folds} inner folds of {summary.n_rows:,} rows from {summary.n_units:,} "
        f"{summary.unit}s; the rows of one {summary.unit} stay together."
    )


def _parts(finding: Finding) -> tuple[StackMember, ...]:
    summary = finding.model.summary
    if summary is None:
        return ()
    unit = finding.target.error_unit if finding.target.task == "regression" else None
    return tuple(
        StackMember(
            candidate.label,
            quantity(candidate.error, unit),
            "given up after one fold" if candidate.given_up else percent(candidate.weight),
        )
        for candidate in summary.candidates
    )


def _back_test_chart(back_test: BackTest, anchor: str) -> charts.Chart:
    measured = back_test.measured.astype(np.float64)
    x = charts.horizontal(measured)
    y = charts.vertical(np.concatenate([back_test.curve, back_test.curve_by_random]), back_test.scale)
    return charts.Chart(
        name=f"{anchor}-back-test",
        title="Back-test",
        description=(
            f"{back_test.curve_label}: {number(float(back_test.curve[-1]))} chosen by the model, "
            f"{number(float(back_test.curve_by_random[-1]))} at random, after {back_test.measured[-1]} rows"
        ),
        x=x.axis("rows measured so far"),
        y=y.axis(back_test.curve_label),
        lines=(
            charts.Line(charts.path(x.at(measured), y.at(back_test.curve_by_random)), "second"),
            charts.Line(charts.path(x.at(measured), y.at(back_test.curve)), "accent"),
        ),
    )
