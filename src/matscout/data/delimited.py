"""Delimited text (CSV and its relatives) to a grid of cells: encoding and delimiter are found, not asked for."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from statistics import mean

from matscout.data.budgets import BUDGET
from matscout.data.csv_files import from_text_cell
from matscout.data.encodings import encoding_of, name_of_encoding
from matscout.data.headers import typical_width
from matscout.errors import InputError
from matscout.remarks import Remark

_DELIMITERS = {"\t": "tab", ";": "semicolon", "|": "bar", ",": "comma"}
BLANKS, SEVERAL_BLANKS = " ", "  "
"""Columns set apart by blanks: one or more, or two or more where names hold one."""
_NAMES = {**_DELIMITERS, BLANKS: "blanks", SEVERAL_BLANKS: "two or more blanks"}
_RULE = re.compile(r" *:?-+:? *")
_NUMBER = re.compile(r"[<>~]?[+−-]?\d[\d.,]{0,30}(?:[eE][+-]?\d{1,3})?")
_WIDEST = 2_000
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
        The character between cells, or where columns of fixed width begin.
    remarks
        Encoding and delimiter in words.
    """

    rows: list[list[str]]
    delimiter: Delimiter
    remarks: tuple[str, ...]


def read_delimited(content: bytes) -> DelimitedText:
    """Read the bytes of a delimited text file.

    Raises
    ------
    InputError
        If it is no text or holds no table, or cells divided by blanks of which some are empty.
    """
    encoding = encoding_of([content])
    delimiter = guess_delimiter(content[:_SAMPLE].decode(encoding, errors="replace"))
    # Line by line: a text as a whole would be held several times over.
    with io.TextIOWrapper(io.BytesIO(content), encoding, errors="replace", newline="") as lines:
        rows = next(rows_in_parts(lines, delimiter), [])
    if delimiter == "," and all(len(row) < 2 for row in rows):
        _refuse_uneven([(number, row[0]) for number, row in enumerate(rows, start=1) if row and row[0].strip()])
    text = f"The text was read as {name_of_encoding(encoding)} with {_named(delimiter)} between columns."
    return DelimitedText(rows, delimiter, (Remark("text-read-as", text),))


def _refuse_uneven(lines: list[tuple[int, str]]) -> None:
    """Lines of a name and numbers behind it, under a header of more words than some of them have."""
    words = [(number, text.split()) for number, text in lines if not text.lstrip().startswith("#")]
    width = len(words[0][1]) if words else 0
    short = [(number, row) for number, row in words[1:] if 1 < len(row) < width and _NUMBER.fullmatch(row[-1])]
    with_numbers = [row for _, row in words[1:] if any(map(_NUMBER.fullmatch, row[1:]))]
    if short and width > 1 and 2 * len(with_numbers) > len(words) - 1 and not _NUMBER.fullmatch(words[0][1][-1]):
        raise InputError(
            f"the header has {width} words ({', '.join(words[0][1][:6])}), and line {short[0][0]} {len(short[0][1])} "
            f"({' '.join(short[0][1])[:60]}): it is not clear which cells are empty; write - into these, set the "
            "columns below each other, or save the table as CSV"
        )


def _named(delimiter: Delimiter) -> str:
    if not isinstance(delimiter, str):
        return "columns of fixed width, blanks"
    return _NAMES[delimiter] if delimiter.isspace() and delimiter != "\t" else f"the {_NAMES[delimiter]}"


def guess_delimiter(text: str) -> Delimiter:
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


