"""``matscout run``: the steps of a workflow, those that were made before taken from the store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from annotated_types import Ge

from matscout.app.console import events_display, naming_failures, note, say, show_table
from matscout.app.stores import run_store
from matscout.settings.command_options import with_options
from matscout.settings.fields import SettingInfo
from matscout.workflow.parsing import existing
from matscout.workflow.places import result_folder


@dataclass(frozen=True)
class RunSettings:
    """A workflow that is run.

    Parameters
    ----------
    workflow
        Workflow that a command or you have written.
    out
        Folder for the results of the last steps.
    begin
        Repeat this step and all steps that depend on it.
    changes
        Change a setting for this run, e.g. gap.model=gp (repeatable).
    processes
        Number of steps that run at the same time (default: one for each processor).
    """

    workflow: Annotated[Path, SettingInfo(argument=True, metavar="WORKFLOW.yaml")]
    out: Annotated[Path, SettingInfo(flags=("-o", "--out"), metavar="OUT_DIR")]
    begin: Annotated[str | None, SettingInfo(key="from", metavar="STEP")] = None
    changes: Annotated[tuple[str, ...], SettingInfo(key="set", metavar="STEP.SETTING=VALUE")] = ()
    processes: Annotated[int | None, Ge(0)] = None


@with_options
def run(*, asked: RunSettings) -> None:
    """Run a workflow; results of earlier runs with the same input and settings are reused."""
    from matscout.data.files import atomic_folder
    from matscout.workflow.graph import Workflow
    from matscout.workflow.result_files import WORKFLOW, write_results
    from matscout.workflow.running import WorkflowRun

    existing(asked.workflow)
    result_folder(asked.out, WORKFLOW)
    workflow = Workflow.read(asked.workflow, asked.changes)
    anew = frozenset(workflow.below(asked.begin)) if asked.begin is not None else frozenset()
    started = WorkflowRun(workflow, run_store(), processes=asked.processes, anew=anew)
    with events_display() as display, atomic_folder(asked.out) as unfinished:
        started.events = naming_failures(display)
        write_results(started, unfinished, asked.out)
    rows = [
        (name, started.outcomes[name].state, f"{started.outcomes[name].seconds:.1f}", started.outcomes[name].words)
        for name in workflow.steps
        if name in started.outcomes
    ]
    show_table(("step", "state", "seconds", "result"), rows)
    made = sum(outcome.state == "done" for outcome in started.outcomes.values())
    note(f"{made} of {len(workflow.steps)} steps ran, the others were in the store")
    say(f"results: {asked.out}")
