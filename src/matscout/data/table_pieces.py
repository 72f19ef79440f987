"""A table that need not fit into memory, in pieces: some consecutive rows at a time, as a table of their own."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from matscout.data.delimited import Delimiter, guess_delimiter, rows_in_parts
from matscout.data.encodings import encoding_of
from matscout.data.guards import guarded
from matscout.data.headers import Header, find_header
from matscout.data.json_records import is_json
from matscout.data.spreadsheets import SPREADSHEETS
from matscout.data.table_rows import table_below
from matscout.data.tables import Table, table_from_frame
from matscout.data.unpacking import opened

ROWS = 5_000
"""Rows of a piece: some tens of megabytes of structure texts."""

_BYTES = 1_000_000
_HEAD = 1_000
"""Rows among which the header is looked for."""

_PARQUET = b"PAR1"


class TablePieces(ABC):
    """A file of a table; row numbers, cells and problems are those of :func:`matscout.data.table_files.read_table`."""

    @abstractmethod
    def read(self, columns: Sequence[str] | None = None) -> Iterator[Table]:
        """The pieces in order, with these columns or all.

        Raises
        ------
        InputError
            If the file cannot be read.
        """


def pieces_of(path: Path) -> TablePieces | None:
    """The pieces of a Parquet or delimited text file (also ``.gz``); None for what can only be read as a whole.

    Raises
    ------
    InputError
        If it should be text and is none.
    """
    if path.suffix.lower() in SPREADSHEETS:
        return None
    try:
        with path.open("rb") as file:
            start = file.read(4)
        if start == _PARQUET:
            return _ParquetPieces(path)
        return _text_pieces(path)
    except OSError:
        # Said in full by the reader of whole tables.
        return None


@dataclass(frozen=True)
class _ParquetPieces(TablePieces):
    path: Path

    def read(self, columns: Sequence[str] | None = None) -> Iterator[Table]:
        import polars

        with guarded(f"{self.path.name} is a damaged Parquet file", "write it again"):
            whole = polars.scan_parquet(self.path)
            frame = whole if columns is None else whole.select(columns)
            n = whole.select(polars.len()).collect().item()
            for start in range(0, n, ROWS):
                table = table_from_frame(frame.slice(start, ROWS).collect(), self.path.name)
                yield replace(table, row_numbers=table.row_numbers + start, folder=self.path.parent)


@dataclass(frozen=True)
class _TextPieces(TablePieces):
    path: Path
    encoding: str
    delimiter: Delimiter
    header: Header

    def read(self, columns: Sequence[str] | None = None) -> Iterator[Table]:
        with _opened_text(self.path, self.encoding) as text:
            first, second = 1, None
            for rows in rows_in_parts(text, self.delimiter, ROWS):
                above = max(0, self.header.first - first + 1)
                below = table_below(self.path.name, self.header, rows[above:], first + above, second_header=second)
                table, second = below.table, below.second_header
                cells = table.cells if columns is None else table.cells.select(columns)
                yield replace(table, cells=cells, folder=self.path.parent)
                first += len(rows)


def _text_pieces(path: Path) -> TablePieces | None:
    with opened(path) as file:
        start = file.read(_BYTES)
        if not start.strip() or start.startswith(_PARQUET) or is_json(path.name, start):
            return None
        encoding = encoding_of(_chunks(start, file))
    with _opened_text(path, encoding) as text:
        delimiter = guess_delimiter(text.read(200_000))
    widths: Counter[int] = Counter()
    head: list[list[str]] = []
    with _opened_text(path, encoding) as text:
        for rows in rows_in_parts(text, delimiter, ROWS):
            head = head or rows[:_HEAD]
            widths.update(len(row) for row in rows if any(cell.strip() for cell in row))
    ((width, _),) = widths.most_common(1) or [(0, 0)]
    return _TextPieces(path, encoding, delimiter, find_header(head, width)) if width else None


def _chunks(start: bytes, file: IO[bytes]) -> Iterator[bytes]:
    yield start
    while chunk := file.read(_BYTES):
        yield chunk


@contextmanager
def _opened_text(path: Path, encoding: str) -> Iterator[io.TextIOWrapper]:
    with opened(path) as file, io.TextIOWrapper(file, encoding, errors="replace", newline="") as text:
        yield text
