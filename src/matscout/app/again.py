"""How to run the same again: the command line of a run, or the call from Python."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

_NO_SETTINGS = ("dataset", "store", "progress", "command")


def command_line(context: typer.Context) -> str:
    """The command with everything that was given on its command line, quoted for a POSIX shell.

    It is taken from the parser's own list of options, so that none can be forgotten.
    """
    words = [*context.command_path.split(), *_words(context)]
    return shlex.join(words)


def _words(context: typer.Context) -> Iterator[str]:
    for parameter in context.command.params:
        name = parameter.name or ""
        source, value = context.get_parameter_source(name), context.params.get(name)
        if source is None or source.name != "COMMANDLINE":
            continue
        values = value if isinstance(value, list | tuple) else [value]
        for entry in values:
            yield from [] if parameter.param_type_name == "argument" else [parameter.opts[0]]
            yield from [] if entry is True else [str(entry)]


def python_call(function: Callable[..., Any], arguments: Mapping[str, object]) -> str:
    """``matscout.scout(dataset, goals='1.1:1.6', fast=True)``: the call with all settings that are not the usual ones.

    Parameters
    ----------
    function
        A public function whose first parameter is the data set.
    arguments
        Parameter name -> value, without those that it takes besides.
    """
    usual = inspect.signature(function).parameters
    given = {name: value for name, value in arguments.items() if name in usual and name not in _NO_SETTINGS}
    changed = [f"{name}={_plain(value)}" for name, value in given.items() if value != usual[name].default]
    return f"matscout.{function.__name__}({', '.join(['dataset', *changed])})"


def _plain(value: object) -> str:
    """As one would write it: paths as texts."""
    return repr(str(value) if isinstance(value, Path) else value)
