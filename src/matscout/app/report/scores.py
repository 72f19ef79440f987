"""Score tables: the model beside its baselines, with the spread over folds, and what the numbers say in words."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from matscout.app.wording import as_sentence, factor, model_name, number, percent, quantity
from matscout.counting import counted
from matscout.evaluation.base import Evaluation, Overlap
from matscout.evaluation.comparison import compare
from matscout.evaluation.coverage import FEW_ROWS, Coverage, worst_allowed
from matscout.evaluation.doubts import GUESS, SURE
from matscout.workflow.side_by_side import SideBySide


@dataclass(frozen=True)
class Metric:
    """A column of a score table.

    Parameters
    ----------
    key, label
        Of the scores, and at the head of the column.
    words, meaning
        The name spelt out, and what it tells.
    better
        "lower", "higher", or "" where only closeness to something else counts.
    share, unit
        Whether it is shown in percent, or has the unit of errors.
    """

    key: str
    label: str
    words: str
    meaning: str
    better: str
    share: bool = False
    unit: bool = False


NUMBERS = (
    Metric("mae", "MAE", "mean absolute error", "average size of the error", "lower", unit=True),
    Metric("rmse", "RMSE", "root mean square error", "like MAE, but large errors count more", "lower", unit=True),
    Metric(
        "r2", "R²", "R²", "share of the variance that is predicted; 1 is perfect, 0 is the mean of all rows", "higher"
    ),
    Metric(
        "coverage", "coverage", "coverage", "share of unseen rows whose value lies inside the interval", "", share=True
    ),
    Metric("width", "width", "width", "mean width of the intervals", "", unit=True),
    Metric("winkler", "Winkler", "Winkler score", "width plus a penalty for each value outside", "lower", unit=True),
)
CLASSES = (
    Metric(
        "balanced_accuracy",
        "balanced accuracy",
        "balanced accuracy",
        "share of correct predictions, each class counting equally",
        "higher",
        share=True,
    ),
    Metric("roc_auc", "ROC-AUC", "ROC-AUC", "chance that a member ranks above a non-member", "higher"),
    Metric("f1", "F1", "F1", "harmonic mean of precision and recall", "higher"),
    Metric("brier", "Brier", "Brier score", "mean squared error of the probabilities; 0 is perfect", "lower"),
    Metric("coverage", "coverage", "coverage", "share of unseen rows whose set holds the true class", "", share=True),
    Metric("width", "set size", "set size", "mean number of classes in a set", ""),
)  # fmt: skip

PROTOCOLS = {"kfold": "Random folds", "group": "Whole groups left out"}


@dataclass(frozen=True)
class ScoreCell:
    """A score, its standard deviation over folds ("" if there is none), and whether no other model's is better."""

    value: str
    spread: str
    best: bool


@dataclass(frozen=True)
class Row:
    """A model's scores; ``tested`` is the model under test."""

    model: str
    tested: bool
    cells: tuple[ScoreCell, ...]


