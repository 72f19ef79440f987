"""The shortlist as files: CSV with every digit, and a sheet of Excel for people."""

from __future__ import annotations

from pathlib import Path

from matscout.data.table_writing import write_table
from matscout.discover.base import Shortlist
from matscout.workflow.table_digits import decimals_by_uncertainty


def write_shortlist(shortlist: Shortlist, folder: Path) -> None:
    """Write ``shortlist.csv`` and, with as many digits as the intervals allow, ``shortlist.xlsx``."""
    write_table(shortlist.table, folder / "shortlist.csv")
    write_table(shortlist.table, folder / "shortlist.xlsx", decimals_by_uncertainty(shortlist.table))
