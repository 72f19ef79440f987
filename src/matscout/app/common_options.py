"""What every command takes: ``--json``, ``--quiet``, ``--verbose``, ``--log-file``, ``--plugin``."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from matscout.app.session import begin
from matscout.errors import UsageError

_PANEL = "Common options"


@dataclass(frozen=True)
class _Option:
    """A common option: its type as Typer reads it, and what it is if it is not given."""

    annotation: Any
    default: Any


OPTIONS = {
    "as_json": _Option(
        Annotated[
            bool,
            typer.Option(
                "--json", help="Write one JSON document, and nothing else, to standard output.", rich_help_panel=_PANEL
            ),
        ],
        False,
    ),
    "quiet": _Option(
        Annotated[bool, typer.Option("-q", "--quiet", help="Hide remarks and progress.", rich_help_panel=_PANEL)],
        False,
    ),
    "verbose": _Option(
        Annotated[
            bool,
            typer.Option("-v", "--verbose", help="Show all steps and remarks, with times.", rich_help_panel=_PANEL),
        ],
        False,
    ),
    "log_file": _Option(
        Annotated[
            Path | None,
            typer.Option(
                "--log-file",
                metavar="FILE",
                help="Append all lines to a file, with time and level.",
                rich_help_panel=_PANEL,
                show_default=False,
            ),
        ],
        None,
    ),
    "plugin": _Option(
        Annotated[
            list[Path] | None,
            typer.Option(
                "--plugin",
                metavar="FILE.py",
                help="Load the plug-ins that a file defines (repeatable).",
                rich_help_panel=_PANEL,
                show_default=False,
            ),
        ],
        None,
    ),
}
"""Name of the parameter -> the option."""

OVERWRITE = _Option(
    Annotated[
        bool,
        typer.Option("--overwrite", help="Replace an earlier result without asking.", rich_help_panel=_PANEL),
    ],
    False,
)
"""Of commands that write."""

WRITES = ("-o", "--out", "--save", "--oof", "--table")
"""Options by which a command is known to write."""


def add_common_options(commands: typer.Typer, group: str = "") -> None:
    """Give all commands of a group what every command takes."""
    for registered in commands.registered_commands:
        callback = registered.callback
        assert callback is not None
        name = registered.name or callback.__name__.replace("_", "-")
        registered.callback = _with_common_options(callback, f"{group} {name}".strip())


def _with_common_options(command: Callable[..., Any], name: str) -> Callable[..., Any]:
    hints = get_type_hints(command, include_extras=True)
    own = [
        one.replace(annotation=hints.get(one.name, one.annotation))
        for one in inspect.signature(command).parameters.values()
    ]
    options = {**OPTIONS, **({"overwrite": OVERWRITE} if _writes(own) else {})}
    added = [
        inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=option.default, annotation=option.annotation)
        for key, option in options.items()
    ]

    @wraps(command)
    def called(**given: Any) -> Any:
        common = {key: given.pop(key) for key in options}
        _begin(name, **common)
        return command(**given)

    called.__signature__ = inspect.Signature([*own, *added])  # type: ignore[attr-defined]
    called.__annotations__ = {one.name: one.annotation for one in [*own, *added]}
    return called


def _writes(parameters: list[inspect.Parameter]) -> bool:
    marks = [mark for one in parameters for mark in getattr(one.annotation, "__metadata__", ())]
    # Where the annotation declares it, Typer takes the first of the flags for the default until it reads the command.
    declared = [
        flag for mark in marks for flag in (getattr(mark, "default", None), *(getattr(mark, "param_decls", None) or ()))
    ]
    return any(flag in WRITES for flag in declared)


def _begin(
    name: str,
    *,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    log_file: Path | None,
    plugin: list[Path] | None,
    overwrite: bool = False,
) -> None:
    if quiet and verbose:
        raise UsageError("--quiet and --verbose contradict each other: leave one of them out")
    begin(command=name, as_json=as_json, quiet=quiet, verbose=verbose, log=log_file, overwrite=overwrite)
    if plugin:
        from matscout.registry import use_plug_in_file

        for path in plugin:
            use_plug_in_file(path)
