"""Score tables: the model beside its baselines, with the spread over folds, and what the numbers say in words."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from matscout.app.report.wording import counted, model_name, number, percent, quantity
from matscout.evaluate.base import Evaluation
from matscout.evaluate.comparison import compare
from matscout.evaluate.metrics import coverage_tolerance


@dataclass(frozen=True)
class Metric:
    """A column of a score table; ``share`` is shown in percent, ``lower`` is better, ``unit`` that of the target."""

    key: str
    label: str
    meaning: str
    share: bool = False
    lower: bool = True
    unit: bool = False
    judged: bool = True


_INSIDE = "share of the measured values that lie inside their interval; it should be close to the level asked for"

NUMBERS = (
    Metric("mae", "MAE", "mean absolute error: how far a prediction is off on average", unit=True),
    Metric("rmse", "RMSE", "root mean square error: like MAE, but large misses count more", unit=True),
    Metric(
        "r2", "R²", "share of the variation that is predicted; 1 is perfect, 0 is no better than the mean", lower=False
    ),
    Metric("coverage", "coverage", _INSIDE, share=True, judged=False),
    Metric(
        "width",
        "width",
        "mean width of the intervals; narrower is better if the coverage is right",
        unit=True,
        judged=False,
    ),
    Metric(
        "winkler", "Winkler", "width plus a fine for every miss: the one number to compare error bars by", unit=True
    ),
)
CLASSES = (
    Metric("balanced_accuracy", "balanced accuracy", "share of right answers, every class counting equally", share=True, lower=False),
    Metric("roc_auc", "ROC-AUC", "chance that a member of a class gets a higher probability than a non-member; 0.5 is guessing", lower=False),
    Metric("f1", "F1", "harmonic mean of the share found and the share right among those named; 1 is perfect", lower=False),
    Metric("brier", "Brier", "mean squared error of the probabilities; 0 is perfect"),
    Metric("coverage", "coverage", "share of the rows whose set of possible classes holds the true one", share=True, judged=False),
    Metric("width", "set size", "mean number of classes in such a set", judged=False),
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """A score, its standard deviation over folds ("" if there is none), and whether no other model's is better."""

    value: str
    spread: str
    best: bool


@dataclass(frozen=True)
class Row:
    """A model's scores; ``tested`` is the model under test."""

    model: str
    tested: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class ScoreTable:
    """A model beside its baselines under one protocol."""

    caption: str
    columns: tuple[Metric, ...]
    headings: tuple[str, ...]
    rows: tuple[Row, ...]


def metrics_of(evaluation: Evaluation) -> tuple[Metric, ...]:
    """The columns that suit the target."""
    return NUMBERS if evaluation.target.task == "regression" else CLASSES


def main_metric(evaluation: Evaluation, asked: str) -> Metric:
    """The metric that the sentences talk about: the one that was asked for, or balanced accuracy for classes."""
    key = asked if evaluation.target.task == "regression" else "balanced_accuracy"
    return next(metric for metric in metrics_of(evaluation) if metric.key == key)


def score_table(evaluation: Evaluation) -> ScoreTable:
    """The scores of every model, the one under test first."""
    columns = metrics_of(evaluation)
    unit = f" ({evaluation.target.unit})" if evaluation.target.unit else ""
    names = sorted(evaluation.scores, key=lambda name: (name != evaluation.model, name == "dummy"))
    rows = tuple(
        Row(model_name(name), name == evaluation.model, tuple(_cell(evaluation, name, metric) for metric in columns))
        for name in names
    )
    headings = tuple(f"{metric.label}{unit if metric.unit else ''}" for metric in columns)
    return ScoreTable(f"{how_measured(evaluation)}; {counted(evaluation.n, 'row')}", columns, headings, rows)


def how_measured(evaluation: Evaluation) -> str:
    """The protocol as a heading: "Random folds (kfold, 5 folds, seed 0)"."""
    kind = evaluation.protocol.split(",", 1)[0]
    titles = {"kfold": "Random folds", "repeated": "Random folds, repeated", "group": "Whole groups left out"}
    return f"{titles.get(kind, 'Unseen rows')} ({evaluation.protocol})"


