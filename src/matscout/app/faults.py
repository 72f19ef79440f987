"""What is said of an error that nobody foresaw: what was done, with which files, and how to report it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

LONGEST = 300
"""Characters of an error's own words."""


def words_of_fault(error: BaseException, arguments: Sequence[str]) -> str:
    """The last words of a run that ended in ``error``, on the command line ``arguments`` (without the program)."""
    command = shlex.join(["matscout", "--debug", *arguments])
    if isinstance(error, MemoryError):
        return (
            f"this machine does not have enough memory{_files_among(arguments)}; give fewer rows at a time "
            f"(`{command}` shows where the run stopped)"
        )
    return (
        f"an internal error of matscout stopped this run{_files_among(arguments)}: {_named(error)}; unfinished files "
        f"have not been written. Please report it to the maintainers, with the output of `{command}` and the file, "
        "or the smallest part of it that causes the same error"
    )


def _files_among(arguments: Sequence[str]) -> str:
    named = [argument for argument in arguments if _is_there(argument)]
    return f" with {', '.join(named)}" if named else ""


def _is_there(argument: str) -> bool:
    try:
        return Path(argument).exists()
    except (OSError, ValueError):
        return False


def _named(error: BaseException) -> str:
    message = " ".join(str(error).split())
    return f"{type(error).__name__}: {message[:LONGEST]}" if message else type(error).__name__
