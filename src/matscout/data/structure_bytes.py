"""The bytes of a structure: of a file or of a member of an archive, unpacked, and no more than are read of one."""

from __future__ import annotations

import io
import lzma
import zlib
from pathlib import Path
from typing import IO

from matscout.data.budgets import BUDGET
from matscout.data.structure_readings import StructureError
from matscout.data.unpacking import unpacking

_DAMAGED = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError)
_HEAD = 16_384
"""Bytes that tell whether a file holds a structure."""


def content_of_file(path: Path) -> bytes:
    """The bytes of a file, unpacked if they are compressed, up to the size of a structure that is still read.

    Raises
    ------
    StructureError
        If there is no such file, it cannot be opened, or it is too large.
    """
    try:
        # A named pipe or a device would never end.
        if path.exists() and not path.is_file():
            raise StructureError("it is not a file", "give the path of a file")
        with path.open("rb") as file:
            return _limited(file)
    except FileNotFoundError as error:
        raise StructureError("there is no such file", "give a path that exists, or the text itself") from error
    except _DAMAGED as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StructureError(f"it cannot be opened ({reason})", "check the file and its permissions") from error


def content_of_member(packed: bytes) -> bytes:
    """The same of a member of an archive."""
    try:
        return _limited(io.BytesIO(packed))
    except _DAMAGED as error:
        raise StructureError(f"it cannot be unpacked ({error})", "pack the archive again") from error


def _limited(file: IO[bytes]) -> bytes:
    limit = BUDGET.bytes_per_structure
    content = unpacking(file).read(limit + 1)
    if len(content) > limit:
        raise too_large()
    return content


def too_large() -> StructureError:
    """That a structure has more bytes than are read."""
    limit = BUDGET.bytes_per_structure // 1_000_000
    return StructureError(f"it has more than {limit} MB", "leave it out or reduce it to one cell")


def head_of(file: IO[bytes]) -> bytes:
    """The first bytes of a file, unpacked; none where it is damaged."""
    try:
        return unpacking(file).read(_HEAD)
    except _DAMAGED:
        return b""


def head_of_file(path: Path) -> bytes:
    """The same of a path; none where it cannot be opened."""
    try:
        with path.open("rb") as file:
            return head_of(file)
    except OSError:
        return b""
