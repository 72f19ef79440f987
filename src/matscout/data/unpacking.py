"""Compressed files (gzip), unpacked while they are read and no further than the budget allows."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from matscout.data.budgets import BUDGET
from matscout.data.guards import guarded
from matscout.errors import InputError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

GZIP = b"\x1f\x8b"
"""First bytes of what is packed."""


class _Unpacked(io.RawIOBase):
    """The content of a gzip file; more of it than the budget allows is refused."""

    def __init__(self, packed: IO[bytes], name: str, allowed: int) -> None:
        self._content = gzip.GzipFile(fileobj=packed)
        self._name, self._allowed, self._left = name, allowed, allowed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        with guarded(f"{self._name} is a damaged gzip file", "copy it again"):
            n = self._content.readinto(buffer)
        self._left -= n
        if self._left < 0:
            raise InputError(
                f"{self._name} becomes more than {self._allowed // 1_000_000:,} MB when it is unpacked, which is much "
                "for its size; if it is meant so, unpack it first and give a part of it"
            )
        return n


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked while they are read if it is packed.

    Raises
    ------
    InputError
        While it is read, if it is damaged, or becomes larger than the budget allows.
    """
    with path.open("rb") as file:
        is_packed = file.read(2) == GZIP
        file.seek(0)
        yield _unpacking(file, path.name, os.fstat(file.fileno()).st_size) if is_packed else file


def unpacked(content: bytes, name: str) -> bytes:
    """The bytes of a file as they are, or unpacked; see :func:`opened`."""
    if not content.startswith(GZIP):
        return content
    return _unpacking(io.BytesIO(content), name, len(content)).read()


def _unpacking(packed: IO[bytes], name: str, size: int) -> IO[bytes]:
    allowed = min(BUDGET.bytes_unpacked, max(BUDGET.freely_unpacked, BUDGET.times_packed * size))
    return cast("IO[bytes]", io.BufferedReader(_Unpacked(packed, name, allowed), 1_000_000))
