"""The result of scout in a few lines of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matscout.counting import part_of, unit_behind
from matscout.data.dataset import POSITIVE_UNLABELLED
from matscout.discover.base import Goal
from matscout.discover.diversity import system_noun
from matscout.discover.evidence.earlier_proposals import PROPOSED_BEFORE
from matscout.discover.purposes import LEARNING, VALUE
from matscout.discover.reasons import chance_words
from matscout.evaluation.base import Evaluation
from matscout.evaluation.coverage import Coverage
from matscout.evaluation.main_scores import MAIN_SCORES
from matscout.predict.recall_curves import CALLED, recall_name
from matscout.workflow.check import CheckSummary
from matscout.workflow.findings import Finding
from matscout.workflow.search import Ranking

SHOWN = 10
"""Candidates that the summary names, the best of one system each (:func:`~matscout.discover.diversity.systems_of`)."""


PURPOSES = {
    VALUE: "for value (predicted within the best few per cent, or to meet the goal)",
    LEARNING: "to learn (worse or uncertain predictions, but the candidates may be good)",
}
"""What proposals are for, in words."""


def summarise(
    found: CheckSummary,
    findings: Sequence[Finding],
    ranking: Ranking,
    goals: Sequence[Goal],
    *,
    batch: int,
    seconds: float,
    folder: Path | None = None,
) -> list[str]:
    """What makes the model doubtful, what was read, how good it is, the first candidates, watched materials, files.

    Parameters
    ----------
    found
        What was read.
    findings
        Of each goal.
    ranking, goals
        The candidates, and what was wanted.
    batch
        How many were to be proposed.
    seconds, folder
        How long all steps took, one after the other, and where the results lie.
    """
    shortlist = ranking.shortlist
    read = f"{part_of(found.n_used, found.n_found, 'row')} of {found.source} used, {found.n_left_out:,} left out"
    first = ranking.must.remarks
    doubted = [sentence for finding in findings for sentence in finding.doubts]
    lines = [*doubted, f"labels: {'; '.join([read, *found.labels])}", *(f"note: {remark}" for remark in first)]
    for finding in findings:
        lines += [quality_sentence(evaluation) for evaluation in finding.scores.both]
        lines += [] if finding.chances is None else [finding.chances.sentence]
        lines += [f"note: {name}, {overlap}" for name, overlap in finding.scores.asked.overlap.items() if overlap.rows]
    remarks = (*ranking.candidates.remarks, *shortlist.remarks)
    lines += [f"note: {remark}" for remark in remarks if remark not in first]
    lines.append(f"candidates: {' -> '.join(f'{count:,} {step}' for step, count in shortlist.funnel)}")
    of_each = system_noun(ranking.conditions.materials)
    lines.append(f"the best of each {of_each}, with their ranks:")
    for row in shortlist.table.filter(shortlist.table["system_rank"] == 1).head(SHOWN).iter_rows(named=True):
        lines.append(f"{row['rank']:>4}  {row['formula']}: {row['reasons']}")
    chosen = shortlist.table.drop_nulls("batch").sort("batch")
    for purpose, words in PURPOSES.items():
        proposed = [
            f"{row['formula']} ({_chances(row, goals)}{_earlier(row)})"
            for row in chosen.filter(chosen["purpose"] == purpose).iter_rows(named=True)
        ]
        if proposed:
            lines.append(f"to make next, different from each other, {words}, with their chances: {', '.join(proposed)}")
    if not len(chosen) and batch:
        lines.append("to make next: nothing is proposed, see the notes")
    if batch == 0:
        lines.append("to make next: nothing is proposed, as requested (--batch 0)")
    if ranking.watched:
        lines.append("known materials that are not among the labels:")
        lines += [f"      {watched}" for watched in ranking.watched]
    lines.append(f"time of all steps: {seconds:.0f} s (several run at a time)")
    if folder is not None:
        lines.append(f"report: {folder / 'report.html'}")
    return lines


def _chances(row: Mapping[str, Any], goals: Sequence[Goal]) -> str:
    """The chances of a row of the shortlist to meet the goals."""
    return ", ".join(chance_words(row[f"{goal.target}_goal_probability"]) for goal in goals)


def _earlier(row: Mapping[str, Any]) -> str:
    """In which rounds a row of the shortlist was proposed before."""
    return f", {row[PROPOSED_BEFORE]}" if row.get(PROPOSED_BEFORE) else ""


def quality_sentence(evaluation: Evaluation) -> str:
    """The main score of the model and of its best baseline, with what was measured and how."""
    main = MAIN_SCORES[evaluation.target.task]
    metric = main.key
    best = min if main.smaller_is_better else max
    others = {name: scores[metric] for name, scores in evaluation.scores.items() if name != evaluation.model}
    scores = evaluation.scores[evaluation.model]
    what = "intervals" if metric == "mae" else "prediction sets"
    unit = unit_behind(evaluation.target.error_unit) if metric == "mae" else ""
    error = f"{main.words} {scores[metric]:.3g}{unit}"
    if others:
        name = best(others, key=lambda other: others[other])
        error += f" (best baseline, {name}: {others[name]:.3g}{unit})"
    if evaluation.target.task == POSITIVE_UNLABELLED:
        recall = f"{scores[recall_name(CALLED)]:.0%} of the known rows stand above {1 - CALLED:.0%} of the unlabelled"
        return f"{evaluation.target.name}: {error}; {recall} ones ({evaluation.protocol})"
    held = f"{_held(evaluation)} lie in their {evaluation.level:.0%} {what}"
    return f"{evaluation.target.name}: {error}; {held} ({evaluation.protocol})"


def _held(evaluation: Evaluation) -> str:
    """How many values lay inside; of few rows with what chance allows."""
    held = Coverage.of_model(evaluation)
    if held.few:
        return f"{held.inside} of {held.n} values (chance allows {held.low} to {held.high})"
    return f"{held.share:.0%} of the values"
