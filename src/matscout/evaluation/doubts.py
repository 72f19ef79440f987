"""What makes scores doubtful: a guess or a simpler model is as good, few rows rule them, pretraining knew the rows."""

from __future__ import annotations

import math

import numpy as np

from matscout.counting import unit_behind
from matscout.evaluation.base import Evaluation
from matscout.evaluation.comparison import Comparison, compare
from matscout.evaluation.main_scores import MAIN_SCORES
from matscout.evaluation.statistics import PairedTest
from matscout.predict.base import Predictions
from matscout.remarks import Remark

GUESS = "dummy"
"""The baseline that says the same of every row."""

SURE = 0.05
"""A difference whose paired test has a smaller p-value is no luck."""

LITTLE = 0.1
"""A model that predicts a smaller share of the variation knows little."""

FEW, MOST = 0.05, 0.8
"""Scores are ruled by a few rows where this share of the rows makes that share of the absolute error."""

FEWEST_ROWS = 20
"""Of fewer rows some always rule."""

NAMED = 2
"""Properties like the target that a sentence names."""


def doubts(evaluation: Evaluation) -> tuple[str, ...]:
    """What a reader must know before any other score, a sentence each; empty where there is nothing."""
    sentences = (
        against_guess(evaluation),
        ruling_rows(evaluation),
        against_others(evaluation),
        *taught_before(evaluation),
    )
    return tuple(sentence for sentence in sentences if sentence)


def against_guess(evaluation: Evaluation) -> str:
    """Whether the constant guess is as good as the model, by the main score and paired tests; "" if it is not.

    The model counts as better where its score is and the difference is no luck, over the folds or over the rows.
    """
    if GUESS not in evaluation.scores or evaluation.model == GUESS:
        return ""
    tests = compare(evaluation, evaluation.model, GUESS)
    score, guess = (_main_score(evaluation, name) for name in (evaluation.model, GUESS))
    beaten = score < guess if MAIN_SCORES[evaluation.target.task].smaller_is_better else score > guess
    guessed = f"that of the constant guess {_shown(evaluation, guess)}"
    comparison = f"{_shown(evaluation, score)}, {guessed} ({_p_values(tests)})"
    kind = _kind(evaluation)
    if beaten and (_better(tests.over_folds) or _better(tests.over_rows)):
        return _little(evaluation)
    if not beaten and _better(tests.over_rows):
        return Remark(
            "guess-as-good-on-average",
            f"The mean error of the constant guess is no larger than that of the model of {evaluation.target.name} "
            f"({kind}), though the model is closer for the typical row: its {_main(evaluation)} is "
            f"{comparison}.",
        )
    model = f"The model of {evaluation.target.name}"
    than = f"than the constant guess ({kind}): its {_main(evaluation)} is {comparison}. Its order of"
    if beaten:
        return Remark(
            "not-clearly-better-than-guess", f"{model} is not clearly better {than} candidates may be chance."
        )
    return Remark("no-better-than-guess", f"{model} is no better {than} candidates means next to nothing.")


def against_others(evaluation: Evaluation) -> str:
    """Whether another model beside it does better, and not by luck; "" if none does."""
    others = [name for name in evaluation.scores if name not in (evaluation.model, GUESS)]
    if not others:
        return ""
    errors = MAIN_SCORES[evaluation.target.task].smaller_is_better
    best = (min if errors else max)(others, key=lambda name: _main_score(evaluation, name))
    score, other = _main_score(evaluation, evaluation.model), _main_score(evaluation, best)
    if not (other < score if errors else other > score):
        return ""
    tests = compare(evaluation, best, evaluation.model)
    if not (_better(tests.over_folds) or _better(tests.over_rows)):
        return ""
    return Remark(
        "other-model-better",
        f"{best} does better than {evaluation.model} for {evaluation.target.name} ({_kind(evaluation)}): its "
        f"{_main(evaluation)} is {_shown(evaluation, other)}, that of {evaluation.model} "
        f"{_shown(evaluation, score)} ({_p_values(tests)}). Use --model {best}.",
    )


