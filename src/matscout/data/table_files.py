"""Any tabular file to a :class:`Table`: CSV and its relatives, Excel, OpenDocument, Parquet, JSON."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from matscout.data.column_sizes import refuse_many_cells
from matscout.data.decimal_signs import sign_of_table
from matscout.data.delimited import read_delimited
from matscout.data.guards import guarded
from matscout.data.header_levels import Row
from matscout.data.json_records import is_json, read_json
from matscout.data.spreadsheet_sizes import refuse_large_sheet
from matscout.data.spreadsheets import SPREADSHEETS, Sheet, open_spreadsheet, read_sheet
from matscout.data.table_rows import table_from_rows
from matscout.data.tables import Table, table_from_columns, table_from_frame
from matscout.data.unpacking import unpacked
from matscout.data.values import text_series
from matscout.errors import InputError, UsageError
from matscout.remarks import Remark

if TYPE_CHECKING:
    import polars

_SAMPLE = 500
_NUMBER_LIKE = re.compile(r"[\d.,+\-eE±<>~() ]+")


def sheet_names(path: Path) -> list[str]:
    """The sheets of a spreadsheet file."""
    return list(open_spreadsheet(path).sheet_names)


def read_table(path: Path, sheet: str | None = None) -> Table:
    """Read CSV, TSV, Excel, OpenDocument, Parquet, JSON lines or a JSON array; all but spreadsheets also as ``.gz``.

    Parameters
    ----------
    path
        The file. Spreadsheets and Parquet are known by their ending, JSON by its first character.
    sheet
        Sheet of a spreadsheet; the first if not given.

    Raises
    ------
    InputError
        If the file holds no table.
    UsageError
        If ``sheet`` is given for a file without sheets, or there is no such sheet.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    if path.suffix.lower() in SPREADSHEETS:
        table = _read_spreadsheet(path, sheet)
    elif sheet is None:
        table = _read_content(path, content)
    else:
        raise UsageError(f"a sheet ({sheet!r}) can only be named for a spreadsheet; {path.name} is not one")
    return replace(table, digest=hashlib.sha256(content).hexdigest(), folder=path.parent)


def _read_content(path: Path, content: bytes) -> Table:
    """Anything but a spreadsheet, told apart by its first bytes."""
    content = unpacked(content, path.name)
    if not content.strip():
        raise InputError(f"{path.name} is empty; use a table with a formula and a property")
    if content.startswith(b"PAR1"):
        return _read_parquet(path.name, content)
    if is_json(path.name, content):
        return _read_records(path.name, content)
    text = read_delimited(content)
    table = table_from_rows(path.name, text.rows, text.remarks, names_file=partial(_names_file, path.parent))
    return replace(table, elsewhere=sign_of_table(_numbers_in(text.rows), str(text.delimiter)))


def _numbers_in(rows: Sequence[Row]) -> polars.Series:
    return text_series([cell for row in rows[:_SAMPLE] for cell in row if _NUMBER_LIKE.fullmatch(cell)])


def _names_file(folder: Path, text: str) -> bool:
    """Whether a file of a folder is called like a cell, with or without its ending."""
    if not re.fullmatch(r"[\w.+-]{1,100}", text):
        return False
    try:
        return (folder / text).is_file() or any(folder.glob(f"{text}.*"))
    except OSError:
        return False


def _read_spreadsheet(path: Path, sheet: str | None) -> Table:
    reader = open_spreadsheet(path)
    names = list(reader.sheet_names)
    if sheet is not None and sheet not in names:
        raise UsageError(f"{path.name} has no sheet {sheet!r}; the sheets are {', '.join(names)}")
    if not names:
        raise InputError(f"{path.name} has no sheets; use a table with a formula and a property")
    chosen = names[0] if sheet is None else sheet
    refuse_large_sheet(path, names.index(chosen))
    with guarded(f"the sheet {chosen!r} of {path.name} cannot be read", "save it again, or as CSV"):
        grid = read_sheet(path, reader, chosen)
    remarks = [Remark("sheet-read", f"Sheet {chosen!r} was read.")]
    table = table_from_rows(path.name, grid.rows, remarks, sheet=grid, names_file=partial(_names_file, path.parent))
    return replace(table, elsewhere=sign_of_table(_texts_in(grid), ""))


def _texts_in(grid: Sheet) -> polars.Series:
    pairs = zip(grid.rows[:_SAMPLE], grid.numbers[:_SAMPLE], strict=True)
    return _numbers_in([[cell for cell, number in zip(*pair, strict=True) if number is None] for pair in pairs])


def _read_parquet(name: str, content: bytes) -> Table:
    import polars

    with guarded(f"{name} is a damaged Parquet file", "write it again"):
        coming = polars.scan_parquet(io.BytesIO(content))
        n = int(coming.select(polars.len()).collect().item())
        refuse_many_cells(name, n, len(coming.collect_schema()))
        return table_from_frame(coming.collect(), name)


def _read_records(name: str, content: bytes) -> Table:
    records = read_json(name, content)
    table = table_from_columns(name, records.columns, records.numbers)
    return replace(table, problems=records.problems, n_rows=len(table) + len(records.problems))
