"""Tabular files written by other libraries (xlsxwriter, polars, pandas, json, gzip) come back as their cells."""

from __future__ import annotations

import datetime
import gzip
import hashlib
import json

import numpy as np
import pandas as pd
import polars as pl
import pytest
import xlsxwriter
from pymatgen.core import Lattice, Structure

from matscout.data.table_files import read_table, sheet_names
from matscout.data.tables import table_from_formulas, table_from_frame
from matscout.errors import InputError, UsageError

pytestmark = pytest.mark.small

CSV = "formula,gap\nSi,1.12\nGe,0.66\n"


def put(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def workbook(path, sheets):
    book = xlsxwriter.Workbook(path)
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for i, row in enumerate(rows):
            for j, value in enumerate(row):
                if value is not None:
                    sheet.write(i, j, value)
    book.close()
    return path


def test_csv_with_digest_and_row_numbers(tmp_path):
    path = put(tmp_path, "gaps.csv", "formula,gap\nSi,1.12\n\nGe,0.66\n\n\n")
    table = read_table(path)
    assert table.cells.to_dict(as_series=False) == {"formula": ["Si", "Ge"], "gap": ["1.12", "0.66"]}
    np.testing.assert_array_equal(table.row_numbers, [2, 4])
    assert table.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert table.n_rows == 2


def test_gzip(tmp_path):
    table = read_table(put(tmp_path, "gaps.csv.gz", gzip.compress(CSV.encode(), mtime=0)))
    assert table.column("formula") == ["Si", "Ge"]
    with pytest.raises(InputError, match="damaged gzip"):
        read_table(put(tmp_path, "half.csv.gz", gzip.compress(CSV.encode(), mtime=0)[:-9]))
    with pytest.raises(InputError, match="damaged gzip"):
        read_table(put(tmp_path, "bad.csv.gz", gzip.compress(b"", mtime=0)[:10] + b"\xff" * 20))


def test_ragged_rows_are_listed_with_their_numbers(tmp_path):
    table = read_table(put(tmp_path, "r.csv", "formula,gap\nSi,1.12\nGe,0.66,7\nGaAs,1.4,\nZnO\nInP,1.3\n"))
    assert table.column("formula") == ["Si", "GaAs", "InP"]
    assert [problem.row for problem in table.problems] == [3, 5]
    assert table.n_rows == 5


def test_comment_lines_are_skipped(tmp_path):
    table = read_table(put(tmp_path, "c.csv", "formula,gap\n# by hand\nSi,1.12\n#1,2\n"))
    assert table.column("formula") == ["Si", "#1"]
    assert not table.problems


def test_excel_keeps_every_digit_and_every_row_number(tmp_path):
    rows = [
        [],
        ["Table 1"],
        ["formula", "sigma (S/m)", "when"],
        ["Si", 1.5e-12],
        ["Ge", 1.23456789012345],
        ["GaAs", "<0.1"],
        [],
        ["InP", 300],
    ]
    table = read_table(workbook(tmp_path / "a.xlsx", {"data": rows}))
    assert table.column("formula") == ["Si", "Ge", "GaAs", "InP"]
    assert table.column("sigma (S/m)") == ["1.5e-12", "1.23456789012345", "<0.1", "300"]
    np.testing.assert_array_equal(table.row_numbers, [4, 5, 6, 8])


def test_excel_sheets(tmp_path):
    path = workbook(tmp_path / "a.xlsx", {"notes": [["hello"]], "data": [["formula", "gap"], ["Si", 1.1]]})
    assert sheet_names(path) == ["notes", "data"]
    assert read_table(path, "data").column("gap") == ["1.1"]
    with pytest.raises(UsageError, match=r"no sheet 'dat'; the sheets are notes, data"):
        read_table(path, "dat")
    with pytest.raises(UsageError, match="spreadsheet"):
        read_table(put(tmp_path, "gaps.csv", CSV), "data")


def test_excel_booleans_and_dates(tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx", {"default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet()
    for j, value in enumerate(["formula", "metal", "when"]):
        sheet.write(0, j, value)
    for j, value in enumerate(["Si", True, datetime.date(2020, 1, 2)]):
        sheet.write(1, j, value)
    book.close()
    table = read_table(tmp_path / "a.xlsx")
    assert table.column("metal") == ["true"]
    assert table.column("when")[0].startswith("2020-01-02")


def test_parquet(tmp_path):
    pl.DataFrame({"formula": ["Si", None], "gap": [1.12, 0.1 + 0.2], "metal": [True, None]}).write_parquet(
        tmp_path / "a.parquet"
    )
    table = read_table(tmp_path / "a.parquet")
    assert table.cells.to_dict(as_series=False) == {
        "formula": ["Si", None],
        "gap": ["1.12", "0.30000000000000004"],
        "metal": ["true", None],
    }
    np.testing.assert_array_equal(table.row_numbers, [1, 2])


RECORDS = [{"formula": "Si", "gap": 1.12}, {"formula": "NaN", "gap": None}, {"formula": "Ge", "note": "x"}]


@pytest.mark.parametrize(
    ("name", "content", "rows"),
    [
        ("a.jsonl", "\n".join(json.dumps(record) for record in RECORDS), [1, 2, 3]),
        ("a.ndjson", "\n\n".join(json.dumps(record) for record in RECORDS), [1, 3, 5]),
        ("a.json", json.dumps(RECORDS, indent=1), [1, 2, 3]),
        ("a.json.gz", gzip.compress(json.dumps(RECORDS).encode(), mtime=0), [1, 2, 3]),
        (
            "split.json",
            json.dumps(
                {
                    "index": [0, 1, 2],
                    "columns": ["formula", "gap", "note"],
                    "data": [["Si", 1.12, None], ["NaN", None, None], ["Ge", None, "x"]],
                }
            ),
            [1, 2, 3],
        ),
    ],
)
def test_json(tmp_path, name, content, rows):
    table = read_table(put(tmp_path, name, content))
    assert table.column("formula") == ["Si", "NaN", "Ge"]
    assert table.column("gap") == ["1.12", None, None]
    assert table.column("note") == [None, None, "x"]
    np.testing.assert_array_equal(table.row_numbers, rows)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "", "empty"),
        ("a.csv", "  \n\n", "empty"),
        ("a.json", "[1, 2]", "no records"),
        ("a.json", "[{", "not valid JSON"),
        ("a.jsonl", '{"a"\n{"b"', "not valid JSON: row 1"),
        ("a.json", '{"columns": ["a"], "data": [[1, 2]]}', "not valid JSON"),
        ("a.xlsx", "not a sheet", "cannot be opened"),
        ("~$a.xlsx", "locked", r"only shows that a\.xlsx is open in a spreadsheet program"),
        ("a.parquet", "PAR1 but damaged", "damaged Parquet"),
    ],
)
def test_unusable_files_are_refused_in_words(tmp_path, name, content, message):
    with pytest.raises(InputError, match=message):
        read_table(put(tmp_path, name, content))


