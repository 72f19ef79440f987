"""Candidates ranked for goals: predicted, corrected by what came true, with all evidence and remarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from matscout.data.dataset import Dataset
from matscout.discover.back_test import BackTest
from matscout.discover.base import Brief, Goal
from matscout.discover.goals import parse_goals
from matscout.discover.opinions import add_evidence
from matscout.discover.rounds import Round
from matscout.errors import UsageError
from matscout.evaluation.chances import chances_of
from matscout.evaluation.doubts import doubts
from matscout.predict.definitions import with_definitions
from matscout.predict.model import Model
from matscout.predict.recalibration import Recalibration
from matscout.progress import Progress, silent
from matscout.remarks import Remark
from matscout.workflow.model_context import refuse_models_of_structures
from matscout.workflow.prepared import remarks_of
from matscout.workflow.search import GivenCandidates, Ranking, Search, find_field, rank_candidates
from matscout.workflow.side_by_side import SideBySide


def rank_for_goals(
    labels: Dataset,
    goals: Sequence[str],
    models: Sequence[Model],
    quality: Sequence[SideBySide],
    *,
    candidates: GivenCandidates,
    search: Search,
    definitions: Mapping[str, str],
    back_tests: Sequence[BackTest] = (),
    level: float = 0.9,
    rounds: tuple[Round, ...] = (),
    progress: Progress = silent,
) -> Ranking:
    """Predict, filter and rank candidates.

    Parameters
    ----------
    labels
        The labelled rows, as the models learned from them.
    goals
        ``"gap=1.1:1.6"``.
    models
        One of each target of the goals.
    quality
        Scores of these models; chances are as the models tell them where there are none.
    candidates
        What is ranked.
    search
        How.
    definitions
        Name -> law of targets that follow from others.
    back_tests
        Searches among the labels that were played back, if any.
    level
        Coverage that the intervals should have.
    rounds
        Earlier rounds of the campaign: what they proposed is marked.
    progress
        Told how far the work is.

    Raises
    ------
    UsageError
        If a target has no model, or a goal, filter, element or setting is wrong.
    InputError
        If no candidate is left.
    """
    labels = with_definitions(labels, {name: law for name, law in definitions.items() if name not in labels.targets})
    wanted = parse_goals(list(goals), labels.targets)
    by_target = _models_of(wanted, models)
    refusals = no_batch(wanted, quality, back_tests) if search.batch else ()
    search = replace(search, candidates=candidates)
    considered = find_field(labels, search, progress, goals=wanted)
    refuse_models_of_structures(by_target, considered.conditions.materials)
    ranking = rank_candidates(
        considered,
        by_target,
        wanted,
        labels,
        search=replace(search, batch=0 if refusals else search.batch),
        level=level,
        corrections=_corrections(wanted, quality),
        progress=progress,
    )
    shortlist = ranking.shortlist.with_remarks(
        (*refusals, *considered.must.remarks, *considered.remarks, *remarks_of(labels))
    )
    notes = tuple(note for model in by_target.values() for note in model.notes)
    proposed = {one.number: one.materials[one.proposed] for one in rounds}
    brief = Brief(labels, wanted, definitions, search.settings, search.seed, level, notes, proposed)
    asked = replace(ranking.search, batch=search.batch)
    return replace(ranking, search=asked, shortlist=add_evidence(shortlist, brief, progress))


IDLE = ("no-better-than-guess", "not-clearly-better-than-guess", "knows-little")
"""Doubts that leave nothing to order chemicals by."""


def no_batch(
    goals: Sequence[Goal], quality: Sequence[SideBySide], back_tests: Sequence[BackTest] = ()
) -> tuple[str, ...]:
    """Why nothing is proposed: models hardly better than the constant guess, back-tests no better than chance.

    Where rows come in groups, whole groups left out decide, since what is proposed is of none of them.
    """
    wanted = {goal.target for goal in goals}
    idle = [one.asked.target.name for one in quality if one.asked.target.name in wanted and _is_idle(one)]
    reasons = [f"the model of {', '.join(idle)} is hardly better than the constant guess"] if idle else []
    if not all(one.beats_chance for one in back_tests):
        reasons.append("the back-test does no better than a random order")
    if not reasons:
        return ()
    text = (
        f"Nothing is proposed to make next: {' and '.join(reasons)}. Do not order chemicals by this ranking; first "
        "measure more materials, or more properties of these."
    )
    return (Remark("no-batch", text),)


def _is_idle(quality: SideBySide) -> bool:
    return any(isinstance(one, Remark) and one.code in IDLE for one in doubts(quality.of_new))


def _models_of(goals: Sequence[Goal], models: Sequence[Model]) -> dict[str, Model]:
    by_target = {model.target.name: model for model in models}
    for goal in goals:
        if goal.target not in by_target:
            raise UsageError(
                f"the goal names {goal.target!r}, but no model predicts it; there are models of "
                f"{', '.join(by_target) or 'nothing'}"
            )
    return {goal.target: by_target[goal.target] for goal in goals}


def _corrections(goals: Sequence[Goal], quality: Sequence[SideBySide]) -> dict[str, Recalibration]:
    """Target -> what its chances are changed by, as unseen rows asked for."""
    scores = {one.asked.target.name: one for one in quality}
    known = {goal.target: chances_of(scores[goal.target].of_new, goal) for goal in goals if goal.target in scores}
    return {name: chances.recalibration for name, chances in known.items() if chances is not None}
