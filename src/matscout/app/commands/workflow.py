"""``matscout workflow``: look at workflows without running them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from matscout.app.console import say, show_table
from matscout.settings.command_options import with_options
from matscout.settings.fields import SettingInfo
from matscout.workflow.parsing import existing
from matscout.workflow.places import result_file

workflow = typer.Typer(no_args_is_help=True, help="Check a workflow, show it, write it in other forms.")


@dataclass(frozen=True)
class WorkflowFile:
    """A workflow.

    Parameters
    ----------
    workflow
        Steps, as a command has written them or by hand.
    """

    workflow: Annotated[Path, SettingInfo(argument=True, metavar="WORKFLOW.yaml")]


@dataclass(frozen=True)
class ExportSettings:
    """How it is written.

    Parameters
    ----------
    form
        YAML with all that is implied, a script in Python, commands of a shell, or a picture.
    out
        File; else it is printed.
    """

    form: Annotated[Literal["yaml", "script", "commands", "svg"], SettingInfo(key="as")]
    out: Annotated[Path | None, SettingInfo(flags=("-o", "--out"), metavar="FILE")] = None


@workflow.command()
@with_options
def check(*, asked: WorkflowFile) -> None:
    """Check whether a workflow can run: kinds of steps, settings, links, files."""
    from matscout.workflow.graph import Workflow

    read = Workflow.read(existing(asked.workflow))
    for file in read.files():
        existing(file)
    say(f"{asked.workflow}: {len(read.steps)} steps, results of {', '.join(read.final)}")


@workflow.command()
@with_options
def show(*, asked: WorkflowFile) -> None:
    """List the steps of a workflow: kind, input, result, and whether the result is stored."""
    from matscout.app.stores import run_store
    from matscout.workflow.graph import Workflow
    from matscout.workflow.kind import kind_name
    from matscout.workflow.result_files import stored_steps

    read = Workflow.read(existing(asked.workflow))
    stored = stored_steps(read, run_store())
    rows = [
        (name, kind_name(kind), ", ".join(read.inputs(name)), kind.output, stored.get(name, ""))
        for name, kind in read.steps.items()
    ]
    show_table(("step", "kind", "needs", "gives", "stored result"), rows, title=read.title or None)


@workflow.command()
def schema() -> None:
    """Print the JSON schema of workflows with all kinds of steps and their settings."""
    from matscout.workflow.schema import workflow_schema

    say(json.dumps(workflow_schema(), indent=1, ensure_ascii=False))


@workflow.command()
@with_options
def export(*, asked: WorkflowFile, written: ExportSettings) -> None:
    """Write a workflow as complete YAML, a Python script, shell commands or a picture."""
    from matscout.data.files import write_text_whole
    from matscout.workflow.exporting import exported
    from matscout.workflow.graph import Workflow

    result_file(written.out, asked.workflow)
    text = exported(Workflow.read(existing(asked.workflow)), asked.workflow, written.form)
    say(text.rstrip("\n") if written.out is None else f"{written.form}: {write_text_whole(written.out, text)}")
