"""How cells and columns were understood, on the terminal and in a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import polars as pl

from matscout.app.console import note, say, show_table
from matscout.counting import counted, was
from matscout.data.cell_readings import CellReading
from matscout.data.column_readings import ColumnReading, count_rules
from matscout.data.csv_files import write_csv
from matscout.data.files import write_text_whole

EACH = 3
"""Cells of each rule and column that the terminal shows."""
SHOWN_COLUMNS = 30
"""Columns of which the terminal shows how they were read."""
_LETTERS = 60
_HEADER = ("row", "column", "written", "read as", "rule")


def show_columns(columns: Sequence[ColumnReading]) -> None:
    """A line for each column."""
    for column in columns[:SHOWN_COLUMNS]:
        say(column.sentence)
    if len(columns) > SHOWN_COLUMNS:
        note(f"... and {len(columns) - SHOWN_COLUMNS} more columns; write them all with --save FILE.json")


def show_readings(readings: Sequence[CellReading]) -> None:
    """The first cells of each rule in each column, and how many there are."""
    if not readings:
        return
    seen: dict[tuple[str, str], int] = {}
    rows = []
    for reading in readings:
        key = reading.column, reading.rule
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= EACH:
            written, read_as = _short(reading.written), _short(reading.read_as)
            rows.append((str(reading.row), reading.column, written, read_as, reading.rule))
    n = len(readings)
    are = "is" if n == 1 else "are"
    say(f"{counted(n, 'cell')} {are} not in plain form (formula, number, unit, date) and {was(n)} read so:")
    show_table(_HEADER, rows)
    if len(rows) < len(readings):
        by_rule = "; ".join(f"{rule} {count}" for rule, count in count_rules(readings))
        note(f"... {len(readings) - len(rows)} more by the same rules ({by_rule}); write them all with --save FILE")


def _short(text: str) -> str:
    line = " ".join(text[: 2 * _LETTERS].split())
    return line if len(line) <= _LETTERS else f"{line[:_LETTERS]}..."


def write_readings(path: Path, columns: Sequence[ColumnReading], readings: Sequence[CellReading]) -> Path:
    """Write all cells as CSV, or columns and cells as JSON, whole or not at all."""
    if path.suffix.lower() == ".csv":
        return write_csv(_frame_of(readings), path)
    content = {
        "columns": [{**asdict(column), "changed": dict(column.changed)} for column in columns],
        "cells": [asdict(reading) for reading in readings],
    }
    return write_text_whole(path, json.dumps(content, ensure_ascii=False, indent=1))


def _frame_of(readings: Sequence[CellReading]) -> pl.DataFrame:
    rows = [(reading.row, reading.column, reading.written, reading.read_as, reading.rule) for reading in readings]
    kinds = {"row": pl.Int64, **dict.fromkeys(_HEADER[1:], pl.String)}
    return pl.DataFrame(rows, schema=kinds, orient="row")