def _blanks_between(sample: str) -> Delimiter | None:
    """Which blanks divide lines that agree on a number of cells, a column of them numbers; None if none do."""
    lines = [line for line in sample.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    whole = len(lines) > 2 and any(
        len({len(_at_blanks(line, one)) for line in lines}) == 1 for one in (SEVERAL_BLANKS, BLANKS)
    )
    if not whole and (fixed := _fixed_widths(lines)) and _has_numbers([fixed.cells(line) for line in lines[1:]]):
        return fixed
    for delimiter in (SEVERAL_BLANKS, BLANKS):
        rows = [_at_blanks(line, delimiter) for line in lines]
        width = typical_width(rows)
        agreeing = [row for row in rows if len(row) == width]
        below = agreeing[1:]
        if width > 1 and len(below) > 1 and len(agreeing) >= 0.9 * len(rows) and _has_numbers(below):
            return delimiter
    return None


@dataclass(frozen=True)
class FixedWidths:
    """Columns that stand below each other, some of their cells empty: where each begins, in characters."""

    starts: tuple[int, ...]

    def cells(self, line: str) -> list[str]:
        """The cells of a line; its words where one of them reaches over the end of a column."""
        text = line.rstrip().expandtabs()
        if not text:
            return []
        if any(
            start < len(text) and text[start - 1 : start + 1].strip() and text[start - 1] != " "
            for start in self.starts[1:]
        ):
            return text.split()
        ends = (*self.starts[1:], len(text))
        return [text[start:end].strip() for start, end in zip(self.starts, ends, strict=True)]


Delimiter = str | FixedWidths


def _has_numbers(rows: list[list[str]]) -> bool:
    """Whether most cells of a column that hold something are numbers."""
    columns = ([cell for cell in column if cell] for column in zip(*rows, strict=False))
    return any(
        len(column) > 1 and sum(bool(_NUMBER.fullmatch(cell)) for cell in column) > 0.7 * len(column)
        for column in columns
    )


def _fixed_widths(lines: list[str]) -> FixedWidths | None:
    """Columns between characters that are blank in all lines, if each has a name in the first line; None else."""
    texts = [line.rstrip().expandtabs() for line in lines]
    width = max(map(len, texts), default=0)
    filled = [any(place < len(text) and text[place] != " " for text in texts) for place in range(min(width, _WIDEST))]
    starts = [place for place, is_filled in enumerate(filled) if is_filled and (place == 0 or not filled[place - 1])]
    if len(starts) < 2 or width > _WIDEST:
        return None
    widths = FixedWidths((0, *starts[1:]))
    rows = [widths.cells(text) for text in texts]
    gaps = any(not all(row) for row in rows)
    return widths if gaps and all(rows[0]) and all(len(row) == len(starts) for row in rows) else None


def _at_blanks(line: str, delimiter: str) -> list[str]:
    return line.split() if delimiter == BLANKS else re.split(r"\s{2,}", line.strip())


def _split(text: str, delimiter: str) -> list[list[str]]:
    return next(rows_in_parts(io.StringIO(text, newline=""), delimiter), [])


def rows_in_parts(lines: Iterable[str], delimiter: Delimiter, size: int | None = None) -> Iterator[list[list[str]]]:
    """Split lines (with their line breaks) into cells, ``size`` rows at a time, all at once without.

    Raises
    ------
    InputError
        If a cell never ends.
    """
    coming: Iterator[list[str]] = csv.reader(lines, delimiter=delimiter[:1] if isinstance(delimiter, str) else ",")
    if not isinstance(delimiter, str):
        coming = map(delimiter.cells, lines)
    elif delimiter in (BLANKS, SEVERAL_BLANKS):
        coming = (_at_blanks(line, delimiter) if line.strip() else [] for line in lines)
    elif delimiter == "|":
        coming = map(_without_frame, coming)
    while rows := _next_rows(coming, size):
        yield rows


def _without_frame(row: list[str]) -> list[str]:
    """A row of a table in Markdown without the bars at its ends; the line below its header holds nothing."""
    if len(row) < 3 or row[0].strip() or row[-1].strip():
        return row
    cells = row[1:-1]
    return [] if all(map(_RULE.fullmatch, cells)) else [cell.strip() for cell in cells]


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
                    f"the table has more than {BUDGET.rows:,} rows or {BUDGET.cells:,} cells; use a part of it"
                )
    except csv.Error as error:
        raise InputError(
            f"the text cannot be split into cells ({error}); look for a quotation mark left open"
        ) from error
    finally:
        csv.field_size_limit(limit)
    return rows
