"""How long work tells how far it is: one callable, which the command line turns into a bar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol


class Progress(Protocol):
    """Called with the name of the step and how much of it is done."""

    def __call__(self, step: str, done: int, total: int) -> None:
        """``done`` of ``total`` parts of ``step`` are finished."""
        ...


@dataclass(frozen=True)
class WorkPart:
    """A part of long work that can be done in another process, in any order.

    Parameters
    ----------
    name
        What is done, for the display.
    make
        Does it, and keeps what it makes where the whole work finds it.
    is_kept
        Whether an earlier run has kept it.
    """

    name: str
    make: Callable[[], Any]
    is_kept: Callable[[], bool]


def silent(step: str, done: int, total: int) -> None:
    """The default for library calls: say nothing."""
