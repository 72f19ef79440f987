"""What people read of a run: files of the last steps, and the workflow that makes them again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from matscout.data.files import atomic_folder, write_text_whole
from matscout.made import write_made
from matscout.store import Store
from matscout.workflow.graph import Workflow
from matscout.workflow.jobs import ABOUT, KIND
from matscout.workflow.keys import step_keys
from matscout.workflow.places import result_folder
from matscout.workflow.running import EventSink, WorkflowRun, no_events
from matscout.workflow.user_store import user_store

WORKFLOW = "workflow.yaml"
"""What a folder of results was made by."""

RUN = "run.json"
"""What became of each step."""


def run_workflow(
    workflow: Workflow | str | Path,
    out: str | Path | None = None,
    *,
    changes: Sequence[str] = (),
    processes: int | None = None,
    events: EventSink = no_events,
) -> dict[str, Any]:
    """Run a workflow as ``matscout run`` does.

    Parameters
    ----------
    workflow
        A file, or a result of :meth:`matscout.workflow.graph.Workflow.of`.
    out
        Folder for the readable results; None writes nothing.
    changes
        ``"gap.model=gp"``: settings that replace those in the file.
    processes
        See :class:`WorkflowRun`.
    events
        Called with each event of the run.

    Returns
    -------
    dict
        Name of each final step -> its result.

    Raises
    ------
    UsageError, InputError
        If the workflow is wrong, or a step fails.
    """
    read = workflow if isinstance(workflow, Workflow) else Workflow.read(Path(workflow), changes)
    run = WorkflowRun(read, user_store(), processes=processes, events=events)
    if out is not None:
        folder = result_folder(Path(out), WORKFLOW)
        with atomic_folder(folder) as unfinished:
            write_results(run, unfinished, folder)
    return run.results()


def write_results(run: WorkflowRun, folder: Path, place: Path) -> None:
    """Make the final steps, and write what people read of them into a folder that will be moved to ``place``.

    One final step is written into the folder itself, several into folders of their names; ``workflow.yaml`` beside
    repeats them, ``run.json`` says what became of each step.
    """
    results = run.results()
    for name, result in results.items():
        inner = folder if len(results) == 1 else folder / name
        inner.mkdir(exist_ok=True)
        run.workflow.steps[name].write(result, inner)
    outcomes = {name: asdict(outcome) for name, outcome in run.outcomes.items()}
    write_text_whole(folder / RUN, json.dumps(outcomes, indent=1) + "\n")
    write_workflow(run.workflow, folder, place)


def write_workflow(workflow: Workflow, folder: Path, place: Path) -> Path:
    """Write ``workflow.yaml``, and when and by what it was made, into a folder that will be moved to ``place``."""
    seeds = {seed for kind in workflow.steps.values() if (seed := getattr(kind, "seed", None)) is not None}
    write_made(folder, seeds.pop() if len(seeds) == 1 else None)
    path = folder / WORKFLOW
    path.write_text(workflow.text(beside=place), encoding="utf-8")
    return path


def workflow_beside(workflow: Workflow, path: Path) -> Path:
    """Write the workflow that makes a file again beside it, as ``NAME.workflow.yaml``, whole or not at all."""
    text = workflow.text(beside=path.absolute().parent)
    return write_text_whole(path.with_name(f"{path.stem}.{WORKFLOW}"), text)


def stored_steps(workflow: Workflow, store: Store | None) -> dict[str, str]:
    """Name of each step whose result is stored -> the result in a line."""
    if store is None:
        return {}
    places = {name: store.get_folder(KIND, key) for name, key in step_keys(workflow).items() if key is not None}
    return {
        name: json.loads((place / ABOUT).read_text(encoding="utf-8"))["summary"]
        for name, place in places.items()
        if place is not None
    }
