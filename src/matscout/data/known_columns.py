"""Columns of known and unlabelled rows, as they stand in tables."""

from __future__ import annotations

import numpy as np

from matscout.data.headings import split_heading
from matscout.data.measurements import Measured
from matscout.data.missing import is_missing_label
from matscout.data.positive_unlabelled import UnlabelledCells, known_remarks
from matscout.data.tables import Table


def read_known(table: Table, column: str, cells: UnlabelledCells, name: str | None = None) -> Measured:
    """Read a column of known and unlabelled rows.

    Raises
    ------
    InputError, UsageError
        As :meth:`UnlabelledCells.target`.
    """
    written = [cell or "" for cell in table.column(column)]
    blank = np.array([is_missing_label(cell) for cell in written], dtype=np.bool_)
    target, others = cells.target(split_heading(column).name if name is None else name, written, blank)
    remarks = known_remarks(target, others, column)
    return Measured(target, np.zeros(len(written), dtype=np.bool_), (), remarks)
