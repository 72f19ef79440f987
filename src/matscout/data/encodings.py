"""The encoding of text from elsewhere: by what its bytes say, not by asking."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from itertools import chain

from matscout.errors import InputError

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HEAD = 400
"""Bytes among which zeros between letters are counted."""


def encoding_of(chunks: Iterable[bytes]) -> str:
    """The encoding of a file, as Python calls it, from its bytes in chunks, the first of 4000 or more.

    By byte-order mark, by the zeros between the letters of UTF-16, else UTF-8, else Windows-1252.

    Raises
    ------
    InputError
        If it is no text.
    """
    coming = iter(chunks)
    start = next(coming, b"")
    if marked := _marked_encoding(start):
        return marked
    if b"\x00" in start[:4000]:
        raise InputError("this is not a text file (it contains zero bytes); use CSV, Excel, Parquet or JSON lines")
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in chain([start], coming):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def decoded(content: bytes) -> str:
    """The text that bytes hold, perhaps only the first ones of a file: UTF-8, unless they say that it is another.

    What is no letter becomes the sign for an unknown one.
    """
    return content.decode(_marked_encoding(content) or "utf-8", errors="replace")


def _marked_encoding(start: bytes) -> str | None:
    """The encoding by its byte-order mark or by the zeros between the letters of UTF-16; None without."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return encoding
    head = start[:_HEAD]
    for encoding in ("utf-16-le", "utf-16-be"):
        zeros = head[1 if encoding.endswith("le") else 0 :: 2].count(0)
        if zeros > len(head) // 4:
            return encoding
    return None


def name_of_encoding(encoding: str) -> str:
    """What people call an encoding of Python."""
    return "Windows-1252" if encoding == "cp1252" else encoding.removesuffix("-sig").upper()
