"""A grid of cells to a table: its header, the rows that are data, merged cells, formats, quotation marks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted, was
from matscout.data.cell_readings import CellReading
from matscout.data.header_levels import Row
from matscout.data.headers import Header, find_header, typical_width
from matscout.data.second_headers import SecondHeaders, find_second_headers
from matscout.data.spreadsheets import Sheet
from matscout.data.table_ends import end_of_data
from matscout.data.tables import Table
from matscout.errors import InputError, RowProblem
from matscout.remarks import Remark

if TYPE_CHECKING:
    import polars

QUOTED = "quotation marks"
"""Rule of cells that stood in quotation marks."""
_IN_QUOTES = r"""^(?:"[^"]*"|'[^']*'|“[^“”]*”|„[^„“”]*[“”]|«[^«»]*»|‘[^‘’]*’|`[^`]*`)$"""


def table_from_rows(
    name: str,
    rows: Sequence[Row],
    remarks: Iterable[str] = (),
    *,
    sheet: Sheet | None = None,
    names_file: Callable[[str], bool] = lambda _: False,
) -> Table:
    """A table from a grid of cells; blank rows are skipped, rows with too many or too few cells are problems.

    Parameters
    ----------
    name, rows, remarks
        What the table is called, its cells, what is known of it.
    sheet
        The sheet that the rows are those of.
    names_file
        Whether a cell is the name of a file beside the table: a first row that begins with one is no header.
    """
    width = typical_width(rows)
    if not width:
        raise InputError(f"{name} is empty; use a table with a formula and a property")
    header = find_header(rows, width, names_file, sheet.merged if sheet else ())
    filled, readings = _filled_down(rows, header, sheet)
    readings += _of_percents(header, sheet)
    typed = sheet.numbers[header.first :] if sheet else None
    below = table_below(name, header, filled[header.first :], header.first + 1, typed)
    table, comments = below.table, below.comments
    unnamed = [title for title in table.columns if title.startswith("column ") and _is_blank(table.cells[title])]
    line = max(header.first, 1)
    text = f"{counted(table.n_rows, 'data row')} {was(table.n_rows)} found below the header in line {line}."
    summary = Remark("rows-below-header", text)
    all_remarks = (*remarks, *header.remarks, *_skipped(comments), *_reading_remarks(readings), *table.remarks, summary)
    return replace(
        table,
        cells=table.cells.drop(unnamed),
        units=header.units,
        readings=(*readings, *table.readings),
        remarks=all_remarks,
    )


def _filled_down(rows: Sequence[Row], header: Header, sheet: Sheet | None) -> tuple[Sequence[Row], list[CellReading]]:
    """Rows with the text of merged cells in each row that they span, and the cells that were blank before."""
    spans = [span for span in sheet.merged if header.first <= span.top < span.bottom] if sheet else []
    if not spans or sheet is None:
        return rows, []
    filled, readings = [list(row) for row in rows], []
    for span in spans:
        top, column = span.top, span.left
        for row in range(top + 1, min(span.bottom + 1, len(filled))):
            if column < min(len(filled[row]), len(header.names)):
                filled[row][column] = filled[top][column]
                sheet.numbers[row][column] = sheet.numbers[top][column]
                readings.append(CellReading(row + 1, header.names[column], "", filled[top][column], "merged cell"))
    return filled, readings


def _of_percents(header: Header, sheet: Sheet | None) -> list[CellReading]:
    return [
        CellReading(row + 1, header.names[column], f"{number:.12g}", f"{100 * number:.12g} %", "percent format")
        for (row, column), number in (sheet.percents.items() if sheet else ())
        if row >= header.first and column < len(header.names)
    ]


def _skipped(comments: int) -> list[Remark]:
    text = f"{counted(comments, 'comment line')} that begin with # {was(comments)} skipped."
    return [Remark("comments-skipped", text)] if comments else []


def _reading_remarks(readings: Sequence[CellReading]) -> list[Remark]:
    """A remark for each column and rule, with the first cell of it."""
    counts = Counter((reading.column, reading.rule) for reading in readings)
    first = {(reading.column, reading.rule): reading for reading in reversed(readings)}
    words = {"merged cell": "blank below merged cells and filled", "percent format": "shown in percent"}
    cells = {key: counted(count, "cell is", "cells are") for key, count in counts.items()}
    texts = [
        f"Column {column!r}: {cells[column, rule]} {words[rule]} ({first[column, rule].read_as!r} in row "
        f"{first[column, rule].row})."
        for column, rule in counts
    ]
    return [Remark("cells-read-by-format", text) for text in texts]


@dataclass(frozen=True, eq=False)
class RowsBelow:
    """The rows below a header as a table, how many were comments, and the row number of a second header, if any."""

    table: Table
    comments: int = 0
    second_header: int | None = None


