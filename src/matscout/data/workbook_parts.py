"""The parts of a workbook of XML in an archive (.xlsx, .xlsm): which one holds a sheet, and its bytes in pieces."""

from __future__ import annotations

import string
import zipfile
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from xml.etree import ElementTree

from matscout.data.budgets import BUDGET
from matscout.errors import InputError

XML_BOOKS = (".xlsx", ".xlsm")
"""Endings of workbooks of XML in an archive."""

_PIECE = 1_000_000
_LONGEST_TAG = 1_000
"""Bytes from the beginning of a cell to where it is named."""
_SMALL_PART = 10_000_000
"""Bytes of the parts that say which sheets there are."""


def part_of_sheet(book: zipfile.ZipFile, position: int) -> str:
    """The name of the part that holds the sheet at ``position`` (from 0); "" where it cannot be told."""
    try:
        sheets = [part for part in _elements(book, "xl/workbook.xml") if part.tag.endswith("}sheet")]
        targets = {part.get("Id"): part.get("Target", "") for part in _elements(book, "xl/_rels/workbook.xml.rels")}
        (key,) = (value for name, value in sheets[position].attrib.items() if name.endswith("}id"))
        target = targets[key]
    except (KeyError, IndexError, ValueError, ElementTree.ParseError):
        return ""
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def pieces_of_part(book: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The bytes of a part in pieces that cut no mention of a cell in two.

    Raises
    ------
    InputError
        If they are more than the budget allows.
    """
    read, before = 0, b""
    with book.open(part) as file:
        while piece := file.read(_PIECE):
            read += len(piece)
            if read > BUDGET.bytes_unpacked:
                name, most = Path(book.filename or part).name, BUDGET.bytes_unpacked
                raise InputError(f"{name} contains a sheet of more than {most:,} bytes; use a part of it")
            whole = before + piece
            end = max(whole.rfind(b"<"), len(whole) - _LONGEST_TAG, 0)
            yield whole[:end]
            before = whole[end:]
    yield before


def start_of_part(book: zipfile.ZipFile, part: str, most: int = _SMALL_PART) -> bytes:
    """The first bytes of a part, all of a small one."""
    with book.open(part) as file:
        return file.read(most)


def column_number(letters: str) -> int:
    """The number of a column from 1: ``"A"`` -> 1, ``"AB"`` -> 28."""
    places = [string.ascii_uppercase.index(letter) + 1 for letter in letters.upper()]
    return reduce(lambda number, place: 26 * number + place, places, 0)


def _elements(book: zipfile.ZipFile, part: str) -> Iterator[ElementTree.Element]:
    return ElementTree.fromstring(start_of_part(book, part)).iter()
