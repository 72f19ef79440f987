"""Conditions in SQL: taken as a whole or refused in words of the user."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate

from matscout.discover.index.storage import first_line
from matscout.errors import UsageError, shortened

_DAMAGE = re.compile(r"lance file|magic|corrupt|LanceError\(IO\)|footer|decod", re.I)
"""What LanceDB says where a file is not what it was; also of these it makes errors of value."""

_FAULT = "Error applying filter expression to batch: "
"""What LanceDB says when a condition that it understands cannot be worked out for a row."""


@contextmanager
def in_user_words(condition: str, columns: Sequence[str]) -> Iterator[None]:
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
        fault = first_line(error).split(_FAULT)[-1].split("Valid fields")[0].removeprefix("Invalid input, ").strip()
        raise UsageError(
            f"the condition {shortened(condition)} cannot be used ({fault}); conditions are SQL over "
            f"{', '.join(columns)}, for example \"nelements <= 3 and array_has(elements, 'Te')\""
        ) from error


DEEPEST, MOST_OPERATORS = 50, 500
"""Of a condition: brackets within brackets, and operators; the engine recurses over them."""
FUNCTIONS = frozenset(
    (
        *("array_has", "array_has_all", "array_has_any", "array_length", "cardinality", "make_array"),
        *("lower", "upper", "length", "starts_with", "contains", "regexp_like", "coalesce", "cast"),
        *("abs", "round", "floor", "ceil", "sqrt", "ln", "log10", "exp", "power", "greatest", "least"),
        *("in", "and", "or", "not", "between", "like", "ilike", "is", "case", "when", "then", "else", "any", "all"),
    )
)
"""What conditions may call, and words of SQL that may stand before a bracket. Others can ask for any memory."""
_CALLED = re.compile(r"(?<!\w)([A-Za-z_]\w*)\s*\(")
_QUOTED_NAME = re.compile(r"\"(?:[^\"]|\"\")*\"|`[^`]*`")
_QUOTED_CALL = re.compile(r"\"\s*\(")
"""A bracket after what stands in place of quoted names; the engine would call ``"repeat"(id, 9)``, too."""
_OPERATOR = re.compile(r"[+\-*/%=<>|&^~]+|(?<!\w)(?i:and|or|not|in|like|ilike|between)(?!\w)")


def whole(condition: str) -> str:
    """A condition in brackets: LanceDB reads the first expression and would forget what follows it.

    Raises
    ------
    ValueError
        If it is empty, ends a statement, holds a comment, opens other brackets than it closes, has too many operators,
        or calls what may take any time and memory.
    """
    if not condition.strip():
        raise ValueError("it is empty")
    bare = _QUOTED_NAME.sub('"', re.sub(r"'(?:[^']|'')*'", "", condition))
    depths = list(accumulate((mark == "(") - (mark == ")") for mark in bare))
    if re.search(r";|--|/\*", bare) or min(depths, default=0) < 0 or (depths and depths[-1]):
        raise ValueError("it contains a semicolon, a comment, or brackets that do not match")
    if max(depths, default=0) > DEEPEST or len(_OPERATOR.findall(bare)) > MOST_OPERATORS:
        raise ValueError(f"it contains more than {MOST_OPERATORS} operators, or brackets nested {DEEPEST} deep")
    if _QUOTED_CALL.search(bare):
        raise ValueError("a bracket follows a name in quotes, and conditions call functions by their plain names only")
    if foreign := sorted({name.lower() for name in _CALLED.findall(bare)} - FUNCTIONS):
        raise ValueError(f"it calls {', '.join(foreign)}; conditions may call {', '.join(sorted(FUNCTIONS))}")
    return f"({condition})"


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
