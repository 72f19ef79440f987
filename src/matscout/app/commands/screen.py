"""``matscout screen``: a funnel from many candidates to a shortlist."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from matscout.app.console import say
from matscout.settings.command_options import with_options
from matscout.settings.fields import SettingInfo
from matscout.settings.writing import command_of
from matscout.workflow.parsing import existing


@dataclass(frozen=True)
class ScreenSettings:
    """A funnel that is run.

    Parameters
    ----------
    plan
        File with labels, goal, candidates and stages.
    out
        Folder for the results.
    """

    plan: Annotated[Path, SettingInfo(argument=True, metavar="FUNNEL.yaml")]
    out: Annotated[Path, SettingInfo(flags=("-o", "--out"), metavar="OUT_DIR")]


@with_options
def screen(*, asked: ScreenSettings) -> None:
    """Pass candidates through the stages of a funnel, cheap ones first, rank the rest, and write reports.

    The same command resumes a stopped run after its last finished stage, also if later stages were changed.
    """
    existing(asked.plan)

    from matscout.app.scouting_run import run_to_shortlist
    from matscout.workflow.funnel_plan import FunnelPlan
    from matscout.workflow.screening import add_stages

    plan = FunnelPlan.read(asked.plan)
    scouting, run = run_to_shortlist(
        plan.label_step(),
        asked.plan.parent,
        lambda run, dataset: add_stages(run, plan, dataset),
        out=asked.out,
        command=command_of("screen", asked),
    )
    for number, one in enumerate(scouting.ranking.candidates.stages, start=1):
        outcome = run.outcomes.get(f"stage-{number}")
        made = outcome is not None and outcome.state == "done" and one.note is not None and one.note.seconds > 0
        done = f"{one.note.seconds:.1f} s" if made and one.note is not None else "done before"
        say(f"stage {number}, {one.step}: {one.before:,} -> {one.after:,} ({done})")
    say(f"funnel: {asked.out / 'funnel.html'}")
