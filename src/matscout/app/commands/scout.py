"""``matscout scout``: labels in, ranked shortlist and report out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from matscout.app.console import note, say
from matscout.app.goal_settings import (
    CandidateSources,
    CandidateStability,
    EarlierRound,
    LabelledFile,
    ResultFolder,
    read_step,
    scout_settings,
)
from matscout.app.renaming import note_new_name
from matscout.errors import UsageError
from matscout.settings.command_options import with_options
from matscout.settings.writing import command_of
from matscout.workflow.label_settings import LabelSettings
from matscout.workflow.learning_settings import GoalSettings, LearningSettings, RankSettings

if TYPE_CHECKING:
    from matscout.generate.base import Removal

SHOWN_LOST = 5
"""Candidates that a stage left out, of which the reason is shown."""


@with_options
def scout(
    *,
    place: LabelledFile,
    wanted: GoalSettings,
    written: ResultFolder,
    reading: LabelSettings,
    learning: LearningSettings,
    source: CandidateSources,
    ranking: RankSettings,
    stability: CandidateStability,
    earlier: EarlierRound,
) -> None:
    """Find out what to make next: fit and evaluate a model, generate or read candidates, rank them, write a report."""
    if source.use is not None and (learning.simulate or learning.model is not None):
        raise UsageError("--use names a fitted model: omit --model and --simulate")
    if earlier.since is not None and earlier.since.absolute() == written.out.absolute():
        raise UsageError(
            f"--since and --out name the same folder, {written.out}: write the new round to another folder"
        )
    note_new_name(learning.model)

    from matscout.app.scouting_run import run_to_shortlist
    from matscout.workflow.scouting import scouting_steps

    given = reading.with_columns(wanted.goal, ranking.set_to if source.use is None else {})
    if source.use is not None and not reading.context:
        from matscout.workflow.model_context import context_of_folder
        from matscout.workflow.parsing import existing

        given = replace(given, context=context_of_folder(existing(source.use)))
    settings = scout_settings(
        reading,
        learning,
        ranking,
        use=source.use,
        candidates=source.candidates,
        elements=source.elements,
        dope=source.dope,
        n_candidates=source.n_candidates,
        since=earlier.since,
        **vars(stability),
    )
    scouting, _ = run_to_shortlist(
        read_step(place.labels, given),
        Path(),
        lambda run, dataset: run.grow(run.workflow.with_steps(scouting_steps(dataset, list(wanted.goal), settings))),
        out=written.out,
        command=command_of("scout", place, wanted, written, reading, learning, source, ranking, stability, earlier),
    )
    for stage in scouting.ranking.candidates.stages:
        _show_stage(stage)


def _show_stage(stage: Removal) -> None:
    """How many candidates a stage left, and why some are out."""
    say(f"stage {stage.step}: {stage.before:,} -> {stage.after:,}")
    pairs = list(zip(stage.formulas.tolist(), stage.reasons.tolist(), strict=True))
    for formula, reason in pairs[:SHOWN_LOST]:
        note(f"  left out: {formula}: {reason}")
    if len(pairs) > SHOWN_LOST:
        note(f"  ... and {len(pairs) - SHOWN_LOST:,} more")
