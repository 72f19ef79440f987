from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matscout.data.csv_files import as_text_cell, from_text_cell, write_csv
from matscout.data.table_files import read_table

RUN = [
    *("=1+1", '=HYPERLINK("http://x"&A1,"click")', "+A1", "-1+cmd|' /C calc'!A0", "@SUM(1)5"),
    *("\t=1", "\r=1", "'=1", "＝1+1", "-1-1"),
]
KEPT = ["-1.5", "+3", "-", "--", "-1,5e-3", "-.5", "+5%", "NaCl", "'quoted'", "O'Neill", "a=b", "", "5-6"]


@pytest.mark.parametrize("text", RUN)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert as_text_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", KEPT)
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert as_text_cell(text) == text
    assert from_text_cell(text) == text


@given(st.text(alphabet="'=+-@1a \t\r,;\"", max_size=6))
def test_texts_come_back(text: str) -> None:
    assert from_text_cell(as_text_cell(text)) == text


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    # Quotation marks around a cell are no part of it for the reader.
    texts = [text.strip() for text in RUN + KEPT if text.strip() and text != "'quoted'"]
    columns = {"formula": texts, "=cmd|x": ["x"] * len(texts), "gap": [-1.5] * len(texts)}
    path = write_csv(pl.DataFrame(columns), tmp_path / "t.csv")
    table = read_table(path)
    assert table.columns == list(columns)
    assert table.column("formula") == texts
    assert set(table.column("gap")) == {"-1.5"}
    with path.open(newline="", encoding="utf-8") as file:
        written = [cell for row in csv.reader(file) for cell in row]
    assert not any(cell[:1] in {"=", "@", "＝"} for cell in written)


def test_texts_of_other_kinds_of_columns_are_left_alone(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": [1, 2], "none": [None, None], "x": [None, "=1"]})
    assert write_csv(frame, tmp_path / "t.csv").read_text() == "n,none,x\n1,,\n2,,'=1\n"
