"""Tables of arrangements as files."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

from matscout.data.csv_files import write_csv
from matscout.data.files import atomic_write
from matscout.data.table_writing import write_table

if TYPE_CHECKING:
    import polars


def write_arrangements(table: polars.DataFrame, path: Path) -> Path:
    """Write a table as its ending says, ``.csv.gz`` among them, whole or not at all; gives ``path``."""
    if path.name.lower().endswith(".csv.gz"):
        with atomic_write(path) as unfinished:
            plain = unfinished.with_name(unfinished.name + ".csv")
            write_csv(table, plain)
            # Without a name and a time in the header, equal tables are equal files.
            with unfinished.open("wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
                packed.write(plain.read_bytes())
            plain.unlink()
        return path
    return write_table(table, path)
