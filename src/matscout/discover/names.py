"""Names in settings: one, a list, or a text with commas."""

from __future__ import annotations

from matscout.errors import UsageError, shortened


def several(given: object, what: str) -> tuple[str, ...]:
    """One name or a list of names, as names; text with commas is such a list.

    Raises
    ------
    UsageError
        If it is something else; ``what`` says whose names they are.
    """
    if isinstance(given, str):
        return tuple(name for part in given.split(",") if (name := part.strip()))
    if isinstance(given, list | tuple) and all(isinstance(one, str) for one in given):
        return tuple(given)
    raise UsageError(f"{what} is {shortened(given)}; expected a name, or a list such as [Pb, Te]")
