"""Small tables that tests write, and what is asked of what was read from them."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter

from matscout.data.dataset import Dataset

FORMULAS = ["MgO", "CaO", "NaCl", "ZnO", "Al2O3", "TiO2", "GaAs", "InP", "PbTe", "SnSe"]


def put(folder: Path, text: str, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def column(cells: list[str], heading: str, delimiter: str = ",") -> str:
    """A table of a formula and one column, as text."""
    rows = (f"{formula}{delimiter}{cell}" for formula, cell in zip(FORMULAS, cells, strict=False))
    return "\n".join([f"formula{delimiter}{heading}", *rows, ""])


def values(dataset: Dataset) -> list[float]:
    return [float(number) for number in dataset.target().values]


def reason(dataset: Dataset, row: int) -> str:
    return next(problem.reason for problem in dataset.problems if problem.row == row)


def workbook(path: Path, rows: list[list[object]], merges: tuple[str, ...] = (), left: int = 0) -> Path:
    """A sheet; texts that look like numbers stay text, a number in a tuple has a percent format."""
    book = xlsxwriter.Workbook(str(path))
    sheet, percent = book.add_worksheet("data"), book.add_format({"num_format": "0.0%"})
    for i, row in enumerate(rows):
        for j, value in enumerate(row, start=left):
            if isinstance(value, tuple):
                sheet.write_number(i, j, value[0], percent)
            elif isinstance(value, str):
                sheet.write_string(i, j, value)
            elif value is not None:
                sheet.write_number(i, j, value)
    for place in merges:
        sheet.merge_range(place, None)
        first = place.split(":")[0]
        cell = rows[int(first[1:]) - 1][ord(first[0]) - ord("A")]
        sheet.write(first, cell)
    book.close()
    return path
