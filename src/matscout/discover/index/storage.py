"""Where an index lies: a folder or object storage, and what can go wrong there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from matscout import telemetry
from matscout.errors import ArtefactError, InputError, MatscoutError
from matscout.extras import require

MARK = "materials.lance"
"""By which the folder of an index is known."""


@contextmanager
def writing(where: str) -> Iterator[None]:
    """Says in words of the user that nothing can be written, with an InputError in place of LanceDB's errors."""
    with _in_user_words(
        InputError,
        f"{where} cannot be written to",
        "what was committed is safe; free some space or restore the connection, and run the same command to resume",
    ):
        yield


@contextmanager
def reading(where: str) -> Iterator[None]:
    """Says in words of the user that an index cannot be read, with an ArtefactError in place of LanceDB's errors."""
    with _in_user_words(
        ArtefactError,
        f"{where} is damaged or cannot be reached",
        "try an earlier version (--version N), or build it again",
    ):
        yield


@contextmanager
def _in_user_words(kind: type[MatscoutError], what: str, advice: str) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        if not is_failure(error):
            raise
        raise kind(f"{what} ({first_line(error)}): {advice}") from error


def is_failure(error: BaseException) -> bool:
    """Whether LanceDB failed: an error, or a panic of its Rust, which no class that can be imported tells."""
    return isinstance(error, RuntimeError | OSError) or type(error).__name__ == "PanicException"


def is_address(where: str) -> bool:
    """Whether an index is on object storage."""
    return "://" in where


def connect(where: str | Path) -> Any:
    """The connection of LanceDB; nothing is asked of it yet."""
    require("lancedb", extra="index")
    # It writes remarks of its own to standard error, also about what is as it should be.
    os.environ.setdefault("LANCEDB_LOG", "error")
    telemetry.turn_off()
    import lancedb

    return lancedb.connect(str(where))


def table_names(database: Any, where: str) -> Sequence[str]:
    """Names of the tables.

    Raises
    ------
    InputError
        If the storage cannot be reached.
    """
    try:
        return list(database.list_tables().tables)
    except (ValueError, RuntimeError, OSError) as error:
        raise InputError(
            f"{where} cannot be reached ({first_line(error)}); object storage needs AWS_ACCESS_KEY_ID, "
            "AWS_SECRET_ACCESS_KEY and AWS_REGION, a server of your own also AWS_ENDPOINT and, without https, "
            "AWS_ALLOW_HTTP=true"
        ) from error


def first_line(error: BaseException) -> str:
    """What went wrong, without what LanceDB adds about its own code."""
    line = str(error).strip().splitlines()[0]
    return re.sub(r"^lance error: LanceError\(\w+\): |, /\S+:\d+:\d+$", "", line)[:200]
