"""``matscout campaign``: strategies compared on labelled rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from matscout.app.console import events_display, say, show_reading, show_table
from matscout.app.goal_settings import LabelledFile, read_step
from matscout.app.session import give
from matscout.app.stores import run_store
from matscout.settings.command_options import with_options
from matscout.settings.fields import SettingInfo
from matscout.settings.sharing import taken_over
from matscout.workflow.contest_settings import ContestSettings
from matscout.workflow.label_settings import LabelSettings
from matscout.workflow.places import result_folder


@dataclass(frozen=True, kw_only=True)
class CampaignCommandSettings:
    """What is looked for, and where the result goes.

    Parameters
    ----------
    goal
        What to look for: max, min, absmax, a value or a range.
    out
        Folder for strategies.csv, campaigns.csv and campaigns.png.
    """

    goal: Annotated[str, SettingInfo(metavar="[COL=]max|min|absmax|VALUE|LOW:HIGH")]
    out: Annotated[Path, SettingInfo(flags=("-o", "--out"), metavar="OUT_DIR")]


HEADINGS = ("strategy", "found", "90 % interval", "times chance", "first hit", "s per batch")


@with_options
def campaign(
    *, place: LabelledFile, wanted: CampaignCommandSettings, reading: LabelSettings, asked: ContestSettings
) -> None:
    """Compare strategies on labelled rows: which would have found the best with the fewest measurements?"""
    folder = result_folder(wanted.out, "strategies.csv")

    from matscout.data.files import atomic_folder
    from matscout.workflow.graph import Workflow
    from matscout.workflow.result_files import write_workflow
    from matscout.workflow.running import WorkflowRun
    from matscout.workflow.steps.compare_strategies import CompareStrategiesStep

    given = reading.with_columns((wanted.goal,), {})
    run = WorkflowRun(Workflow.linked({"labels": read_step(place.labels, given)}), run_store())
    with events_display() as run.events:
        dataset = run.result("labels")
    show_reading(dataset)
    step = taken_over(CompareStrategiesStep, asked, labels="labels", goal=wanted.goal)
    run.grow(run.workflow.with_steps({"strategies": step}))
    with events_display() as run.events:
        result = run.result("strategies")
    table = result.to_frame()
    show_table(HEADINGS, [_cells(row) for row in table.to_dicts()], title=result.title)
    with atomic_folder(folder) as unfinished:
        step.write(result, unfinished)
        write_workflow(run.workflow, unfinished, folder)
    give("strategies", table)
    say(result.verdict)
    say(f"curves and tables: {folder}")


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """What the screen shows of a strategy, or of chance, of which less is known."""
    share = f"{row['share found']:.0%}"
    if row["times chance"] is None:
        return (row["strategy"], share, "", "", "", "")
    return (
        row["strategy"],
        share,
        f"{row['share found, 5 %']:.0%} to {row['share found, 95 %']:.0%}",
        f"{row['times chance']:.1f}",
        "never" if row["first hit, median"] is None else f"{row['first hit, median']:.0f}",
        f"{row['seconds a batch']:.2g}",
    )
