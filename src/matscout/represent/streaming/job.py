"""What is done with each part of a source: a table of some of its materials, and what became of the others."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from matscout.errors import RowProblem
from matscout.represent.streaming.parts import SourcePart


@dataclass(frozen=True, eq=False)
class Finished:
    """What became of the n materials of a part.

    Parameters
    ----------
    frame
        A row for each of the m that could be done, in order.
    problems
        Of the others, and remarks; rows are numbers in the source.
    n
        Materials in the part.
    """

    frame: pl.DataFrame
    problems: tuple[RowProblem, ...]
    n: int


class Job(ABC):
    """Turns parts into rows of a table; travels to other processes."""

    @property
    @abstractmethod
    def schema(self) -> pl.Schema:
        """The columns of the table."""

    @property
    @abstractmethod
    def settings(self) -> Mapping[str, object]:
        """All that the rows depend on, as JSON values: a run that was stopped is gone on with where it is equal."""

    @abstractmethod
    def work(self, part: SourcePart) -> Finished:
        """Read a part and do it."""


@dataclass(frozen=True, eq=False)
class PartTask:
    """A part and what to do with it."""

    part: SourcePart
    job: Job


def work(task: PartTask) -> Finished:
    """What each process is asked for."""
    return task.job.work(task.part)
