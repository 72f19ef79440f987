"""How to run the same again: the command line of a run."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import typer


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
