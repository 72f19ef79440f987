"""Sheets of spreadsheet files as grids: text, which cells are numbers, what formats and merged cells say."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from matscout.data.budgets import BUDGET
from matscout.data.guards import guarded
from matscout.data.header_levels import MergedCell
from matscout.data.spreadsheet_sizes import refuse_large_workbook
from matscout.data.workbook_parts import XML_BOOKS, column_number, part_of_sheet, pieces_of_part, start_of_part
from matscout.errors import InputError

SPREADSHEETS = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")

_CELL = re.compile(rb"<(?:\w+:)?c (?P<marks>[^<>]{0,500})>")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^<>]{0,200}?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_MARK = re.compile(rb'\b(r|s|t)="([^"<>]{1,40})"')
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_FORMAT = re.compile(r"<(?:\w+:)?numFmt [^<>]{0,2000}>")
_USED_FORMAT = re.compile(r'<(?:\w+:)?xf [^<>]{0,2000}?numFmtId="(\d+)"')
_PERCENT = {9, 10}  # ids of the formats 0% and 0.00%, which no file spells out (ECMA-376, part 1, 18.8.30)

Place = tuple[int, int]
"""Row and column in a grid, from 0."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """A sheet of n rows and m columns.

    Parameters
    ----------
    rows
        The cells as text, "" where blank; a number with a percent format as ``"12 %"``.
    numbers
        The cells that are numbers and not text, None elsewhere; n rows of m.
    percents
        Cells with a percent format -> the number that stands there.
    merged
        Merged cells.
    """

    rows: list[list[str]]
    numbers: list[list[float | None]]
    percents: Mapping[Place, float] = field(default_factory=dict)
    merged: tuple[MergedCell, ...] = ()


@dataclass(frozen=True, eq=False)
class _Marks:
    """What a sheet's XML tells beyond its cells: which are text, which have a percent format, which are merged."""

    texts: frozenset[Place] = frozenset()
    percents: frozenset[Place] = frozenset()
    merged: tuple[MergedCell, ...] = ()

    def moved(self, left: int) -> _Marks:
        """The same with columns counted from the first one that is used, as fastexcel does."""
        texts = frozenset((row, column - left) for row, column in self.texts)
        percents = frozenset((row, column - left) for row, column in self.percents)
        merged = tuple(replace(cell, left=cell.left - left, right=cell.right - left) for cell in self.merged)
        return _Marks(texts, percents, merged)


def open_spreadsheet(path: Path) -> Any:
    """The reader of fastexcel for a file.

    Raises
    ------
    InputError
        If it is no spreadsheet, or only says that another one is open.
    """
    import fastexcel

    _refuse_lock(path)
    refuse_large_workbook(path)
    with guarded(f"{path.name} cannot be opened as a spreadsheet", "save it again, or as CSV"):
        return fastexcel.read_excel(path)


def _refuse_lock(path: Path) -> None:
    if path.name.startswith("~$"):
        raise InputError(
            f"{path.name} only shows that {path.name[2:]} is open in a spreadsheet program and contains no table; "
            f"use {path.name[2:]}"
        )


def read_sheet(path: Path, reader: Any, name: str) -> Sheet:
    """The cells of a sheet, numbers with all their digits.

    fastexcel rounds numbers to nine decimals when asked for text, which turns 1.5e-12 into 0; therefore every cell is
    read as a number as well, and that number is written out wherever the text differs from it.
    """
    texts, numbers = (
        reader.load_sheet(name, header_row=None, skip_rows=0, dtypes=kind).to_polars().rows()
        for kind in ("string", "float")
    )
    marks = _marks(path, list(reader.sheet_names).index(name))
    rows: list[list[str]] = []
    typed: list[list[float | None]] = []
    percents: dict[Place, float] = {}
    for row, pair in enumerate(zip(texts, numbers, strict=True)):
        cells = [_exact(text, number) for text, number in zip(*pair, strict=True)]
        own = [_typed(text, number) for text, number in zip(*pair, strict=True)]
        for column in range(len(cells)):
            number = own[column]
            if number is None:
                continue
            if (row, column) in marks.texts:
                own[column] = None
            elif (row, column) in marks.percents:
                percents[row, column] = number
                cells[column], own[column] = f"{100 * number:.12g} %", None
        rows.append(cells)
        typed.append(own)
    return Sheet(rows, typed, percents, marks.merged)


def _exact(text: str | None, number: float | None) -> str:
    if text is None:
        return ""
    try:
        rounded = number is not None and float(text) != number
    except ValueError:
        return text
    return repr(number) if rounded else text


def _typed(text: str | None, number: float | None) -> float | None:
    """The number of a cell that is one; dates and booleans have numbers, too, and are none."""
    if number is None or text is None:
        return None
    try:
        float(text)
    except ValueError:
        return None
    return number


def _marks(path: Path, position: int) -> _Marks:
    """The marks of the sheet at a position of an Office Open XML workbook; none for other files."""
    if path.suffix.lower() not in XML_BOOKS or not zipfile.is_zipfile(path):
        return _Marks()
    try:
        with zipfile.ZipFile(path) as book:
            return _marks_of(book, part_of_sheet(book, position), _percent_styles(book))
    except (zipfile.BadZipFile, KeyError, OSError, ValueError, NotImplementedError, RuntimeError):
        return _Marks()


def _percent_styles(book: zipfile.ZipFile) -> frozenset[bytes]:
    """The numbers of the cell styles that show percent."""
    styles = start_of_part(book, "xl/styles.xml", BUDGET.bytes_unpacked).decode("utf-8", errors="replace")
    own = [dict(re.findall(r'(numFmtId|formatCode)="([^"<>]{1,1000})"', text)) for text in _FORMAT.findall(styles)]
    percent = _PERCENT | {int(one["numFmtId"]) for one in own if "%" in one.get("formatCode", "") and "numFmtId" in one}
    cells = styles.partition("<cellXfs")[2].partition("</cellXfs")[0]
    used = _USED_FORMAT.findall(cells)
    return frozenset(str(place).encode() for place, number in enumerate(used) if int(number) in percent)


def _marks_of(book: zipfile.ZipFile, part: str, percent: frozenset[bytes]) -> _Marks:
    texts, percents = set[Place](), set[Place]()
    merged: list[MergedCell] = []
    left: int | None = None
    for piece in pieces_of_part(book, part):
        for match in _CELL.finditer(piece):
            marks = dict(_MARK.findall(match["marks"]))
            place = _PLACE.fullmatch(marks.get(b"r", b"").decode())
            if place is None or match["marks"].endswith(b"/"):
                continue
            column = column_number(place[1]) - 1
            left = column if left is None else min(left, column)
            is_text, is_percent = marks.get(b"t") in (b"s", b"str", b"inlineStr"), marks.get(b"s") in percent
            if is_text or is_percent:
                (texts if is_text else percents).add((int(place[2]) - 1, column))
        for first, top, last, bottom in _MERGED.findall(piece):
            columns = (column_number(letters.decode()) - 1 for letters in (first, last))
            merged.append(MergedCell(int(top) - 1, int(bottom) - 1, *columns))
    return _Marks(frozenset(texts), frozenset(percents), tuple(merged)).moved(left or 0)
