"""Problems of rows that come from one of their cells."""

from __future__ import annotations

from typing import Any

import numpy as np

from matscout.data.tables import Table
from matscout.errors import RowProblem


def problem(table: Table, position: int | np.integer[Any], column: str, reason: str, advice: str) -> RowProblem:
    """A row that cannot be used because of one of its cells."""
    value = table.cells[column][int(position)] or ""
    return RowProblem(int(table.row_numbers[position]), value, f"{column!r} {reason}", advice)
