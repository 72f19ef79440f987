"""``matscout reproduce``: a figure of a paper, made again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from matscout.app.console import note, progress_display, say
from matscout.extras import require
from matscout.workflow.places import result_folder


def reproduce(
    *,
    figure: Annotated[
        str,
        typer.Argument(
            metavar="FIGURE", help="Name of a plan in experiments/, e.g. deep-infomax/fig8.", show_default=False
        ),
    ],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KEY=VALUE]...", help="scale=smoke|cpu|full and changes to other settings.", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path,
        typer.Option(
            "-o",
            "--out",
            metavar="OUT_DIR",
            help="Folder for the results; figures in one folder share the networks that they train.",
            show_default=False,
        ),
    ],
) -> None:
    """Reproduce a figure of a paper and compare the two; the same command resumes a stopped run."""
    require("torch", "lightning", "hydra", extra="torch")
    from matscout.app.steps.reproduce import ReproduceStep
    from matscout.studies.running import StudyPlan, result_folder_of
    from matscout.studies.running import reproduce as make_again
    from matscout.workflow.graph import Workflow
    from matscout.workflow.result_files import write_workflow

    plan = StudyPlan.read(figure, overrides or ())
    result_folder(result_folder_of(plan, out), "plan.yaml", goes_on=True)
    try:
        with progress_display() as progress:
            made = make_again(plan, out, progress)
    except KeyboardInterrupt:
        note("stopped; the same command resumes the run")
        raise
    for finding in made.findings:
        say(f"{finding.verdict}: {finding.statement}")
    step = ReproduceStep(figure=figure, changes=tuple(overrides or ()))
    folder = result_folder_of(plan, out)
    write_workflow(Workflow.linked({"figure": step}), folder, folder)
    for path in (made.runs, made.svg, made.png, made.text):
        say(str(path))
