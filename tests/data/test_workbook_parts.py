"""Parts of workbooks, of which every way to write one with xlsxwriter gives the same."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter

from matscout.data import workbook_parts
from matscout.data.workbook_parts import column_number, part_of_sheet, pieces_of_part
from matscout.errors import InputError


def book_of(path: Path, sheets: int, rows: int) -> Path:
    book = xlsxwriter.Workbook(str(path))
    for number in range(sheets):
        sheet = book.add_worksheet(f"sheet {number}")
        for row in range(rows):
            sheet.write_row(row, 0, [row, f"text {number}"])
    book.close()
    return path


def test_columns_are_numbered_as_in_spreadsheets() -> None:
    from xlsxwriter.utility import xl_col_to_name

    assert [column_number(xl_col_to_name(place)) for place in range(800)] == list(range(1, 801))


def test_each_sheet_has_its_part(tmp_path: Path) -> None:
    with zipfile.ZipFile(book_of(tmp_path / "a.xlsx", 3, 2)) as book:
        assert [part_of_sheet(book, place) for place in range(3)] == [f"xl/worksheets/sheet{n}.xml" for n in (1, 2, 3)]
        assert part_of_sheet(book, 3) == ""


@pytest.mark.parametrize("size", [50, 1_200, 10_000])
def test_pieces_cut_no_cell(tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_parts, "_PIECE", size)
    with zipfile.ZipFile(book_of(tmp_path / "a.xlsx", 1, 400)) as book:
        whole = book.read("xl/worksheets/sheet1.xml")
        pieces = list(pieces_of_part(book, "xl/worksheets/sheet1.xml"))
    assert b"".join(pieces) == whole
    assert sum(piece.count(b"<c r=") for piece in pieces) == whole.count(b"<c r=") == 800
    assert len(pieces) > 1


def test_a_part_beyond_the_budget_is_refused_with_the_name_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook_parts, "BUDGET", replace(workbook_parts.BUDGET, bytes_unpacked=1_000))
    with (
        zipfile.ZipFile(book_of(tmp_path / "a.xlsx", 1, 400)) as book,
        pytest.raises(InputError, match=r"a\.xlsx contains a sheet of more than 1,000 bytes"),
    ):
        list(pieces_of_part(book, "xl/worksheets/sheet1.xml"))
