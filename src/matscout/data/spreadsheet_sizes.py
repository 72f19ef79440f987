"""How large the sheets of a spreadsheet are, before a reader that takes memory for all of their cells sees them."""

from __future__ import annotations

import re
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from matscout.data.budgets import BUDGET
from matscout.data.guards import guarded
from matscout.data.workbook_parts import XML_BOOKS, column_number, part_of_sheet, pieces_of_part, start_of_part
from matscout.errors import InputError
from matscout.workers import Lost, in_processes

_COLUMN = re.compile(rb"""\br ?= ?["']([A-Za-z]{1,20})[0-9]""")
_ROW = re.compile(rb"""\br ?= ?["'][A-Za-z]{0,20}([0-9]{1,20})["']""")
_CELL = re.compile(rb"<(?:[\w.\-]{1,50}:)?c[ >/\r\n\t]")
_DIFFERENT = re.compile(rb"""\buniqueCount ?= ?["']([0-9]{1,30})["']""")
_MENTIONED = re.compile(rb"""\bcount ?= ?["']([0-9]{1,30})["']""")
_START = 4_000
"""Bytes in which a part says how many texts it holds."""
_SMALL = 1_000_000
"""Cells of a sheet that may be empty."""
_SECONDS = 120.0
_MEMORY = 8_000_000_000


@dataclass
class _Extent:
    """How far a sheet reaches: rows, columns, how many cells it holds, and how many of them do not say where."""

    rows: int = 0
    columns: int = 0
    filled: int = 0
    unplaced: int = 0

    def see(self, chunk: bytes) -> None:
        columns = _COLUMN.findall(chunk)
        rows = set(_ROW.findall(chunk))
        cells = len(_CELL.findall(chunk))
        self.filled += cells
        self.unplaced += max(0, cells - len(columns))
        self.columns = max([self.columns, *(column_number(letters.decode()) for letters in set(columns))])
        self.rows = max([self.rows, *map(int, rows)])


def refuse_large_workbook(path: Path) -> None:
    """Refuse a spreadsheet that cannot be opened without harm; to be asked before it is opened.

    Workbooks of XML in an archive (.xlsx, .xlsm) are looked at; those of other kinds are tried in another process.

    Raises
    ------
    InputError
        If it is damaged or has a sheet that spans more cells than the budget allows.
    """
    if path.suffix.lower() in XML_BOOKS:
        with guarded(f"{path.name} cannot be opened as a spreadsheet", "save it again"), zipfile.ZipFile(path) as book:
            _refuse_many_texts(book, path.name)
    else:
        for extent in _extents_as_read(path, None):
            _refuse(path.name, extent)


def refuse_large_sheet(path: Path, position: int) -> None:
    """Refuse a workbook of XML whose sheet at ``position`` (from 0) spans more cells than the budget allows.

    It is searched for its cells, or tried in another process where it does not say where they are. Those of other
    kinds have been tried before they were opened.

    Raises
    ------
    InputError
        If it does, or is damaged.
    """
    if path.suffix.lower() in XML_BOOKS:
        with guarded(f"{path.name} cannot be opened as a spreadsheet", "save it again"):
            extent = _extent_of_xml(path, position)
        _refuse(path.name, extent or _extents_as_read(path, position)[0])


def _extent_of_xml(path: Path, position: int) -> _Extent | None:
    """None where the file does not say where its cells are."""
    extent = _Extent()
    with zipfile.ZipFile(path) as book:
        part = part_of_sheet(book, position)
        if part not in book.namelist():
            return None
        for piece in pieces_of_part(book, part):
            extent.see(piece)
    return None if extent.unplaced else extent


def _refuse(name: str, extent: _Extent) -> None:
    cells = extent.rows * extent.columns
    if cells > BUDGET.cells or cells > max(_SMALL, BUDGET.empty_cells * extent.filled):
        raise InputError(
            f"{name} spans {extent.rows:,} rows x {extent.columns:,} columns, of which {extent.filled:,} cells are "
            "filled; a stray cell far from the table is the usual cause: delete the rows below and the columns next "
            "to the table, or save the table as CSV"
        )


def _refuse_many_texts(book: zipfile.ZipFile, name: str) -> None:
    """Readers take memory for as many texts as a workbook says it has."""
    for part in book.infolist():
        if part.filename.lower().endswith("sharedstrings.xml"):
            start = start_of_part(book, part.filename, _START)
            different, mentioned = _DIFFERENT.findall(start), _MENTIONED.findall(start)
            if any(int(n) > part.file_size for n in different) or any(int(n) > BUDGET.cells for n in mentioned):
                count = max(map(int, different + mentioned))
                raise InputError(f"{name} is damaged: it claims to have {count:,} texts; save it again")


def _extents_as_read(path: Path, position: int | None) -> list[_Extent]:
    """Of one sheet or, without a position, all of them, by reading them in another process."""
    outcome = next(iter(in_processes(_try_to_read, [(path, position)], seconds=_SECONDS, processes=1)))
    if isinstance(outcome, Lost):
        raise InputError(
            f"{path.name} cannot be read as a spreadsheet ({outcome.reason}); delete what is far from the table, or "
            "save the table as CSV"
        )
    if isinstance(outcome, str):
        raise InputError(outcome)
    return outcome


def _try_to_read(place: tuple[Path, int | None]) -> list[_Extent] | str:
    """The extents of sheets, or why they cannot be read."""
    import fastexcel

    _limit_memory()
    path, position = place
    try:
        with guarded(f"{path.name} cannot be opened as a spreadsheet", "save it again, or as CSV"):
            book = fastexcel.read_excel(path)
            positions = range(len(book.sheet_names)) if position is None else [position]
            return [_extent_of(book.load_sheet(at, header_row=None, skip_rows=0, dtypes="string")) for at in positions]
    except InputError as error:
        return str(error)


def _extent_of(sheet: Any) -> _Extent:
    cells = sheet.to_polars()
    empty = sum(int(column.null_count()) for column in cells)
    return _Extent(cells.height, cells.width, cells.height * cells.width - empty)


def _limit_memory() -> None:
    # There is no such limit on Windows.
    with suppress(ImportError, ValueError, OSError):
        resource = import_module("resource")
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
