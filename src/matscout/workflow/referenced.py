"""Files that a table refers to: what is read of it depends on them, too."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from pathlib import Path

from matscout.data.columns import structure_path
from matscout.data.sources import holds_structures, load_source
from matscout.data.tables import Table
from matscout.errors import MatscoutError

LOOKED_AT = 20
"""Filled cells of a column that are looked at before it is taken for one of file names."""


def referenced_files(file: Path, sheet: str | None = None) -> tuple[Path, ...]:
    """The files that cells of a table name, such as structures, in order; none of what is no table.

    Parameters
    ----------
    file
        Anything that can be read.
    sheet
        Sheet of an Excel file.
    """
    if not file.is_file():
        return ()
    about = file.stat()
    return _referenced(file.absolute(), sheet, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=100)
def _referenced(file: Path, sheet: str | None, changed: int, size: int) -> tuple[Path, ...]:
    """As it was at a time, with a size."""
    try:
        table = None if holds_structures(file) else load_source(file, sheet=sheet).table
    except (MatscoutError, OSError):  # The step that reads it tells.
        return ()
    if table is None:
        return ()
    return tuple(path for column in table.columns for path in _named_in(table, column))


def _named_in(table: Table, column: str) -> list[Path]:
    cells = [cell for cell in table.column(column) if cell]
    if not any(structure_path(cell, table.folder) for cell in islice(cells, LOOKED_AT)):
        return []
    paths = (structure_path(cell, table.folder) for cell in cells)
    return [path for path in paths if path is not None]
