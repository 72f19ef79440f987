"""Workbooks that claim, or need, more memory than any table does."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from matscout.data.spreadsheet_sizes import refuse_large_sheet
from matscout.data.table_files import read_table
from matscout.errors import InputError


def workbook(path: Path, *cells: tuple[int, int], sheets: int = 1) -> Path:
    """A table of two rows on the first sheet and further cells (row, column from 0) on the last one."""
    book = xlsxwriter.Workbook(str(path))
    for number in range(sheets):
        sheet = book.add_worksheet()
        for row, values in enumerate([("formula", "gap"), ("NaCl", 8.5), ("KCl", 8.1)]):
            sheet.write_row(row, 0, values)
        if number == sheets - 1:
            for row, column in cells:
                sheet.write(row, column, "x")
    book.close()
    return path


def edited(path: Path, part: str, edit: Callable[[str], str]) -> Path:
    """The workbook with one part changed."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    changed = edit(parts[part].decode())
    assert changed.encode() != parts[part]
    parts[part] = changed.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return path


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ((1_048_575, 16_383), "1,048,576 rows x 16,384 columns"),
        ((0, 16_383), ""),
        ((1_048_575, 1), "1,048,576 rows x 2"),
    ],
)
def test_a_cell_far_away_is_found(cell: tuple[int, int], words: str, tmp_path: Path) -> None:
    path = workbook(tmp_path / "far.xlsx", cell)
    if words:
        with pytest.raises(InputError, match=f"far.xlsx spans {words}.*7 cells are filled.*stray cell"):
            read_table(path)
    else:
        refuse_large_sheet(path, 0)


def test_only_the_sheet_that_is_read_matters(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", (1_048_575, 16_383), sheets=3)
    assert read_table(path, "Sheet2").column("gap") == ["8.5", "8.1"]
    with pytest.raises(InputError, match="1,048,576 rows"):
        read_table(path, "Sheet3")


@pytest.mark.parametrize("name", ["ZZZZ99999999", "ZZZ9", "A99999999999", "XFD1048576"])
@pytest.mark.parametrize("quote", ['"', "'"])
def test_names_of_cells_are_not_believed_to_be_near(name: str, quote: str, tmp_path: Path) -> None:
    path = edited(workbook(tmp_path / "t.xlsx"), SHEET, lambda text: text.replace('r="B2"', f"r={quote}{name}{quote}"))
    if name == "ZZZ9":
        refuse_large_sheet(path, 0)
    else:
        with pytest.raises(InputError, match=r"t\.xlsx spans"):
            read_table(path)


@pytest.mark.parametrize("name", ["r='&#88;FD1048576'", "r\n=\n'XFD1048576'"])
def test_names_of_cells_in_other_spellings_are_tried_in_another_process(name: str, tmp_path: Path) -> None:
    path = edited(workbook(tmp_path / "t.xlsx"), SHEET, lambda text: text.replace('r="B2"', name))
    with pytest.raises(InputError, match=r"t\.xlsx"):
        read_table(path)


def test_tables_whose_cells_do_not_say_where_they_are_can_be_read(tmp_path: Path) -> None:
    path = edited(workbook(tmp_path / "t.xlsx"), SHEET, lambda text: re.sub(' r="[A-Z0-9]+"', "", text))
    assert read_table(path).column("formula") == ["NaCl", "KCl"]


@pytest.mark.parametrize(
    "edit",
    [
        lambda _: "",
        lambda text: text.replace("<sheetData>", "<sheetData><row r='9'><c r='A9'><v>&a;"),
        lambda text: text[:300],
    ],
)
def test_damaged_sheets_are_refused_in_words(edit: Callable[[str], str], tmp_path: Path) -> None:
    path = edited(workbook(tmp_path / "t.xlsx"), SHEET, edit)
    with pytest.raises(InputError, match=r"t\.xlsx"):
        read_table(path)


def test_entities_are_not_unfolded(tmp_path: Path) -> None:
    layers = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10 if i else "lollollol"}">' for i in range(10))
    path = edited(
        workbook(tmp_path / "t.xlsx"),
        SHEET,
        lambda text: text.replace("<worksheet", f"<!DOCTYPE l [{layers}]><worksheet", 1).replace("<v>8.5", "<v>&a9;"),
    )
    assert read_table(path).column("gap") == [None, "8.1"]


def test_the_number_of_texts_is_not_believed(tmp_path: Path) -> None:
    path = edited(
        workbook(tmp_path / "t.xlsx"), "xl/sharedStrings.xml", lambda text: text.replace('Count="', 'Count="99999999')
    )
    with pytest.raises(InputError, match="it claims to have"):
        read_table(path)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 and nothing else", b"\xd0\xcf\x11\xe0" + bytes(2000), b"formula,gap"]
)
@pytest.mark.parametrize("ending", [".xlsx", ".xls", ".xlsb", ".ods"])
def test_what_is_no_spreadsheet_is_refused_in_words(content: bytes, ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"t{ending}"
    path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be"):
        read_table(path)


def open_document(path: Path, rows: str) -> Path:
    """An OpenDocument sheet with these rows."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        book.writestr("META-INF/manifest.xml", "<manifest/>")
        table = f'<table:table table:name="S">{rows}</table:table>'
        body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
        book.writestr(
            "content.xml", f'<?xml version="1.0"?><office:document-content {spaces}>{body}</office:document-content>'
        )
    return path


def cell(text: str, times: int = 1) -> str:
    repeat = f' table:number-columns-repeated="{times}"' if times > 1 else ""
    return f'<table:table-cell office:value-type="string"{repeat}><text:p>{text}</text:p></table:table-cell>'


ROWS = "".join(
    f"<table:table-row>{''.join(map(cell, row))}</table:table-row>"
    for row in (("formula", "gap"), ("NaCl", "8.5"), ("KCl", "8"))
)


def test_open_document_sheets_are_tried_in_another_process(tmp_path: Path) -> None:
    assert read_table(open_document(tmp_path / "t.ods", ROWS)).column("gap") == ["8.5", "8"]
    times = 'table:number-rows-repeated="1000000"'
    far = f"<table:table-row {times}>{cell('x', 16_000)}</table:table-row>"
    with pytest.raises(InputError, match=r"t\.ods"):
        read_table(open_document(tmp_path / "t.ods", ROWS + far))


def test_many_filled_cells_are_no_stray_ones(tmp_path: Path) -> None:
    frame = pl.DataFrame({"formula": ["NaCl"] * 3000, **{f"c{i}": [float(i)] * 3000 for i in range(20)}})
    content = io.BytesIO()
    frame.write_excel(content)
    path = tmp_path / "t.xlsx"
    path.write_bytes(content.getvalue())
    assert len(read_table(path)) == 3000
