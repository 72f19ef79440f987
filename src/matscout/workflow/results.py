"""What one run of the main job found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from matscout.counting import counted
from matscout.data.dataset import Dataset
from matscout.discover.back_test import BackTest
from matscout.discover.base import Goal
from matscout.discover.rounds import Round
from matscout.errors import UsageError
from matscout.evaluation.base import Evaluation
from matscout.evaluation.chances import chances_of
from matscout.evaluation.plan import EvaluationPlan
from matscout.predict.model import Model
from matscout.shown import ShownTable
from matscout.workflow.check import CheckSummary, check
from matscout.workflow.findings import Finding
from matscout.workflow.prepared import as_read
from matscout.workflow.round_moves import Move, moves_since
from matscout.workflow.round_review import RoundReview
from matscout.workflow.round_words import review_lines
from matscout.workflow.rounds import round_of
from matscout.workflow.search import GivenCandidates, Ranking, Search
from matscout.workflow.side_by_side import SideBySide
from matscout.workflow.stop_advice import StopAdvice, stop_advice
from matscout.workflow.summary import summarise

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False, repr=False)
class Scouting(ShownTable):
    """Everything one run of the main job found.

    Parameters
    ----------
    dataset
        The labels.
    check
        What was read and what was left out.
    goals
        What was looked for.
    findings
        Target name -> model, scores, learning curve and back-test.
    ranking
        The candidates, their predictions, the shortlist, and where watched materials rank.
    plan, search
        The settings of the run.
    seconds
        How long all steps took when they were made, one after the other.
    command
        How to run the same again: a command line, or a call from Python.
    review
        What became of the proposals of earlier rounds; None in a first round.
    folder
        Where the results lie; None if they were not written.
    """

    dataset: Dataset
    check: CheckSummary
    goals: tuple[Goal, ...]
    findings: Mapping[str, Finding]
    ranking: Ranking
    plan: EvaluationPlan
    search: Search
    seconds: float
    command: str
    review: RoundReview | None = None
    folder: Path | None = None

    def summary(self) -> str:
        """The run in a few lines, for the terminal."""
        parts = (self.check, tuple(self.findings.values()), self.ranking, self.goals)
        lines = summarise(*parts, batch=self.search.batch, seconds=self.seconds, folder=self.folder)
        first = [] if self.review is None else review_lines(self.review, self.moves, self.advice)
        return "\n".join([*first, *lines])

    @cached_property
    def rounds(self) -> tuple[Round, ...]:
        """All rounds of the campaign, the present one last."""
        earlier = () if self.review is None else self.review.rounds
        return (*earlier, round_of(self.ranking, self.dataset, earlier))

    @cached_property
    def moves(self) -> tuple[Move, ...]:
        """What moved in the ranking since the round before; nothing in a first round."""
        return () if self.review is None else moves_since(self.review.last, self.ranking, self.dataset)

    @cached_property
    def advice(self) -> StopAdvice | None:
        """What the next candidates are likely to bring; None if all candidates are labels."""
        return stop_advice(self.ranking, self.dataset, self.review)

    def in_a_line(self) -> str:
        """From how many labels, for which goals, and the first candidates."""
        return f"{counted(len(self.dataset), 'label')}, {self.ranking.in_a_line()}"

    def to_frame(self) -> pl.DataFrame:
        """The table of the shortlist."""
        return self.ranking.to_frame()


def scouting_of(
    labels: Dataset,
    ranking: Ranking,
    models: Sequence[Model],
    quality: Sequence[SideBySide],
    *,
    learning_curves: Sequence[Evaluation | None] = (),
    back_tests: Sequence[BackTest | None] = (),
    review: RoundReview | None = None,
    seconds: float = 0.0,
    command: str = "",
) -> Scouting:
    """The results of single steps as those of a run.

    Parameters
    ----------
    labels
        The labelled rows, as the models learned from them.
    ranking
        Of candidates.
    models, quality
        Model and scores of each target of the goals, in any order.
    learning_curves, back_tests
        Of some of them.
    review
        What became of the proposals of earlier rounds.
    seconds
        How long all steps took.
    command
        How to run the same again.

    Raises
    ------
    UsageError
        If a target has no model or no scores.
    """
    of_model = {model.target.name: model for model in models}
    of_scores = {one.asked.target.name: one for one in quality}
    curves = {one.target.name: one for one in learning_curves if one is not None}
    played = {one.target: one for one in back_tests if one is not None}
    findings = {}
    for goal in ranking.goals:
        name = goal.target
        _refuse_missing(name, "model", of_model)
        _refuse_missing(name, "scores", of_scores)
        chances = chances_of(of_scores[name].of_new, goal)
        findings[name] = Finding(goal, of_model[name], of_scores[name], curves.get(name), played.get(name), chances)
    read = as_read(labels)
    plan = EvaluationPlan(level=ranking.level, seed=ranking.search.seed)
    search = replace(ranking.search, candidates=GivenCandidates(ranking.candidates))
    return Scouting(read, check(read), ranking.goals, findings, ranking, plan, search, seconds, command, review)


def _refuse_missing(target: str, what: str, known: Mapping[str, object]) -> None:
    if target not in known:
        raise UsageError(f"{target!r} has no {what} here; available: {', '.join(known) or 'nothing'}")
