"""``matscout fit``: learn from labelled rows and save the model."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from matscout.app.console import events_display, say, show_reading
from matscout.app.goal_settings import LabelledFile, read_step
from matscout.app.renaming import note_new_name
from matscout.app.stores import run_store
from matscout.counting import counted
from matscout.remarks import codes
from matscout.settings.command_options import with_options
from matscout.settings.fields import SettingInfo
from matscout.workflow.known_settings import KnownSettings
from matscout.workflow.learning_settings import LearningSettings
from matscout.workflow.places import result_folder


@dataclass(frozen=True)
class ModelFolder:
    """Where the model goes.

    Parameters
    ----------
    out
        Folder for the model.
    """

    out: Annotated[Path, SettingInfo(flags=("-o", "--out"), metavar="MODEL_DIR")]


@with_options
def fit(*, place: LabelledFile, written: ModelFolder, reading: KnownSettings, learning: LearningSettings) -> None:
    """Fit a model to labelled rows and save it in a folder."""
    result_folder(written.out, "spec.json")
    note_new_name(learning.model)

    from matscout.data.files import atomic_folder
    from matscout.workflow.fitting_steps import fitting_steps
    from matscout.workflow.graph import Workflow
    from matscout.workflow.result_files import write_workflow
    from matscout.workflow.running import WorkflowRun

    run = WorkflowRun(Workflow.linked({"labels": read_step(place.labels, reading)}), run_store())
    with events_display() as run.events:
        dataset = run.result("labels")
    show_reading(dataset)
    learned = reading.learned(dataset)
    run.grow(run.workflow.with_steps(fitting_steps(learned, reading.define, learning)))
    with events_display() as run.events:
        folder = run.result("models").folder
    with atomic_folder(written.out) as unfinished:
        shutil.copytree(folder, unfinished, dirs_exist_ok=True)
        write_workflow(run.workflow, unfinished, written.out)
    names = [name for name, kind in run.workflow.steps.items() if kind.output == "Model"]
    for name, fitted in run.results(names).items():
        target = fitted.target.name
        say(f"{target}: learned from {counted(int(dataset.target(target).known.sum()), 'row')}")
        for words in fitted.notes:
            # The new name of a model was noted at the start.
            if codes([words]) != ["model-called-otherwise-now"]:
                say(words)
        assert name
    say(f"model: {written.out}")
