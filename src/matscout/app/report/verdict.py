"""The verdict: a sentence on what the model is worth, or why nobody should order chemicals by its list."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matscout.app.report.scores import Metric, best_simple_method, main_metric, plain_score, relative_gain
from matscout.app.wording import factor, model_name, number, percent
from matscout.discover.back_test import BackTest
from matscout.evaluation.base import Evaluation
from matscout.evaluation.doubts import GUESS, doubts
from matscout.remarks import codes
from matscout.workflow.findings import Finding

REASONS = {
    "no-better-than-guess": "is no better than the constant guess",
    "not-clearly-better-than-guess": "is not clearly better than the constant guess",
    "knows-little": "is hardly better than the constant guess",
}
"""Doubts that leave nothing to order chemicals by, and what they say of the model."""

SETTLED = (*REASONS, "back-test-at-chance", "no-batch")
"""Remarks that the red box repeats."""

STEPS = (
    "Check the table: mixed units, lost signs, rows that repeat a material with another value. "
    "matscout check lists what it notices.",
    "Add what the property depends on and the table lacks: temperature, phase, processing (--context), or crystal "
    "structures.",
    "Measure more materials, spread over the chemistry of the search. The learning curve below shows whether that "
    "lowers the error.",
    "Until then, choose by other knowledge: the order of the candidates below is close to arbitrary.",
)
"""What to do instead of ordering chemicals."""


@dataclass(frozen=True)
class ReportVerdict:
    """What the model is worth.

    Parameters
    ----------
    sentences
        One for each target: against the constant guess, the best simple method, and chance.
    reasons
        Why nothing should be ordered by the list; empty where it can be used.
    """

    sentences: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def is_refusal(self) -> bool:
        """Whether nothing should be ordered by the list."""
        return bool(self.reasons)


def judge(findings: Sequence[Finding]) -> ReportVerdict:
    """The verdict on the models of all targets."""
    return ReportVerdict(
        tuple(map(verdict_sentence, findings)),
        tuple(reason for finding in findings for reason in _reasons(finding)),
    )


def _reasons(finding: Finding) -> list[str]:
    """Why a target's model is no help, a sentence each; whole groups decide where rows come in groups."""
    evaluation, played = finding.scores.of_new, finding.back_test
    doubted = [REASONS[code] for code in codes(doubts(evaluation)) if code in REASONS]
    name = finding.target.name
    where = " on materials of new groups" if by_group(evaluation) else ""
    reasons = [f"The model of {name} {words}{where}: {_errors(evaluation, finding.model.metric)}." for words in doubted]
    if played is not None and not played.beats_chance:
        reasons.append(f"The back-test of {name} does no better than a random order: the model {_played(played)}.")
    return reasons


def _errors(evaluation: Evaluation, asked: str) -> str:
    """``"mean absolute error 168 µV/K, constant guess 165 µV/K, R² 0.04"``."""
    metric = main_metric(evaluation, asked)
    words = f"{metric.words} {plain_score(evaluation, evaluation.model, metric)}, constant guess "
    share = evaluation.scores[evaluation.model].get("r2", math.nan)
    explained = f", R² {number(share, 2)} (1 is perfect)" if math.isfinite(share) else ""
    return f"{words}{plain_score(evaluation, GUESS, metric)}{explained}"


def verdict_sentence(finding: Finding) -> str:
    """The model of one target against the constant guess and the best simple method, the back-test against chance."""
    evaluation = finding.scores.of_new
    metric = main_metric(evaluation, finding.model.metric)
    where = "unseen groups of materials" if by_group(evaluation) else "unseen rows"
    start = f"On {where}, the model predicts {finding.target.name} with {_score_words(evaluation, metric)}"
    others = [
        f"{_against(evaluation, metric, name)} {words}"
        for name, words in ((GUESS, "the constant guess"), _simple(evaluation, metric))
        if name in evaluation.scores and name != evaluation.model
    ]
    compared = f": {' and '.join(others)}" if others else ""
    played = "" if finding.back_test is None else f"; in the back-test it {_played(finding.back_test)}"
    return f"{start}{compared}{played}."


def by_group(evaluation: Evaluation) -> bool:
    """Whether whole groups were left out."""
    return evaluation.protocol.startswith("group")


def _simple(evaluation: Evaluation, metric: Metric) -> tuple[str, str]:
    """The best simple method and what it is called; "" where there is none."""
    name = best_simple_method(evaluation, metric)
    return ("", "") if name is None else (name, f"the best simple method, {model_name(name)}")


def _score_words(evaluation: Evaluation, metric: Metric) -> str:
    score = plain_score(evaluation, evaluation.model, metric)
    if metric.unit and evaluation.target.scale == "log":
        return f"a {metric.words} of {score} (a factor of {factor(evaluation.scores[evaluation.model][metric.key])})"
    return f"a {metric.words} of {score}"


def _against(evaluation: Evaluation, metric: Metric, other: str) -> str:
    """``"69 % less than (1.3 eV)"`` without the name: how far a score is from that of another model."""
    gain = relative_gain(evaluation, metric, other)
    score = plain_score(evaluation, other, metric)
    if metric.share:
        own, others = (evaluation.scores[name][metric.key] for name in (evaluation.model, other))
        points = round(100 * abs(own - others))
        more = "above" if own >= others else "below"
        return f"{points} points {more} the {score} of" if points else f"no more than the {score} of"
    if gain < -1:
        return f"{number(1 - gain, 2)} times the {score} of"
    if abs(gain) < 0.005:
        return f"the same as the {score} of"
    return f"{percent(abs(gain))} {'less' if gain > 0 else 'more'} than the {score} of"


def _played(played: BackTest) -> str:
    """What the back-test found, and what chance finds."""
    if played.n_wanted == 1:
        by_chance = number(played.found_by_random, 2)
        return (
            f"finds the best row in {played.found_best} of {played.n_runs} campaigns, a random order finds it in "
            f"{by_chance}"
        )
    hits, by_chance = number(played.hits, 3), number(played.hits_by_random, 2)
    return f"finds {hits} of {played.n_wanted} wanted rows, a random order finds {by_chance}"


def no_batch(verdict: ReportVerdict, asked: int) -> str:
    """Why there is nothing to make next.

    Parameters
    ----------
    asked
        How many were to be proposed.
    """
    if verdict.is_refusal:
        return "Nothing: the model does not know enough to choose candidates. See the box above."
    if not asked:
        return "Nothing, as requested (--batch 0)."
    return f"Nothing: {asked} were requested, but no candidate is good enough. See “Keep in mind”."
