"""Texts of settings as lists, assignments, counts and places."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matscout.errors import InputError, UsageError


def existing(path: Path) -> Path:
    """The path itself.

    Raises
    ------
    InputError
        If nothing is there; the message names files that are called nearly so.
    """
    if path.exists():
        return path
    import difflib

    names = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, names, n=3)
    hint = (
        f"did you mean {' or '.join(near)}?"
        if near
        else (f"give the path of a file or folder; the current folder is {Path.cwd()}")
    )
    raise InputError(f"there is no file or folder {path}; {hint}")


def parse_list(text: str | None) -> tuple[str, ...]:
    """``"A, B"`` -> ``("A", "B")``."""
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def parse_assignments(texts: tuple[str, ...] | list[str] | None, option: str, form: str) -> dict[str, str]:
    """``["a=b"]`` -> ``{"a": "b"}``; the last ``=`` divides, since column names may hold one.

    Raises
    ------
    UsageError
        If there is no ``=``, or nothing on one side of it.
    """
    assignments = {}
    for text in texts or ():
        name, _, value = (part.strip() for part in text.rpartition("="))
        if not name or not value:
            raise UsageError(f"{option} {text!r} is not of the form {form}")
        assignments[name] = value
    return assignments


def parse_counts(text: str | None, option: str) -> tuple[int, ...]:
    """``"50,100"`` -> ``(50, 100)``.

    Raises
    ------
    UsageError
        If a part is not a positive whole number.
    """
    parts = parse_list(text)
    for part in parts:
        if not part.isdecimal() or int(part) == 0:
            raise UsageError(f"{option} takes positive whole numbers separated by commas; got {part!r}")
    return tuple(int(part) for part in parts)


def check_level(level: float) -> float:
    """The level itself.

    Raises
    ------
    UsageError
        If it is not strictly between 0 and 1.
    """
    if not 0.0 < level < 1.0:
        raise UsageError(f"--level is a probability between 0 and 1, such as 0.9; got {level:g}")
    return level


def parse_must(text: str | None) -> tuple[str, ...] | None:
    """``"Li, O"`` -> ``("Li", "O")``; no element for "none", and None for "auto" or where nothing is said.

    Raises
    ------
    UsageError
        If no element is named.
    """
    word = (text or "auto").strip().lower()
    if word in ("none", "auto"):
        return () if word == "none" else None
    symbols = parse_list(text)
    if not symbols:
        raise UsageError(f"--must takes none, auto or elements separated by commas, such as Li,O; got {text!r}")
    return symbols


def targets_of(named: list[str] | None, goals: list[str]) -> list[str]:
    """The targets named, and those that goals name besides."""
    from matscout.data.headings import split_heading

    columns = [*(named or ()), *(goal.rpartition("=")[0].strip() for goal in goals if "=" in goal)]
    return list({split_heading(column).name.lower(): column for column in reversed(columns)}.values())[::-1]


def context_of(named: list[str] | None, settings: Mapping[str, Any]) -> list[str]:
    """The context columns named, and those that are set besides."""
    from matscout.data.headings import split_heading

    columns = [*(named or ()), *settings]
    return list({split_heading(column).name.lower(): column for column in reversed(columns)}.values())[::-1]
