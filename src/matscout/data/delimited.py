"""Delimited text (CSV and its relatives) to a grid of cells: encoding and delimiter are found, not asked for."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from statistics import mean

from matscout.data.budgets import BUDGET
from matscout.data.csv_files import from_text_cell
from matscout.data.headers import typical_width
from matscout.errors import InputError

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = {"\t": "tab", ";": "semicolon", "|": "bar", ",": "comma"}
BLANKS, SEVERAL_BLANKS = " ", "  "
"""Columns set apart by blanks: one or more, or two or more where names hold one."""
_NAMES = {**_DELIMITERS, BLANKS: "blanks", SEVERAL_BLANKS: "two or more blanks"}
_NUMBER = re.compile(r"[<>~]?[+−-]?\d[\d.,]{0,30}(?:[eE][+-]?\d{1,3})?")
_SAMPLE = 800_000
"""Bytes among which the delimiter is looked for."""
_LONGEST_CELL = 100_000_000


@dataclass(frozen=True)
class DelimitedText:
    """The cells of a text file, row by row, and how they were found.

    Parameters
    ----------
    rows
        One list of cells per line of the table; a cell in quotes may hold line breaks, so a row may span many lines.
    delimiter
        The character between cells.
    remarks
        Encoding and delimiter in words.
    """

    rows: list[list[str]]
    delimiter: str
    remarks: tuple[str, ...]


def read_delimited(content: bytes) -> DelimitedText:
    """Read the bytes of a delimited text file.

    Raises
    ------
    InputError
        If it is no text or holds no table.
    """
    encoding = encoding_of([content])
    delimiter = guess_delimiter(content[:_SAMPLE].decode(encoding, errors="replace"))
    # Line by line: a text as a whole would be held several times over.
    with io.TextIOWrapper(io.BytesIO(content), encoding, errors="replace", newline="") as lines:
        rows = next(rows_in_parts(lines, delimiter), [])
    remark = f"The text was read as {name_of_encoding(encoding)} with {_named(delimiter)} between columns."
    return DelimitedText(rows, delimiter, (remark,))


def _named(delimiter: str) -> str:
    return _NAMES[delimiter] if delimiter.isspace() and delimiter != "\t" else f"the {_NAMES[delimiter]}"


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
        raise InputError("this is not a text file (it holds zero bytes); give CSV, Excel, Parquet or JSON lines")
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in chain([start], coming):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _marked_encoding(start: bytes) -> str | None:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return encoding
    for encoding in ("utf-16-le", "utf-16-be"):
        zeros = start[:400][1 if encoding.endswith("le") else 0 :: 2].count(0)
        if zeros > len(start[:400]) // 4:
            return encoding
    return None


def name_of_encoding(encoding: str) -> str:
    """What people call an encoding of Python."""
    return "Windows-1252" if encoding == "cp1252" else encoding.removesuffix("-sig").upper()


def guess_delimiter(text: str) -> str:
    """The delimiter that splits the first rows most evenly; the comma if none does.

    Rows above the first one that is split like most do not count (a title), but among equals the delimiter with
    fewer of them wins. A comma may be a decimal sign, so tab, semicolon and bar win where they split as evenly.
    """
    sample = "".join(text[:200_000].splitlines(keepends=True)[:300])
    scores = {}
    for rank, delimiter in enumerate(_DELIMITERS):
        rows = [row for row in _split(sample, delimiter) if any(row)]
        width = typical_width(rows)
        if width > 1:
            agrees = [len(row) == width for row in rows]
            above = agrees.index(True)
            scores[delimiter] = (round(10 * mean(agrees[above:])), -above, -rank)
    best = max(scores, key=lambda delimiter: scores[delimiter]) if scores else ","
    is_weak = best == "," and not re.search(r",(?!\d)|(?<!\d),", sample)
    return (_blanks_between(sample) if is_weak else None) or best


def _blanks_between(sample: str) -> str | None:
    """Which blanks divide lines that agree on a number of cells, a column of them numbers; None if none do."""
    lines = [line for line in sample.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for delimiter in (SEVERAL_BLANKS, BLANKS):
        rows = [_at_blanks(line, delimiter) for line in lines]
        width = typical_width(rows)
        agreeing = [row for row in rows if len(row) == width]
        below = agreeing[1:]
        has_numbers = any(
            sum(bool(_NUMBER.fullmatch(row[i])) for row in below) > 0.7 * len(below) for i in range(width)
        )
        if width > 1 and len(below) > 1 and len(agreeing) >= 0.9 * len(rows) and has_numbers:
            return delimiter
    return None


def _at_blanks(line: str, delimiter: str) -> list[str]:
    return line.split() if delimiter == BLANKS else re.split(r"\s{2,}", line.strip())


def _split(text: str, delimiter: str) -> list[list[str]]:
    return next(rows_in_parts(io.StringIO(text, newline=""), delimiter), [])


def rows_in_parts(lines: Iterable[str], delimiter: str, size: int | None = None) -> Iterator[list[list[str]]]:
    """Split lines (with their line breaks) into cells, ``size`` rows at a time, all at once without.

    Raises
    ------
    InputError
        If a cell never ends.
    """
    coming: Iterator[list[str]] = csv.reader(lines, delimiter=delimiter[:1])
    if delimiter in (BLANKS, SEVERAL_BLANKS):
        coming = (_at_blanks(line, delimiter) if line.strip() else [] for line in lines)
    while rows := _next_rows(coming, size):
        yield rows


def _next_rows(coming: Iterator[list[str]], size: int | None) -> list[list[str]]:
    # The limit is one for the whole process, hence set only while rows are read.
    limit = csv.field_size_limit(_LONGEST_CELL)
    rows, cells = [], 0
    try:
        for row in islice(coming, size):
            rows.append([from_text_cell(cell) for cell in row])
            cells += len(row)
            if cells > BUDGET.cells or len(rows) > BUDGET.rows:
                raise InputError(
                    f"the table has more than {BUDGET.rows:,} rows or {BUDGET.cells:,} cells; give a part of it"
                )
    except csv.Error as error:
        raise InputError(
            f"the text cannot be split into cells ({error}); look for a quotation mark left open"
        ) from error
    finally:
        csv.field_size_limit(limit)
    return rows
