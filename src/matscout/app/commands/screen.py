"""``matscout screen``: a funnel from many candidates to a shortlist."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from matscout.app.again import command_line
from matscout.app.console import progress_display, say, show_reading
from matscout.settings.command_options import with_options
from matscout.settings.fields import SettingInfo
from matscout.workflow.parsing import existing


@dataclass(frozen=True)
class ScreenSettings:
    """A funnel that is run.

    Parameters
    ----------
    plan
        Labels, goal, candidates and stages.
    out
        Folder for the results.
    """

    plan: Annotated[Path, SettingInfo(argument=True, metavar="FUNNEL.yaml")]
    out: Annotated[Path, SettingInfo(flags=("-o", "--out"), metavar="OUT_DIR")]


@with_options
def screen(*, invoked: typer.Context, asked: ScreenSettings) -> None:
    """Send candidates through the stages of a funnel, cheap ones first, and rank what is left, with reports.

    A run that was stopped goes on after the last finished stage; so does one whose later stages were changed.
    """
    existing(asked.plan)

    from matscout.app.front import screen as send
    from matscout.app.stores import result_cache
    from matscout.workflow.funnel_plan import Plan

    with progress_display() as progress:
        labels = Plan.read(asked.plan).read_labels(progress)
    show_reading(labels)
    again = command_line(invoked)
    with progress_display() as progress:
        scouting = send(
            asked.plan, labels=labels, out=asked.out, command=again, store=result_cache(), progress=progress
        )
    for number, one in enumerate(scouting.ranking.candidates.stages, start=1):
        done = f"{one.note.seconds:.1f} s" if one.note and one.note.seconds else "done before"
        say(f"stage {number}, {one.step}: {one.before:,} -> {one.after:,} ({done})")
    say(scouting.summary())
    say(f"funnel: {asked.out / 'funnel.html'}")
