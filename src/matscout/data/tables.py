"""Any tabular file or frame to one thing: a polars frame of text cells with the row numbers the user sees."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted, was
from matscout.data.budgets import BUDGET
from matscout.data.cell_readings import CellReading
from matscout.data.column_sizes import bytes_of_values
from matscout.data.decimal_signs import DecimalSign, NumberNotation, decimal_sign
from matscout.data.json_texts import without_surrogates
from matscout.data.values import ParsedValues, parse_values
from matscout.errors import InputError, RowProblem, UsageError
from matscout.remarks import Remark

if TYPE_CHECKING:
    import polars


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
    typed
        Column -> float64 [n], the cells that are numbers in the file itself (Excel, Parquet, JSON), NaN elsewhere.
    elsewhere
        What its numbers say together on the decimal sign; None if they say nothing, or are numbers already.
    asked
        What the user says on it.
    readings
        Cells that were changed before anything was made of them.
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
    typed: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    elsewhere: DecimalSign | None = None
    asked: NumberNotation = field(default_factory=NumberNotation)
    readings: tuple[CellReading, ...] = ()
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

    def values(self, name: str) -> ParsedValues:
        """The cells of one column as numbers."""
        if name not in self._parsed:
            texts, typed = self.cells[name], self.typed.get(name)
            written = texts if typed is None else texts.filter(np.isnan(typed))
            sign = decimal_sign(written, asked=self.asked, elsewhere=self.elsewhere)
            if typed is not None and sign.question:
                # The numbers that are some already stay; only what is text beside them is left open.
                sign = replace(sign, question="", is_contradicted=True, decided_by=sign.question)
            self._parsed[name] = parse_values(texts, sign, typed)
        return self._parsed[name]

    @cached_property
    def _parsed(self) -> dict[str, ParsedValues]:
        return {}


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
            f"{BUDGET.bytes_unpacked // 1_000_000:,} MB that are read; use a part of it"
        )
    return list(column.to_list())


def table_from_columns(name: str, columns: Mapping[str, Sequence[Any]], numbers: Sequence[int] | None = None) -> Table:
    """A table from columns of n values of any kind; ``numbers`` are the row numbers, by default 1 to n."""
    import polars

    columns = {without_surrogates(title): values for title, values in columns.items()}
    texts = {
        title: polars.Series(title, [_as_text(value) for value in values], dtype=polars.String)
        for title, values in columns.items()
    }
    frame = polars.DataFrame(texts)
    row_numbers = np.arange(1, len(frame) + 1) if numbers is None else np.array(numbers, dtype=np.int64)
    typed = {title: floats for title, values in columns.items() if (floats := _numbers_of(values)) is not None}
    remark = Remark("rows-found", f"{counted(len(frame), 'data row')} {was(len(frame))} found.")
    return Table(name, frame, row_numbers, n_rows=len(frame), typed=typed, remarks=(remark,))


def _numbers_of(values: Sequence[Any]) -> NDArray[np.float64] | None:
    """The values that are numbers, NaN elsewhere; None if none is."""
    are_numbers = [isinstance(value, int | float | np.number) and not isinstance(value, bool) for value in values]
    if not any(are_numbers):
        return None
    try:
        numbers = [float(value) if is_number else np.nan for value, is_number in zip(values, are_numbers, strict=True)]
    except OverflowError:
        return None
    return np.where(np.isfinite(numbers), numbers, np.nan)


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
