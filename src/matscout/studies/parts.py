"""Finished parts of a study: each is a Parquet file, made once, by several processes, and lost alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import polars

from matscout.errors import MatscoutError
from matscout.progress import Progress
from matscout.workers import Lost, in_processes

LONGEST = 7200.0
"""Seconds that a part may take."""


class Part(Protocol):
    """What can be sent to another process and made there."""

    @property
    def path(self) -> Path:
        """Where it is kept."""
        ...

    @property
    def title(self) -> str:
        """What it is, for a message."""
        ...


OnePart = TypeVar("OnePart", bound=Part)


def runs_of(
    parts: Sequence[OnePart], make: Callable[[OnePart], bool], step: str, progress: Progress
) -> polars.DataFrame:
    """All rows of all parts; what is not there is made.

    Parameters
    ----------
    parts
        In the order of the rows.
    make
        Makes one and writes it; a function of a module.
    step
        What is done, for the display.
    progress
        Told after each part.

    Raises
    ------
    MatscoutError
        If some took too long or ended their process; the others are kept.
    """
    missing = [part for part in parts if not part.path.is_file()]
    lost = []
    for place, result in enumerate(in_processes(make, missing, seconds=LONGEST), start=1):
        progress(step, place, len(missing))
        if isinstance(result, Lost):
            lost.append(f"{result.part.title}: {result.reason}")
    if lost:
        raise MatscoutError(
            f"{len(lost)} of {len(missing)} boxes could not be made; the others are kept, and the same command goes on "
            f"with these: {'; '.join(lost)}"
        )
    return polars.concat([polars.read_parquet(part.path) for part in parts])
