"""Conditions in SQL: taken as a whole or refused in words of the user."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate

from matscout.discover.index.storage import first_line
from matscout.errors import UsageError

_DAMAGE = re.compile(r"lance file|magic|corrupt|LanceError\(IO\)|footer|decod", re.I)
"""What LanceDB says where a file is not what it was; also of these it makes errors of value."""

_FAULT = "Error applying filter expression to batch: "
"""What LanceDB says when a condition that it understands cannot be worked out for a row."""


@contextmanager
def told_in_words(condition: str, columns: Sequence[str]) -> Iterator[None]:
    """Says in words of the user what LanceDB finds wrong with a condition.

    Raises
    ------
    UsageError
        In place of its errors.
    OSError
        If the condition could not be tried since a file of the index cannot be read.
    """
    try:
        yield
    except (ValueError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and _FAULT not in str(error):
            raise
        if _DAMAGE.search(str(error)):
            raise OSError(first_line(error)) from error
        said = first_line(error).split(_FAULT)[-1].split("Valid fields")[0].removeprefix("Invalid input, ").strip()
        raise UsageError(
            f"the condition {condition!r} cannot be used ({said}); it is SQL over {', '.join(columns)}, for example "
            "\"nelements <= 3 and array_has(elements, 'Te')\""
        ) from error


def whole(condition: str) -> str:
    """A condition in brackets: LanceDB reads the first expression and would forget what follows it.

    Raises
    ------
    ValueError
        If it is empty, ends a statement, holds a comment, or opens other brackets than it closes.
    """
    if not condition.strip():
        raise ValueError("it is empty")
    bare = re.sub(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"", "", condition)
    depths = list(accumulate((mark == "(") - (mark == ")") for mark in bare))
    if re.search(r";|--|/\*", bare) or min(depths, default=0) < 0 or (depths and depths[-1]):
        raise ValueError("it holds a semicolon, a comment, or brackets that do not match")
    return f"({condition})"


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