def _kind(evaluation: Evaluation) -> str:
    """How rows were left out, in one word."""
    return evaluation.protocol.split(",", 1)[0]


def _main(evaluation: Evaluation) -> str:
    """What the main score is called."""
    return MAIN_SCORES[evaluation.target.task].words


def _main_score(evaluation: Evaluation, model: str) -> float:
    return evaluation.scores[model][MAIN_SCORES[evaluation.target.task].key]


def _shown(evaluation: Evaluation, value: float) -> str:
    if evaluation.target.task == "classification":
        return f"{value:.0%}"
    return f"{value:.3g} {evaluation.target.error_unit or ''}".rstrip()


def _better(test: PairedTest) -> bool:
    """Whether the first of two models is, and not by luck."""
    return test.difference < 0 and test.p_value < SURE


def _p_values(tests: Comparison) -> str:
    known = [
        f"p = {test.p_value:.2g} over {what}"
        for test, what in ((tests.over_folds, "folds"), (tests.over_rows, "rows"))
        if math.isfinite(test.p_value)
    ]
    return f"indicative paired tests: {', '.join(known)}"


def _little(evaluation: Evaluation) -> str:
    """That the model predicts next to none of the variation, though more than the constant guess does."""
    share = evaluation.scores[evaluation.model].get("r2", math.nan)
    if not share < LITTLE or ruling_rows(evaluation):
        return ""
    return Remark(
        "knows-little",
        f"The model of {evaluation.target.name} knows little ({_kind(evaluation)}): R² is {share:.2g} (1 is perfect, "
        "0 is the mean of all rows).",
    )


def ruling_rows(evaluation: Evaluation) -> str:
    """Whether a few rows make nearly all of the error, and what the error of the others is like; "" if not."""
    out_of_fold = evaluation.out_of_fold[evaluation.model]
    if not isinstance(out_of_fold.predictions, Predictions) or len(out_of_fold.rows) < FEWEST_ROWS:
        return ""
    target, measured = evaluation.target, evaluation.target.values[out_of_fold.rows]
    errors = np.abs(target.placed(measured) - target.placed(out_of_fold.predictions.predicted))
    few = max(1, int(FEW * len(errors)))
    first = np.argsort(-errors)[:few]
    share = float(errors[first].sum() / errors.sum()) if errors.sum() > 0 else 0.0
    if share < MOST:
        return ""
    unit = unit_behind(target.unit)
    worst = (
        f"{measured[first[0]]:.4g}{unit} measured, {out_of_fold.predictions.predicted[first[0]]:.4g}{unit} predicted"
    )
    median = evaluation.scores[evaluation.model]["median_error"]
    return Remark(
        "few-rows-rule",
        f"{few:,} of {len(errors):,} rows cause {share:.0%} of the error of {target.name} (the largest: {worst}): "
        "MAE, RMSE, R² and Winkler score describe these rows only. The median absolute error is "
        f"{_shown(evaluation, median)}{_other_medians(evaluation)}. Check those rows.",
    )


def _other_medians(evaluation: Evaluation) -> str:
    others = {
        name: scores["median_error"]
        for name, scores in evaluation.scores.items()
        if name != evaluation.model and "median_error" in scores
    }
    if not others:
        return ""
    best = min(others, key=lambda name: others[name])
    return f" (best baseline, {best}: {_shown(evaluation, others[best])})"


def taught_before(evaluation: Evaluation) -> list[str]:
    """Whether pretraining held most of the rows, with a property that is called like the target; a sentence for each.

    Rows that were left out are then no test of how the model does on new materials.
    """
    return [
        Remark(
            "scores-may-be-too-good",
            f"Scores of {evaluation.target.name} may be too good for new materials: the model transfers from other "
            f"properties ({name}), trained on {overlap.rows:,} of these {overlap.n:,} rows, with "
            f"{_first(overlap.alike)}, which may be the same property or nearly so. Compare with a model without "
            "transfer, --model auto:donor=none.",
        )
        for name, overlap in evaluation.overlap.items()
        if overlap.of_most and overlap.alike
    ]


def _first(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(f"{name!r}" for name in names[:NAMED]) + more
