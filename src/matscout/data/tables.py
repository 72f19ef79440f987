"""Any tabular file or frame to one thing: a polars frame of text cells with the row numbers the user sees."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matscout.data.budgets import BUDGET
from matscout.data.column_sizes import bytes_of_values
from matscout.data.delimited import read_delimited
from matscout.data.guards import guarded
from matscout.data.headers import Header, Row, find_header, typical_width
from matscout.data.json_texts import parse_json, without_surrogates
from matscout.data.spreadsheet_sizes import refuse_large_sheet, refuse_large_workbook
from matscout.data.unpacking import unpacked
from matscout.data.values import uses_decimal_comma
from matscout.errors import InputError, RowProblem, UsageError

if TYPE_CHECKING:
    import polars

SPREADSHEETS = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
JSON_LINES = (".jsonl", ".ndjson")
_SAMPLE = 500
_NUMBER_LIKE = re.compile(r"[\d.,+\-eE±<>~() ]+")


@dataclass(frozen=True, eq=False)
class Table:
    """A table of n rows of text.

    Parameters
    ----------
    name
        File name, or what the table is.
    cells
        polars frame, every column text without outer blanks, null where the cell is blank.
    row_numbers
        int64 [n], as the user sees them: the line of the table (its header included), for frames and lists the
        position from 1.
    units
        Column name -> unit, where a line of units stands below the header.
    n_rows
        Rows with something in them, those among ``problems`` included.
    decimal_comma
        True if a comma in a number is rather a decimal sign: it does not separate columns, and no number of the table
        has a decimal point.
    digest
        SHA-256 of the file, "" where there is none.
    problems
        Rows that are no rows of this table.
    remarks
        What was recognised, a sentence each.
    folder
        Where relative paths in cells start; None without a file.
    """

    name: str
    cells: polars.DataFrame
    row_numbers: NDArray[np.int64]
    units: Mapping[str, str] = field(default_factory=dict)
    n_rows: int = 0
    decimal_comma: bool = False
    digest: str = ""
    problems: tuple[RowProblem, ...] = ()
    remarks: tuple[str, ...] = ()
    folder: Path | None = None

    def __len__(self) -> int:
        return len(self.row_numbers)

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list(self.cells.columns)

    def column(self, name: str) -> list[str | None]:
        """The cells of one column."""
        return self.cells[name].to_list()


def sheet_names(path: Path) -> list[str]:
    """The sheets of a spreadsheet file."""
    return list(_open_spreadsheet(path).sheet_names)


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
        raise UsageError(f"a sheet ({sheet!r}) can only be named for a spreadsheet; {path.name} is none")
    return replace(table, digest=hashlib.sha256(content).hexdigest(), folder=path.parent)


def _read_content(path: Path, content: bytes) -> Table:
    """Anything but a spreadsheet, told apart by its first bytes."""
    content = unpacked(content, path.name)
    if not content.strip():
        raise InputError(f"{path.name} is empty; give a table with a formula and a property")
    if content.startswith(b"PAR1"):
        return _read_parquet(path.name, content)
    if is_json(path.name, content):
        return _read_json(path.name, content)
    text = read_delimited(content)
    table = table_from_rows(path.name, text.rows, text.remarks)
    numbers = [cell for row in text.rows[:_SAMPLE] for cell in row if _NUMBER_LIKE.fullmatch(cell)]
    return replace(table, decimal_comma=text.delimiter != "," and uses_decimal_comma(numbers, hint=True))


def is_json(name: str, content: bytes) -> bool:
    """Whether the bytes of a file, unpacked, are JSON: by the file's name, or by its first character."""
    return name.lower().removesuffix(".gz").endswith(JSON_LINES) or content.lstrip()[:1] in (b"[", b"{")


def table_from_rows(name: str, rows: Sequence[Row], remarks: Iterable[str] = ()) -> Table:
    """A table from a grid of cells; blank rows are skipped, rows with too many or too few cells are problems."""
    width = typical_width(rows)
    if not width:
        raise InputError(f"{name} is empty; give a table with a formula and a property")
    header = find_header(rows, width)
    table, comments = table_below(name, header, rows[header.first :], header.first + 1)
    unnamed = [title for title in table.columns if title.startswith("column ") and _is_blank(table.cells[title])]
    found = f"{table.n_rows} data rows were found below the header in line {max(header.first, 1)}."
    skipped = [f"{comments} comment line(s) that begin with # were skipped."] if comments else []
    all_remarks = (*remarks, *header.remarks, *skipped, found)
    return replace(table, cells=table.cells.drop(unnamed), units=header.units, remarks=all_remarks)


