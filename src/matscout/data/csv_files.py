"""CSV for people: texts that a spreadsheet would run as formulas get a leading apostrophe, and lose it when read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from matscout.data.files import atomic_write

if TYPE_CHECKING:
    import polars

RUNS = r"^'*[=+\-@\t\r\n＝＋－＠]"
"""How texts begin that a spreadsheet takes for a formula; apostrophes that stand there already must not be lost."""
SPLITS = r"[;\t]"
"""What spreadsheets of some languages take for the border of two cells, unless quotation marks stand around it."""
_RUNS = re.compile(RUNS)
_IS_PLAIN = re.compile(r"[+-]{0,2}(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)?(?:[eE][+-]?[0-9]+)?%?")
"""Numbers, and signs that stand for no value: a spreadsheet shows them as they are."""


def write_csv(table: polars.DataFrame, path: Path) -> Path:
    """Write a table as CSV (UTF-8), whole or not at all; gives ``path``."""
    with atomic_write(path) as unfinished:
        _harmless(table).write_csv(unfinished, quote_style="non_numeric" if _may_be_split(table) else "necessary")
    return path


def _may_be_split(table: polars.DataFrame) -> bool:
    """Whether a text holds what divides cells elsewhere: there what follows would be a cell of its own."""
    import polars

    texts = [column for column in table.get_columns() if column.dtype == polars.String]
    return any(re.search(SPLITS, column.name) or column.str.contains(SPLITS).any() for column in texts)


def _harmless(table: polars.DataFrame) -> polars.DataFrame:
    import polars

    def harmless(column: polars.Series) -> polars.Series:
        if column.dtype == polars.String and column.str.contains(RUNS).any():
            column = column.map_elements(as_text_cell, polars.String)
        return column.alias(as_text_cell(column.name))

    return polars.DataFrame([harmless(column) for column in table.get_columns()])


def as_text_cell(text: str) -> str:
    """The text as a spreadsheet shows it, and runs nothing."""
    return f"'{text}" if _RUNS.match(text) and not _IS_PLAIN.fullmatch(text) else text


def from_text_cell(text: str) -> str:
    """The text again from :func:`as_text_cell`."""
    return text[1:] if text[:1] == "'" and _RUNS.match(text) else text
