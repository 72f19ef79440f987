"""How long work tells how far it is: one callable, which the command line turns into a bar."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called with the name of the step and how much of it is done."""

    def __call__(self, step: str, done: int, total: int) -> None:
        """``done`` of ``total`` parts of ``step`` are finished."""
        ...


def silent(step: str, done: int, total: int) -> None:
    """The default for library calls: say nothing."""