def _cell(evaluation: Evaluation, name: str, metric: Metric) -> Cell:
    value = evaluation.scores[name].get(metric.key, math.nan)
    folds = [fold.scores.get(metric.key, math.nan) for fold in evaluation.folds if fold.model == name]
    spread = float(np.std(folds, ddof=1)) if len(folds) > 1 else math.nan
    return Cell(
        _shown(value, metric),
        f"± {_shown(spread, metric, 2)}" if math.isfinite(spread) else "",
        _is_best(evaluation, name, metric),
    )


def _shown(value: float, metric: Metric, digits: int = 3) -> str:
    if not math.isfinite(value):
        return "–"
    return f"{100 * value:.0f} %" if metric.share else number(value, digits)


def _is_best(evaluation: Evaluation, name: str, metric: Metric) -> bool:
    known = {other: scores.get(metric.key, math.nan) for other, scores in evaluation.scores.items()}
    finite = [value for value in known.values() if math.isfinite(value)]
    if not metric.judged or not finite:
        return False
    return known[name] == (min(finite) if metric.lower else max(finite))


def best_baseline(evaluation: Evaluation, metric: Metric) -> str | None:
    """The baseline with the best score; None if the model under test stands alone."""
    scores = {
        name: found[metric.key]
        for name, found in evaluation.scores.items()
        if name != evaluation.model and math.isfinite(found.get(metric.key, math.nan))
    }
    if not scores:
        return None
    return (min if metric.lower else max)(scores, key=lambda name: scores[name])


def shown_score(evaluation: Evaluation, name: str, metric: Metric) -> str:
    """One score with its unit."""
    value = evaluation.scores[name].get(metric.key, math.nan)
    return percent(value) if metric.share else quantity(value, evaluation.target.unit if metric.unit else None)


def quality_sentences(evaluation: Evaluation, metric: Metric) -> list[str]:
    """How good the model is, against what, and whether its error bars hold."""
    score = shown_score(evaluation, evaluation.model, metric)
    sentences = [
        f"On {counted(evaluation.n, 'row')} that it had not seen, the model has a {_spelt(metric)} of {score}."
    ]
    baseline = best_baseline(evaluation, metric)
    if baseline is not None:
        sentences.append(_against(evaluation, metric, baseline))
    return [*sentences, coverage_sentence(evaluation)]


def _spelt(metric: Metric) -> str:
    return metric.meaning.split(":", 1)[0] if metric.unit else metric.label


def _against(evaluation: Evaluation, metric: Metric, baseline: str) -> str:
    own = evaluation.scores[evaluation.model][metric.key]
    other = evaluation.scores[baseline][metric.key]
    gain = (other - own if metric.lower else own - other) / abs(other) if other else 0.0
    verdict = "no better than" if gain <= 0 else f"{percent(gain)} better than"
    test = compare(evaluation, evaluation.model, baseline).over_folds
    sure = f"; over the folds p = {number(test.p_value, 2)}, corrected t test" if math.isfinite(test.p_value) else ""
    return f"That is {verdict} the best baseline, {model_name(baseline)} ({shown_score(evaluation, baseline, metric)}{sure})."


def coverage_sentence(evaluation: Evaluation) -> str:
    """Whether the intervals hold what they promise, with what chance allows."""
    scores = evaluation.scores[evaluation.model]
    level, found = evaluation.level, scores["coverage"]
    allowed = coverage_tolerance(len(evaluation.out_of_fold[evaluation.model].rows), level)
    what = "intervals" if evaluation.target.task == "regression" else "sets of possible classes"
    if found < level - allowed:
        verdict = "they promise too much"
    elif found > level + allowed:
        verdict = "they are wider than they need be"
    else:
        verdict = "they keep their promise"
    worst = scores.get("worst_group_coverage", math.nan)
    weakest = (
        f" In the worst of ten equal groups by stated uncertainty it is {percent(worst)}."
        if math.isfinite(worst)
        else ""
    )
    return (
        f"Its {percent(level)} {what} held {percent(found)} of the measured values ({percent(level - allowed)} to "
        f"{percent(min(level + allowed, 1.0))} is what chance allows): {verdict}.{weakest}"
    )
