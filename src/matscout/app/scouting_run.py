"""Runs that end in a shortlist: labels read and shown, the other steps run, the outcome told and written."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from matscout.app.console import events_display, say, show_reading
from matscout.app.output import FACTS
from matscout.app.stores import note_stored_work, run_store
from matscout.data.files import atomic_folder
from matscout.workflow.places import result_folder

if TYPE_CHECKING:
    from matscout.data.dataset import Dataset
    from matscout.workflow.kind import StepKind
    from matscout.workflow.results import Scouting
    from matscout.workflow.running import WorkflowRun

Prepare = Callable[["WorkflowRun", "Dataset"], None]
"""Adds the steps below the labels, once these are known."""


def run_to_shortlist(
    labels: StepKind, folder: Path, add_steps: Prepare, *, out: Path | None, command: str
) -> tuple[Scouting, WorkflowRun]:
    """Read labels, run all steps, and write the report.

    Parameters
    ----------
    labels
        The step that reads them.
    folder
        Where paths begin.
    add_steps
        Makes the other steps.
    out
        Folder for the report; None writes nothing.
    command
        The command line, for the report.
    """
    from matscout.workflow.graph import Workflow
    from matscout.workflow.running import WorkflowRun
    from matscout.workflow.scouting import LABELS, REPORT, gather, look_at_candidates, report_step

    if out is not None:
        result_folder(out, FACTS)
    run = WorkflowRun(Workflow.linked({LABELS: labels}, folder=folder), run_store())
    with events_display() as run.events:
        dataset = run.result(LABELS)
    show_reading(dataset)
    with events_display() as run.events:
        add_steps(run, dataset)
        if out is not None:
            run.grow(run.workflow.with_steps({REPORT: report_step(run.workflow.steps, command)}))
        note_stored_work(run)
        look_at_candidates(run)
        scouting = gather(run, command)
        if out is not None:
            write_report_folder(run, out)
    scouting = replace(scouting, folder=out)
    say(scouting.summary())
    return scouting, run


def write_report_folder(run: WorkflowRun, out: Path) -> None:
    """Write the files of the report, and the workflow that makes them again, whole or not at all."""
    from matscout.workflow.result_files import write_workflow
    from matscout.workflow.scouting import REPORT

    report = run.result(REPORT)
    with atomic_folder(out) as unfinished:
        shutil.copytree(report.folder, unfinished, dirs_exist_ok=True)
        write_workflow(run.workflow, unfinished, out)