def table_below(name: str, header: Header, rows: Iterable[Row], first: int) -> tuple[Table, int]:
    """A table from rows below a header, the first of which is number ``first``, and how many of them are comments."""
    width = len(header.names)
    good, numbers, problems, comments = [], [], [], 0
    for number, row in enumerate(rows, start=first):
        if not any(cell.strip() for cell in row):
            continue
        if row[0].lstrip().startswith("#") and len(row) != width:
            comments += 1
        elif any(cell.strip() for cell in row[width:]) or len(row) < width:
            problems.append(_ragged(number, row, width))
        else:
            good.append(row[:width])
            numbers.append(number)
    table = _from_columns(name, header, good, numbers)
    return replace(table, problems=tuple(problems), n_rows=len(good) + len(problems)), comments


def _is_blank(column: polars.Series) -> bool:
    return column.null_count() == len(column)


def _ragged(number: int, row: Row, width: int) -> RowProblem:
    return RowProblem(
        number,
        ", ".join(row),
        f"the row has {len(row)} cells, the table has {width}",
        "put a cell that holds the delimiter in quotation marks, or add the missing cells",
    )


def _from_columns(name: str, header: Header, rows: Sequence[Row], numbers: Sequence[int]) -> Table:
    import polars

    columns = list(zip(*rows, strict=True)) if rows else [()] * len(header.names)
    texts = {
        title: polars.Series(title, [cell.strip() or None for cell in column], dtype=polars.String)
        for title, column in zip(header.names, columns, strict=True)
    }
    return Table(name, polars.DataFrame(texts), np.array(numbers, dtype=np.int64))


def _open_spreadsheet(path: Path) -> Any:
    import fastexcel

    refuse_large_workbook(path)
    with guarded(f"{path.name} cannot be opened as a spreadsheet", "save it again, or as CSV"):
        return fastexcel.read_excel(path)


def _read_spreadsheet(path: Path, sheet: str | None) -> Table:
    reader = _open_spreadsheet(path)
    names = list(reader.sheet_names)
    if sheet is not None and sheet not in names:
        raise UsageError(f"{path.name} has no sheet {sheet!r}; there are {', '.join(names)}")
    if not names:
        raise InputError(f"{path.name} has no sheets; give a table with a formula and a property")
    chosen = names[0] if sheet is None else sheet
    refuse_large_sheet(path, names.index(chosen))
    with guarded(f"the sheet {chosen!r} of {path.name} cannot be read", "save it again, or as CSV"):
        rows = _sheet_rows(reader, chosen)
    return table_from_rows(path.name, rows, [f"Sheet {chosen!r} was read."])


def _sheet_rows(reader: Any, sheet: str) -> list[list[str]]:
    """The cells of a sheet as text, numbers with all their digits.

    fastexcel rounds numbers to nine decimals when asked for text, which turns 1.5e-12 into 0; therefore every cell is
    read as a number as well, and that number is written out wherever the text differs from it.
    """
    texts, numbers = (
        reader.load_sheet(sheet, header_row=None, skip_rows=0, dtypes=kind).to_polars().rows()
        for kind in ("string", "float")
    )
    return [
        [_exact(text, number) for text, number in zip(*pair, strict=True)] for pair in zip(texts, numbers, strict=True)
    ]


def _exact(text: str | None, number: float | None) -> str:
    if text is None:
        return ""
    try:
        rounded = number is not None and float(text) != number
    except ValueError:
        return text
    return repr(number) if rounded else text


def _read_parquet(name: str, content: bytes) -> Table:
    import polars

    with guarded(f"{name} is a damaged Parquet file", "write it again"):
        coming = polars.scan_parquet(io.BytesIO(content))
        n = int(coming.select(polars.len()).collect().item())
        _refuse_many_cells(name, n, len(coming.collect_schema()))
        return table_from_frame(coming.collect(), name)


def _refuse_many_cells(name: str, rows: int, columns: int) -> None:
    if rows > BUDGET.rows:
        raise InputError(f"{name} has {rows:,} rows, more than the {BUDGET.rows:,} that are read; give a part of it")
    if rows * columns > BUDGET.cells:
        raise InputError(
            f"{name} has {rows:,} rows x {columns:,} columns, more than the {BUDGET.cells:,} cells that are read; give "
            "a part of it"
        )