def test_a_bad_line_of_json_costs_that_line_only(tmp_path):
    for content in ('{"formula": "Si"}\n{"formula": "Ge",\n{"formula": "C"}\n', '{\n{"formula": "Si"}\n\n[1]\n'):
        table = read_table(put(tmp_path, "a.jsonl", content))
        assert table.column("formula")[0] == "Si"
        assert table.n_rows == len(table) + len(table.problems) == 3
        assert all("not a valid JSON object" in problem.reason for problem in table.problems)
    np.testing.assert_array_equal(table.row_numbers, [2])
    assert [problem.row for problem in table.problems] == [1, 4]


def test_a_missing_file_is_refused_in_words(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_table(tmp_path / "nothing.csv")


def test_frames_of_polars_and_pandas_are_the_same():
    columns = {"formula": ["Si", "Ge"], "gap": [1.12, float("nan")], "n": [1, 2]}
    mine, theirs = table_from_frame(pl.DataFrame(columns), "p"), table_from_frame(pd.DataFrame(columns), "p")
    assert mine.cells.equals(theirs.cells)
    assert mine.column("gap") == ["1.12", None]
    assert mine.column("n") == ["1", "2"]


def test_structures_in_a_frame_become_text_that_holds_them():
    silicon = Structure(Lattice.cubic(5.43), ["Si"] * 2, [[0, 0, 0], [0.25, 0.25, 0.25]])
    text = table_from_frame(pd.DataFrame({"structure": [silicon]}), "p").column("structure")[0]
    assert Structure.from_str(text, fmt="cif").matches(silicon)


def test_what_is_no_frame_is_refused():
    with pytest.raises(UsageError, match="int"):
        table_from_frame(3, "p")


def test_list_of_formulas():
    table = table_from_formulas(["Si", "NaN"])
    assert table.column("formula") == ["Si", "NaN"]
    assert table.n_rows == 2


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("formula;a\nSi;5,431\nGe;5,658\n", ","),
        ("formula\ta\nSi\t5,431\nGe\t5,658\n", None),
        ("formula;a;b\nBi2Te2.7Se0.3;5,431;0.5\n", "."),
        ("formula;a;b\nBi2Te2.7Se0.3;5.431;0,5\n", ","),
        ("formula;a\nBi2Te2.7Se0.3;5,431\n", ","),
        ("formula;a\nSi;5.431\n", None),
        ('formula,a\nSi,"5,431"\n', None),
    ],
)
def test_what_a_table_says_on_the_decimal_sign(tmp_path, text, sign):
    found = read_table(put(tmp_path, "t.csv", text)).elsewhere
    assert (None if found is None else found.sign) == sign
