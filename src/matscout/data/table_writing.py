"""Tables for people and programs, as the ending of the file says: CSV, Parquet, Excel, JSON or JSON lines."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matscout.data.csv_files import write_csv
from matscout.data.files import atomic_write
from matscout.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    import polars
    from numpy.typing import NDArray

    Decimals = Mapping[str, NDArray[np.float64]]

SIGNIFICANT = 3
"""Digits of a number whose error is not known."""
PLAIN = (1e-3, 1e6)
"""Sizes of numbers that are shown without a power of ten."""
NARROWEST, WIDEST = 8, 60
"""Widths of columns, in letters; longer texts are wrapped by the reader."""
MEASURED_ROWS = 200
"""Rows that the width of a column goes by."""
CELLS = 1_048_576
"""Rows of a sheet of Excel, the header among them."""


def write_table(table: polars.DataFrame, path: Path, decimals: Decimals | None = None) -> Path:
    """Write a table as its ending says, whole or not at all; gives ``path``.

    Parameters
    ----------
    table
        What is written. CSV, Parquet and JSON hold every digit.
    path
        Ends in one of :data:`ENDINGS`.
    decimals
        Column -> how many decimals of each row Excel shows; three significant digits where that is NaN or not said.

    Raises
    ------
    UsageError
        If the ending is none of these, or the table has more rows than a sheet holds.
    """
    check_table_ending(path)
    if path.suffix.lower() == ".xlsx":
        return _write_workbook(table, path, decimals or {})
    return _WRITERS[path.suffix.lower()](table, path)


def check_table_ending(path: Path | None) -> None:
    """Refuse a file whose ending says nothing that can be written, with a UsageError; None passes."""
    if path is not None and path.suffix.lower() not in ENDINGS:
        raise UsageError(
            f"{path} cannot be written as a table, since its extension is not known: name a file that ends in "
            f"{', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}"
        )


def _write_parquet(table: polars.DataFrame, path: Path) -> Path:
    with atomic_write(path) as unfinished:
        table.write_parquet(unfinished)
    return path


def _write_json(table: polars.DataFrame, path: Path) -> Path:
    with atomic_write(path) as unfinished:
        _without_nan(table).write_json(unfinished)
    return path


def _write_json_lines(table: polars.DataFrame, path: Path) -> Path:
    with atomic_write(path) as unfinished:
        _without_nan(table).write_ndjson(unfinished)
    return path


def _without_nan(table: polars.DataFrame) -> polars.DataFrame:
    """JSON has no word for NaN."""
    import polars.selectors as cs

    return table.with_columns(cs.float().fill_nan(None))


_WRITERS: Mapping[str, Callable[[polars.DataFrame, Path], Path]] = {
    ".csv": write_csv,
    ".parquet": _write_parquet,
    ".json": _write_json,
    ".jsonl": _write_json_lines,
}
ENDINGS = (".csv", ".parquet", ".xlsx", ".json", ".jsonl")
"""What tables can be written as."""


def _write_workbook(table: polars.DataFrame, path: Path, decimals: Decimals) -> Path:
    """One sheet: the header stays in sight, texts are texts whatever they begin with, numbers have sensible digits."""
    import xlsxwriter

    if table.height >= CELLS:
        raise UsageError(
            f"{path}: a sheet of Excel has at most {CELLS - 1:,} rows, but there are {table.height:,}: use .csv"
        )
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with atomic_write(path) as unfinished, xlsxwriter.Workbook(str(unfinished), safe) as book:
        sheet = book.add_worksheet("matscout")
        formats = _Formats(book)
        for place, name in enumerate(table.columns):
            cells = table[name].to_list()
            shown = _digits(cells, decimals.get(name))
            sheet.write_string(0, place, name, formats.header)
            for row, (cell, style) in enumerate(zip(cells, shown, strict=True), start=1):
                _write_cell(sheet, (row, place), cell, formats.of(style))
            sheet.set_column(place, place, _width(name, cells))
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(table.height, 1), max(table.width - 1, 0))
    return path


class _Formats:
    """The styles of one workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self.book, self.made = book, dict[str, Any]()
        self.header = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})

    def of(self, style: str) -> Any:
        """The style of that number format; None for none."""
        if style and style not in self.made:
            self.made[style] = self.book.add_format({"num_format": style})
        return self.made.get(style)


def _write_cell(sheet: Any, place: tuple[int, int], cell: object, style: Any) -> None:
    if isinstance(cell, bool):
        sheet.write_boolean(*place, cell, style)
    elif isinstance(cell, int | float) and math.isfinite(cell):
        sheet.write_number(*place, cell, style)
    elif cell is not None and not isinstance(cell, float):
        sheet.write_string(*place, str(cell)[:32767])


def _digits(cells: list[Any], decimals: NDArray[np.float64] | None) -> list[str]:
    """The number format of each cell; "" for texts, whole numbers and blanks."""
    known = [math.nan] * len(cells) if decimals is None else decimals.tolist()
    return [
        _format(cell, digits) if isinstance(cell, float) and math.isfinite(cell) else ""
        for cell, digits in zip(cells, known, strict=True)
    ]


def _format(value: float, decimals: float) -> str:
    """``"0.00"`` for two decimals, ``"0.0E+00"`` for two digits of a number that is very large or small."""
    exponent = math.floor(math.log10(abs(value))) if value else 0
    places = SIGNIFICANT - 1 - exponent if math.isnan(decimals) else int(decimals)
    if value and not PLAIN[0] <= abs(value) < PLAIN[1] and places + exponent >= 0:
        digits = min(max(places + exponent, 0), 15)
        return f"0{'.' if digits else ''}{'0' * digits}E+00"
    places = min(max(places, 0), 15)
    return f"0{'.' if places else ''}{'0' * places}"


def _width(name: str, cells: list[Any]) -> int:
    texts = [str(cell) if not isinstance(cell, float) else "0" * NARROWEST for cell in cells[:MEASURED_ROWS]]
    longest = max(map(len, [*(name.split("_") or [name]), *texts]))
    return min(max(longest + 2, NARROWEST), WIDEST)