def _read_json(name: str, content: bytes) -> Table:
    """An array of records, an object of columns and data (of matminer), or one record per line."""
    text = content.decode("utf-8-sig", errors="replace")
    try:
        whole = parse_json(text)
    except ValueError as error:
        if text.lstrip().startswith("["):
            raise _no_json(name, error) from error
        return _read_json_lines(name, text)
    if isinstance(whole, dict) and {"columns", "data"} <= whole.keys():
        return _read_split_json(name, whole)
    records = whole if isinstance(whole, list) else [whole]
    if not records or not all(isinstance(record, dict) for record in records):
        raise InputError(f"{name} holds no records; give one object per line, or an array of objects")
    return table_from_columns(name, _columns_of(name, records))


def _read_split_json(name: str, whole: Mapping[str, Any]) -> Table:
    try:
        columns = map(list, zip(*whole["data"], strict=True))
        return table_from_columns(name, dict(zip(map(str, whole["columns"]), columns, strict=True)))
    except (TypeError, ValueError) as error:
        raise _no_json(name, error) from error


def _read_json_lines(name: str, text: str) -> Table:
    """One record per line; the lines that are none are problems."""
    records, numbers, problems = [], [], []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        record = _record(line)
        if record is None:
            advice = 'write one object per line, {"formula": "NaCl", ...}'
            problems.append(RowProblem(number, line.strip(), "this line is no valid JSON object", advice))
        else:
            records.append(record)
            numbers.append(number)
    if not records:
        raise _no_json(name, problems[0] if problems else "it is blank")
    table = table_from_columns(name, _columns_of(name, records), numbers)
    return replace(table, problems=tuple(problems), n_rows=len(records) + len(problems))


def _record(line: str) -> dict[str, Any] | None:
    try:
        found = parse_json(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _columns_of(name: str, records: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    names = dict.fromkeys(key for record in records for key in record)
    _refuse_many_cells(name, len(records), len(names))
    return {key: [record.get(key) for record in records] for key in names}


def _no_json(name: str, why: object) -> InputError:
    return InputError(f"{name} is no valid JSON: {why}; give one record per line, or an array of records")


def table_from_frame(frame: Any, name: str) -> Table:
    """A table from a polars or pandas frame; pymatgen structures in cells become CIF text.

    Raises
    ------
    UsageError
        If it is neither.
    """
    if not hasattr(frame, "columns") or not hasattr(frame, "__getitem__"):
        raise UsageError(
            f"cannot read a {type(frame).__name__}; give a path, a polars or pandas frame, or a list of formulas"
        )
    columns = {str(column): _values(frame[column], name) for column in frame.columns}
    return table_from_columns(name, columns)


def _values(column: Any, name: str) -> list[Any]:
    """The values of a column of a frame; a frame may hold a long text once for many rows, the values do not."""
    import polars

    held = bytes_of_values(column) if isinstance(column, polars.Series) else 0
    if held > BUDGET.bytes_unpacked:
        raise InputError(
            f"the column {column.name!r} of {name} holds {held // 1_000_000:,} MB, more than the "
            f"{BUDGET.bytes_unpacked // 1_000_000:,} MB that are read; give a part of it"
        )
    return list(column.to_list())


def table_from_columns(name: str, columns: Mapping[str, Sequence[Any]], numbers: Sequence[int] | None = None) -> Table:
    """A table from columns of n values of any kind; ``numbers`` are the row numbers, by default 1 to n."""
    import polars

    texts = {
        without_surrogates(title): polars.Series([_as_text(value) for value in values], dtype=polars.String)
        for title, values in columns.items()
    }
    frame = polars.DataFrame(texts)
    row_numbers = np.arange(1, len(frame) + 1) if numbers is None else np.array(numbers, dtype=np.int64)
    return Table(name, frame, row_numbers, n_rows=len(frame), remarks=(f"{len(frame)} data rows were found.",))


def _as_text(value: Any) -> str | None:
    """What a typed cell would look like in a text file; None for a missing one."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(float(value))
    if isinstance(value, list | dict):
        return json.dumps(value, default=str)
    if hasattr(value, "lattice") and hasattr(value, "to"):
        return str(value.to(fmt="cif"))
    return without_surrogates(str(value)).strip() or None


def table_from_formulas(formulas: Sequence[str]) -> Table:
    """A table with the one column "formula"."""
    return table_from_columns("list of formulas", {"formula": list(formulas)})
