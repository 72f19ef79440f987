"""How long work tells how far it is: one callable, which the command line turns into a bar."""

from __future__ import annotations

import sys
import time
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
    """Say nothing."""


SECONDS_BETWEEN = 0.2
"""A line in a notebook is written anew at most so often while a step goes on."""

BAR = 20
"""Letters of a bar."""


class NotebookLine:
    """A line below the cell of a notebook that is written anew; elsewhere nothing.

    Parameters
    ----------
    shell
        The session of IPython; None for the one there is, if any.
    """

    def __init__(self, shell: Any = None) -> None:
        self._shell = shell
        self._cell: object = None
        self._line: Any = None
        self._step, self._begun, self._written = "", 0.0, 0.0

    def __call__(self, step: str, done: int, total: int) -> None:
        """Write it anew, if it is time to."""
        shell = self._shell or _notebook()
        if shell is None:
            return
        now = time.monotonic()
        if shell.execution_count != self._cell:
            self._cell, self._line, self._step = shell.execution_count, None, ""
            self._begun = now
        if step == self._step and now - self._written < SECONDS_BETWEEN and done < total:
            return
        self._step, self._written = step, now
        self._show(_line(step, done, total, now - self._begun))

    def _show(self, text: str) -> None:
        from IPython.display import display

        content = {"text/plain": text}
        if self._line is None:
            self._line = display(content, raw=True, display_id=True)
        else:
            self._line.update(content, raw=True)


def _line(step: str, done: int, total: int, seconds: float) -> str:
    """``"fold 3        [######              ] 3 of 10, 12 s"``."""
    if total <= 1:
        return f"{step}, {seconds:.0f} s"
    filled = "#" * round(BAR * min(done, total) / total)
    return f"{step} [{filled:<{BAR}}] {done:,} of {total:,}, {seconds:.0f} s"


def _notebook() -> Any:
    """The session of a notebook; None in scripts and terminals."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython

    shell = get_ipython()
    return shell if shell is not None and hasattr(shell, "kernel") else None


in_notebooks: Progress = NotebookLine()
"""The default of public functions: a line in a notebook; in scripts and terminals nothing."""
