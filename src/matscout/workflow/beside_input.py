"""Results as columns beside the rows of the input, usable or not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.data.sources import load_source
from matscout.errors import RowProblem
from matscout.mentions import worded
from matscout.workflow.label_settings import MaterialSettings

PROBLEM = "problem"
"""Column that says why a row of the input has no result; there only if such rows exist."""

ROW_REMARK = "row_remark"
"""Column that says how a row was read where that needs saying; there only if such rows exist."""

_NUMBER = "row number in the file"

_WHOLE = re.compile(r"0|-?[1-9]\d{0,14}")
_DECIMAL = re.compile(r"-?\d{1,9}(\.\d+)?(e-?\d+)?")


@dataclass(frozen=True, eq=False)
class InputRows:
    """The rows of the input as they stand there, usable or not, and their numbers [n]."""

    cells: pl.DataFrame
    numbers: NDArray[np.int64]


def all_rows(dataset: Dataset, source: Any, reading: MaterialSettings) -> InputRows:
    """All rows of what a data set was read from.

    Parameters
    ----------
    dataset
        What was read.
    source
        Of what: a path, or a list of formulas.
    reading
        How.
    """
    if dataset.table is not None and dataset.row_numbers is not None and len(dataset) == dataset.provenance.n_rows:
        return InputRows(_typed(dataset.table), dataset.row_numbers)
    table = load_source(source, sheet=reading.sheet, formula=reading.formula).table
    return InputRows(_typed(table.cells), table.row_numbers)


def _typed(cells: pl.DataFrame) -> pl.DataFrame:
    """Columns of texts as what they hold, where every cell is written as that is written again: 007 and 1.50 stay."""
    return cells.with_columns(
        (series == "true" if kind is pl.Boolean else series.cast(kind))
        for series in cells.select(pl.col(pl.String)).iter_columns()
        for kind in _kind(series.drop_nulls().to_list())
    )


def _kind(texts: Sequence[str]) -> tuple[type[pl.DataType], ...]:
    """The type of such a column; () if it is one of texts, or blank."""
    if not texts:
        return ()
    if all(_WHOLE.fullmatch(text) for text in texts):
        return (pl.Int64,)
    if set(texts) <= {"true", "false"}:
        return (pl.Boolean,)
    return (pl.Float64,) if all(_DECIMAL.fullmatch(text) and repr(float(text)) == text for text in texts) else ()


def beside_input(dataset: Dataset, rows: InputRows, added: pl.DataFrame) -> pl.DataFrame:
    """The input's rows in their order, each with its result or the reason why it has none.

    Parameters
    ----------
    dataset
        The n usable rows, and the problems.
    rows
        All rows.
    added
        n rows of results.
    """
    reasons, remarks = (_texts_by_row(dataset.problems, dropped=dropped) for dropped in (True, False))
    numbers = np.union1d(rows.numbers, np.array(list(reasons), dtype=np.int64))
    kept = [name for name in rows.cells.columns if name not in (*added.columns, PROBLEM, ROW_REMARK)]
    cells = rows.cells.select(pl.Series(_NUMBER, rows.numbers), *kept)
    values = added.with_columns(pl.Series(_NUMBER, dataset.row_numbers))
    joined = pl.DataFrame({_NUMBER: numbers})
    for part in (cells, values):
        joined = joined.join(part, on=_NUMBER, how="left", maintain_order="left")
    for name, texts_by_row in ((PROBLEM, reasons), (ROW_REMARK, remarks)):
        if texts_by_row:
            texts = [texts_by_row.get(row) for row in numbers.tolist()]
            joined = joined.with_columns(pl.Series(name, texts, dtype=pl.String))
    return _named(joined, dataset.problems).drop(_NUMBER)


def _named(table: pl.DataFrame, problems: Sequence[RowProblem]) -> pl.DataFrame:
    """Rows that stand in no table, such as files that cannot be read, are named as their problems name them."""
    names = {problem.row: problem.value for problem in reversed(problems) if problem.dropped and problem.value}
    if "id" not in table.columns or table["id"].dtype != pl.String or not names:
        return table
    missing = pl.Series([names.get(row) for row in table[_NUMBER].to_list()], dtype=pl.String)
    return table.with_columns(pl.col("id").fill_null(missing))


def _texts_by_row(problems: Sequence[RowProblem], *, dropped: bool) -> dict[int, str]:
    """What is wrong with rows that are left out, or what is said of those that are used."""
    texts: dict[int, str] = {}
    for problem in problems:
        if problem.dropped is dropped:
            text = worded(f"{problem.reason}; {problem.advice}")
            texts[problem.row] = f"{texts[problem.row]}; {text}" if problem.row in texts else text
    return texts
