"""Finished parts of a study: each is a record of a store, made once, by several processes, and lost alone."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
import polars
from numpy.typing import NDArray

from matscout.errors import MatscoutError
from matscout.progress import Progress
from matscout.store import Store
from matscout.workers import Lost, in_processes

TABLES, VECTORS = "cells", "vectors"
"""What is kept in a store."""

LONGEST = 7200.0
"""Seconds that a part may take."""


class StudyPart(Protocol):
    """What can be sent to another process and made there."""

    @property
    def store(self) -> Store:
        """Where it is kept."""
        ...

    @property
    def key(self) -> str:
        """What it is kept by: all that decides its rows."""
        ...

    @property
    def title(self) -> str:
        """What it is, for a message."""
        ...


OnePart = TypeVar("OnePart", bound=StudyPart)


def runs_of(
    parts: Sequence[OnePart], make: Callable[[OnePart], bool], step: str, progress: Progress
) -> polars.DataFrame:
    """All rows of all parts; what is not there is made.

    Parameters
    ----------
    parts
        In the order of the rows.
    make
        Makes one and keeps it (:func:`keep_table`); a function of a module.
    step
        What is done, for the display.
    progress
        Told after each part.

    Raises
    ------
    MatscoutError
        If some took too long or ended their process; the others are kept.
    """
    missing = [part for part in parts if table_of(part.store, part.key) is None]
    lost = []
    for place, result in enumerate(in_processes(make, missing, seconds=LONGEST), start=1):
        progress(step, place, len(missing))
        if isinstance(result, Lost):
            lost.append(f"{result.part.title}: {result.reason}")
    if lost:
        raise MatscoutError(
            f"{len(lost)} of {len(missing)} boxes failed; the others are kept, and the same command resumes with "
            f"these: {'; '.join(lost)}"
        )
    tables = [table_of(part.store, part.key) for part in parts]
    return polars.concat([table for table in tables if table is not None])


def table_of(store: Store, key: str) -> polars.DataFrame | None:
    """The rows of a part; None if there are none."""
    content = store.get_bytes(TABLES, key)
    return None if content is None else polars.read_parquet(content)


def keep_table(store: Store, key: str, table: polars.DataFrame) -> polars.DataFrame:
    """Keep the rows of a part; gives them back."""
    content = io.BytesIO()
    table.write_parquet(content)
    store.put_bytes(TABLES, key, content.getvalue())
    return table


def vectors_of(store: Store, key: str) -> NDArray[Any] | None:
    """Vectors that were kept; None if there are none."""
    content = store.get_bytes(VECTORS, key)
    return None if content is None else np.asarray(np.load(io.BytesIO(content), allow_pickle=False))


def keep_vectors(store: Store, key: str, vectors: NDArray[Any]) -> NDArray[Any]:
    """Keep vectors; gives them back."""
    content = io.BytesIO()
    np.save(content, vectors, allow_pickle=False)
    store.put_bytes(VECTORS, key, content.getvalue())
    return vectors
