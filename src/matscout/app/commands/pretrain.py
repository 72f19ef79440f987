"""``matscout pretrain``: train encoders on much data, for tasks with little."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from matscout.app.console import note, progress_display, say
from matscout.extras import require
from matscout.workflow.places import result_folder


def pretrain(
    *,
    experiment: Annotated[
        str,
        typer.Argument(
            metavar="EXPERIMENT", help="Name of a file in experiments/, without its ending.", show_default=False
        ),
    ],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KEY=VALUE]...", help="Changes to its settings, in Hydra's grammar.", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="RUN_DIR", help="Folder for the run.", show_default=False)
    ],
    multirun: Annotated[
        bool, typer.Option("--multirun", "-m", help="One run for each combination of values such as seed=0,1,2.")
    ] = False,
) -> None:
    """Pretrain encoders; the same command resumes a stopped run."""
    require("torch", "lightning", "hydra", extra="torch")
    from matscout.app.steps.pretrain import PretrainStep
    from matscout.represent.pretraining.sweeps import plan_runs
    from matscout.represent.pretraining.training import pretrain as pretrain_run
    from matscout.workflow.graph import Workflow
    from matscout.workflow.result_files import write_workflow

    runs = plan_runs(experiment, overrides or (), out, multirun)
    for folder in runs:
        result_folder(folder, "run.json", goes_on=True)
    try:
        for place, (folder, settings) in enumerate(runs.items(), start=1):
            if multirun:
                note(f"run {place} of {len(runs)}: {folder.name}")
            with progress_display() as progress:
                result = pretrain_run(settings, folder, progress)
            loss = result.values["validation loss"]
            say(f"{result.epochs} epochs: {result.ended}")
            say(f"lowest validation loss: {loss:.4g}, in epoch {result.best_epoch}")
            say(f"artefact: {result.artefact}")
            if not multirun:
                step = PretrainStep(experiment=experiment, changes=tuple(overrides or ()))
                write_workflow(Workflow.linked({"run": step}), folder, folder)
    except KeyboardInterrupt:
        note("stopped; the same command resumes after the last whole epoch")
        raise