def table_below(
    name: str,
    header: Header,
    rows: Sequence[Row],
    first: int,
    typed: Sequence[Sequence[float | None]] | None = None,
    *,
    second_header: int | None = None,
) -> RowsBelow:
    """A table from rows below a header, the first of which is number ``first``.

    Statistics and notes below the data are left out, with a remark; so is a row that repeats the header. Rows below a
    second header, which may stand in row ``second_header`` above these rows, are problems. ``typed`` are the cells that
    are numbers already.
    """
    width, end = len(header.names), end_of_data(rows)
    further = find_second_headers(rows[:end], header) if second_header is None else SecondHeaders(begins=0)
    last = end if further.begins is None else further.begins
    if further.header is not None:
        second_header = first + further.header
    good, places, problems, comments = [], [], [], 0
    for place, row in enumerate(rows[:last]):
        if place in further.repeats or not any(cell.strip() for cell in row):
            continue
        if row[0].lstrip().startswith("#") and len(row) != width:
            comments += 1
        elif any(cell.strip() for cell in row[width:]) or len(row) < width:
            problems.append(_ragged(first + place, row, width))
        else:
            good.append(row[:width])
            places.append(place)
    problems += [
        _below_second(first + place, rows[place], second_header)
        for place in range(last, end)
        if first + place != second_header and any(cell.strip() for cell in rows[place])
    ]
    table = _from_columns(name, header, good, [first + place for place in places])
    if typed is not None:
        table = replace(table, typed=_typed_columns(header, [typed[place] for place in places]))
    remarks = (*_second_remarks(further, rows, first), *_end_remark(rows, end, first))
    table = replace(table, problems=tuple(problems), n_rows=len(good) + len(problems), remarks=remarks)
    return RowsBelow(table, comments, second_header)


def _below_second(number: int, row: Row, second_header: int | None) -> RowProblem:
    return RowProblem(
        number,
        ", ".join(row),
        f"the row belongs to a second table, whose header is row {second_header}",
        "put that table into its own file or sheet, or move its columns under the first header",
    )


def _second_remarks(further: SecondHeaders, rows: Sequence[Row], first: int) -> list[Remark]:
    numbers = [first + place for place in further.repeats]
    remarks = []
    if numbers:
        listed = ", ".join(map(str, numbers[:5])) + (", ..." if len(numbers) > 5 else "")
        text = f"{counted(len(numbers), 'repetition')} of the header (row {listed}) {was(len(numbers))} skipped."
        remarks.append(Remark("header-repeated", text))
    if further.header is not None:
        names = ", ".join(filter(str.strip, rows[further.header]))[:80]
        text = f"There is a second header in row {first + further.header} ({names}): only the table above it is read."
        remarks.append(Remark("second-header", text))
    return remarks


def _end_remark(rows: Sequence[Row], end: int, first: int) -> tuple[str, ...]:
    labels = {place: next(filter(str.strip, rows[place]), "") for place in range(end, len(rows))}
    labelled = [f"row {first + place}: {label.strip()[:40]}" for place, label in labels.items() if label]
    if not labelled:
        return ()
    more = ", ..." if len(labelled) > 3 else ""
    n = len(labelled)
    are = "is" if n == 1 else "are"
    listed = f"{', '.join(labelled[:3])}{more}"
    text = f"{counted(n, 'row')} below the data {are} not data and {was(n)} left out ({listed})."
    return (Remark("rows-below-the-data", text),)


def _typed_columns(header: Header, rows: Sequence[Sequence[float | None]]) -> dict[str, NDArray[np.float64]]:
    """Column -> its numbers, for the columns that have some."""
    typed = {}
    for place, title in enumerate(header.names):
        numbers = np.array([row[place] if place < len(row) else None for row in rows], dtype=np.float64)
        if np.isfinite(numbers).any():
            typed[title] = numbers
    return typed


def _is_blank(column: polars.Series) -> bool:
    return column.null_count() == len(column)


def _ragged(number: int, row: Row, width: int) -> RowProblem:
    return RowProblem(
        number,
        ", ".join(row),
        f"the row has {counted(len(row), 'cell')}, the table has {width}",
        "put a cell that contains the delimiter in quotation marks, or add the missing cells",
    )


def _from_columns(name: str, header: Header, rows: Sequence[Row], numbers: Sequence[int]) -> Table:
    import polars

    columns = list(zip(*rows, strict=True)) if rows else [()] * len(header.names)
    texts, readings = {}, list[CellReading]()
    for title, column in zip(header.names, columns, strict=True):
        texts[title], changed = _without_quotes(
            polars.Series(title, [cell.strip() or None for cell in column], dtype=polars.String), numbers
        )
        readings += changed
    return Table(name, polars.DataFrame(texts), np.array(numbers, dtype=np.int64), readings=tuple(readings))


def _without_quotes(cells: polars.Series, numbers: Sequence[int]) -> tuple[polars.Series, list[CellReading]]:
    """Cells without quotation marks around all that stands in them, and which had some."""
    quoted = cells.str.contains(_IN_QUOTES).fill_null(False)
    if not quoted.any():
        return cells, []
    bare = cells.str.slice(1).str.head(-1).str.strip_chars()
    changed = [
        CellReading(numbers[place], cells.name, cells[place], bare[place], QUOTED)
        for place in quoted.arg_true().to_list()
    ]
    return bare.zip_with(quoted, cells).replace("", None), changed