@dataclass(frozen=True)
class ScoreTable:
    """A model beside its baselines under one protocol."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str


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
    unit = f" ({evaluation.target.error_unit})" if evaluation.target.error_unit else ""
    kind = evaluation.protocol.split(",", 1)[0]
    return ScoreTable(
        caption=f"{PROTOCOLS.get(kind, 'Unseen rows')} ({evaluation.protocol}); {counted(evaluation.n, 'row')}",
        headings=tuple(f"{metric.label}{unit if metric.unit else ''}" for metric in columns),
        rows=tuple(
            Row(
                model_name(name), name == evaluation.model, tuple(_cell(evaluation, name, metric) for metric in columns)
            )
            for name in sorted(evaluation.scores, key=lambda name: (name != evaluation.model, name == "dummy"))
        ),
        note=tree_note(evaluation),
    )


def tree_note(evaluation: Evaluation) -> str:
    """The two statistics of the tree baseline side by side, where both were fitted."""
    for name, scores in evaluation.scores.items():
        if {"mae_mean", "mae_median"} <= scores.keys():
            both = [
                f"MAE {number(scores[f'mae_{kind}'])} and RMSE {number(scores[f'rmse_{kind}'])} with the {kind}"
                for kind in ("mean", "median")
            ]
            return as_sentence(f"{model_name(name)}: {both[0]}, {both[1]} over the trees; the lower MAE is shown")
    return ""


def _cell(evaluation: Evaluation, name: str, metric: Metric) -> ScoreCell:
    value = _score(evaluation, name, metric)
    if metric.key == "coverage" and evaluation.n_tested < FEW_ROWS:
        return ScoreCell(f"{round(value * evaluation.n_tested)} of {evaluation.n_tested}", "", best=False)
    folds = [fold.scores.get(metric.key, math.nan) for fold in evaluation.folds if fold.model == name]
    spread = float(np.std(folds, ddof=1)) if len(folds) > 1 else math.nan
    others = [_score(evaluation, other, metric) for other in evaluation.scores]
    best = {"lower": np.nanmin, "higher": np.nanmax}.get(metric.better)
    return ScoreCell(
        _shown(value, metric, 3),
        _spread_words(spread, metric),
        best is not None and math.isfinite(value) and value == best(others),
    )


def _spread_words(spread: float, metric: Metric) -> str:
    """The spread over folds; of R², which has no lower end in a fold of nearly equal values, not how large it is."""
    if not math.isfinite(spread):
        return ""
    return "± over 10" if metric.key == "r2" and spread > 10 else f"± {_shown(spread, metric, 2)}"


def _score(evaluation: Evaluation, name: str, metric: Metric) -> float:
    return evaluation.scores[name].get(metric.key, math.nan)


def _shown(value: float, metric: Metric, digits: int) -> str:
    if not math.isfinite(value):
        return "–"
    return f"{100 * value:.0f} %" if metric.share else number(value, digits)


def shown_score(evaluation: Evaluation, name: str, metric: Metric) -> str:
    """One score with its unit; decades also as a factor."""
    shown = plain_score(evaluation, name, metric)
    if metric.unit and evaluation.target.scale == "log":
        return f"{shown} (a factor of {factor(_score(evaluation, name, metric))})"
    return shown


def plain_score(evaluation: Evaluation, name: str, metric: Metric) -> str:
    """One score with its unit."""
    value = _score(evaluation, name, metric)
    return percent(value) if metric.share else quantity(value, evaluation.target.error_unit if metric.unit else None)


def best_simple_method(evaluation: Evaluation, metric: Metric) -> str | None:
    """The baseline with the best score, the constant guess apart; None if there is no other."""
    return _best(evaluation, metric, (evaluation.model, GUESS))


def _best(evaluation: Evaluation, metric: Metric, without: tuple[str, ...]) -> str | None:
    scores = {name: _score(evaluation, name, metric) for name in evaluation.scores if name not in without}
    known = {name: value for name, value in scores.items() if math.isfinite(value)}
    if not known:
        return None
    return (min if metric.better == "lower" else max)(known, key=lambda name: known[name])


def relative_gain(evaluation: Evaluation, metric: Metric, other: str) -> float:
    """By which share of its score the model under test is better than another; negative where it is worse."""
    own, others = (_score(evaluation, name, metric) for name in (evaluation.model, other))
    difference = others - own if metric.better == "lower" else own - others
    return difference / abs(others) if others else 0.0


def quality_sentences(scores: SideBySide, asked_metric: str) -> tuple[str, ...]:
    """How good the model is, against what, whether its error bars hold, and what changes for new groups."""
    asked = scores.asked
    metric = main_metric(asked, asked_metric)
    score = shown_score(asked, asked.model, metric)
    unseen = counted(asked.n_tested, "row")
    sentences = [f"On {unseen}, the model has a {metric.words} of {score}."]
    baseline = best_simple_method(asked, metric)
    if baseline is not None:
        sentences.append(_against(asked, metric, baseline))
    sentences.append(coverage_sentence(asked))
    if scores.beside is not None:
        sentences.append(_grouped(asked, scores.beside, metric))
    sentences += [overlap_sentence(name, overlap) for name, overlap in asked.overlap.items()]
    return tuple(sentences)


def overlap_sentence(representation: str, overlap: Overlap) -> str:
    """Whether a pretrained representation knew rows that the scores count as unseen."""
    if not overlap.rows:
        return f"The pretraining data of {representation} contain none of the labelled materials."
    return (
        f"The pretraining data of {representation} contain the materials of {overlap.rows:,} of "
        f"{counted(overlap.n, 'row')}: for other materials, errors may be larger."
    )


def _against(evaluation: Evaluation, metric: Metric, baseline: str) -> str:
    gain = relative_gain(evaluation, metric, baseline)
    verdict = "no better than" if gain <= 0 else f"{percent(gain)} better than"
    test = compare(evaluation, evaluation.model, baseline).over_folds
    luck = "; the folds differ so much that this may be chance" if gain > 0 and test.p_value >= SURE else ""
    shown = shown_score(evaluation, baseline, metric)
    return f"That is {verdict} the best simple method, {model_name(baseline)} ({shown}){luck}."


def coverage_words(evaluation: Evaluation) -> str:
    """What the coverage of an evaluation is counted over."""
    return "intervals" if evaluation.target.task == "regression" else "prediction sets"


def held_words(evaluation: Evaluation) -> str:
    """How many measured values lay in the intervals of the model: a share, of few rows a count."""
    held = Coverage.of_model(evaluation)
    return f"{held.inside} of {held.n} measured values" if held.few else f"{percent(held.share)} of the measured values"


def coverage_sentence(evaluation: Evaluation) -> str:
    """Whether the intervals hold their level, over all rows and in the worst group, with what chance allows."""
    held, what = Coverage.of_model(evaluation), coverage_words(evaluation)
    verdict = {-1: "fewer than expected", 0: "as many as expected", 1: "more than necessary"}[held.verdict]
    if held.few:
        allowed = f"{held.low} to {held.high}"
        verdict += ", as far as so few rows show" if not held.verdict else ""
    else:
        allowed = f"{percent(held.low / held.n)} to {percent(held.high / held.n)}"
        verdict += " over all rows"
    sentence = (
        f"Its {percent(held.level)} {what} contain {held_words(evaluation)} (chance allows {allowed}), {verdict}."
    )
    return f"{sentence}{_worst_group(evaluation, held)}"


def _worst_group(evaluation: Evaluation, held: Coverage) -> str:
    """Whether the intervals hold their level also where they are worst; "" where groups are too small for that."""
    lowest = worst_allowed(held.n, held.level)
    share = evaluation.scores[evaluation.model].get("worst_group_coverage", math.nan)
    if lowest is None or not math.isfinite(share):
        return ""
    start = " Not everywhere, though: in" if share < lowest and not held.verdict else " In"
    return (
        f"{start} the worst of ten equal groups by stated uncertainty, they contain {percent(share)} (chance allows "
        f"{percent(lowest)} or more)."
    )


def _grouped(asked: Evaluation, grouped: Evaluation, metric: Metric) -> str:
    """What leaving whole groups out does to the main score and the intervals."""
    before, after = (shown_score(evaluation, evaluation.model, metric) for evaluation in (asked, grouped))
    return (
        f"With whole groups left out, the {metric.label} goes from {before} to {after}, and {held_words(grouped)} "
        f"lie in the {coverage_words(asked)}: expect these numbers for materials of new groups, and the first for "
        "materials of known groups."
    )
