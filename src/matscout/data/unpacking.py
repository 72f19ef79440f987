"""Packed files (gzip, bzip2, xz), unpacked while they are read and no further than the budget allows."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, cast

from matscout.data.budgets import BUDGET
from matscout.data.guards import guarded
from matscout.errors import InputError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

COMPRESSED = (".gz", ".bz2", ".xz")
"""Endings of files that are packed one by one."""


@dataclass(frozen=True)
class _Packing:
    """A kind of packing: its name, the first bytes of what is packed, and how a file of it is opened."""

    name: str
    begins: bytes
    open: Callable[[Any], io.BufferedIOBase]


_PACKINGS = (
    _Packing("gzip", b"\x1f\x8b", lambda file: gzip.GzipFile(fileobj=file)),
    _Packing("bzip2", b"BZh", bz2.BZ2File),
    _Packing("xz", b"\xfd7zXZ\x00", lzma.LZMAFile),
)
_LONGEST_BEGIN = max(len(packing.begins) for packing in _PACKINGS)


class _Unpacked(io.RawIOBase):
    """The content of a packed file; more of it than the budget allows is refused."""

    def __init__(self, packed: IO[bytes], packing: _Packing, name: str, allowed: int) -> None:
        self._content = packing.open(packed)
        self._packing, self._name, self._allowed, self._left = packing, name, allowed, allowed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        with guarded(f"{self._name} is a damaged {self._packing.name} file", "copy it again"):
            n = self._content.readinto(buffer)
        self._left -= n
        if self._left < 0:
            raise InputError(
                f"{self._name} becomes larger than {self._allowed // 1_000_000:,} MB when unpacked, which is much "
                "for its size; if this is intended, unpack it first and use a part of it"
            )
        return n


def bare(name: str) -> PurePosixPath:
    """A place without the ending of a packing."""
    place = PurePosixPath(name)
    return place.with_suffix("") if place.suffix.lower() in COMPRESSED else place


def unpacking(file: IO[bytes]) -> IO[bytes]:
    """A file at its beginning, or one that unpacks what it reads where its first bytes say that it is packed."""
    packing = _packing_of(file)
    return file if packing is None else cast("IO[bytes]", packing.open(file))


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked while they are read if it is packed.

    Raises
    ------
    InputError
        While it is read, if it is damaged, or becomes larger than the budget allows.
    """
    with path.open("rb") as file:
        yield _within_budget(file, path.name, os.fstat(file.fileno()).st_size)


def unpacked(content: bytes, name: str) -> bytes:
    """The bytes of a file as they are, or unpacked; see :func:`opened`."""
    file = io.BytesIO(content)
    return content if _packing_of(file) is None else _within_budget(file, name, len(content)).read()


def _packing_of(file: IO[bytes]) -> _Packing | None:
    start = file.read(_LONGEST_BEGIN)
    file.seek(0)
    return next((packing for packing in _PACKINGS if start.startswith(packing.begins)), None)


def _within_budget(file: IO[bytes], name: str, size: int) -> IO[bytes]:
    packing = _packing_of(file)
    if packing is None:
        return file
    allowed = min(BUDGET.bytes_unpacked, max(BUDGET.freely_unpacked, BUDGET.times_packed * size))
    return cast("IO[bytes]", io.BufferedReader(_Unpacked(file, packing, name, allowed), 1_000_000))
