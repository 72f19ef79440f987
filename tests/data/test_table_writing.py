"""Tables as the ending of a file says, read again by polars and by fastexcel."""

import json
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from matscout.data.table_writing import ENDINGS, check_table_ending, write_table
from matscout.errors import UsageError

TABLE = pl.DataFrame(
    {
        "formula": ["GaAs", "=1+1", "@SUM(A1)", "http://x.de"],
        "gap_predicted": [1.4234567, 0.00012345, 12345678.9, None],
        "rank": [1, 2, 3, 4],
        "known": [True, False, True, None],
    }
)


def styles(path):
    """Number formats of a workbook, as its styles state them."""
    return zipfile.ZipFile(path).read("xl/styles.xml").decode()


@pytest.mark.parametrize(
    ("ending", "read"),
    [(".parquet", pl.read_parquet), (".json", pl.read_json), (".jsonl", pl.read_ndjson), (".xlsx", pl.read_excel)],
)
def test_every_ending_holds_the_table(tmp_path, ending, read):
    path = write_table(TABLE, tmp_path / f"out{ending}")
    assert_frame_equal(read(path), TABLE, check_dtypes=False)


def test_csv_holds_the_table_and_runs_nothing(tmp_path):
    text = write_table(TABLE, tmp_path / "out.csv").read_text()
    assert text.splitlines()[2].startswith("'=1+1")


def test_a_workbook_holds_texts_and_no_formula(tmp_path):
    sheet = zipfile.ZipFile(write_table(TABLE, tmp_path / "o.xlsx")).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert 'state="frozen"' in sheet
    assert "<col " in sheet


def test_digits_follow_the_uncertainty(tmp_path):
    table = pl.DataFrame({"x": [1.23456, 1234.56, 0.5]})
    path = write_table(table, tmp_path / "o.xlsx", {"x": np.array([2.0, -1.0, np.nan])})
    shown = styles(path)
    assert 'formatCode="0.00"' in shown
    assert 'formatCode="0"' in shown or 'numFmtId="1"' in shown
    assert 'formatCode="0.000"' in shown
    assert pl.read_excel(path)["x"].to_list() == table["x"].to_list(), "no digit is lost"


def test_tiny_numbers_have_powers_of_ten(tmp_path):
    path = write_table(pl.DataFrame({"x": [1.23e-11, 4.5e9]}), tmp_path / "o.xlsx")
    assert 'formatCode="0.00E+00"' in styles(path) or 'numFmtId="11"' in styles(path)


@pytest.mark.parametrize("name", ["out.txt", "out", "out.html", "out.xls"])
def test_other_endings_are_refused_in_a_sentence(tmp_path, name):
    with pytest.raises(UsageError, match=r"\.csv, \.parquet, \.xlsx, \.json or \.jsonl"):
        write_table(TABLE, tmp_path / name)
    assert not (tmp_path / name).exists()


def test_known_endings_pass():
    for ending in ENDINGS:
        check_table_ending(Path(f"x{ending.upper()}"))
    check_table_ending(None)


def test_nan_is_null_in_json(tmp_path):
    path = write_table(pl.DataFrame({"x": [float("nan"), 1.0]}), tmp_path / "o.json")
    assert json.loads(path.read_text()) == [{"x": None}, {"x": 1.0}]
