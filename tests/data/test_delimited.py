"""Delimited text: what Python's csv writer and an encoder put in comes out again, without being told how."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matscout.data.delimited import guess_delimiter, read_delimited
from matscout.errors import InputError

TEXT = "Bandlücke;Höhe\nSi;1,12\nGaAs;1,42\n"
ROWS = [["Bandlücke", "Höhe"], ["Si", "1,12"], ["GaAs", "1,42"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_encodings_are_recognised(encoding):
    assert read_delimited(TEXT.encode(encoding)).rows == ROWS


def test_utf16_with_byte_order_mark():
    assert read_delimited(b"\xff\xfe" + TEXT.encode("utf-16-le")).rows == ROWS


def test_binary_files_are_refused():
    with pytest.raises(InputError, match="not a text file"):
        read_delimited(bytes(range(256)) * 20)


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("formula,gap\nSi,1.1\n", ","),
        ("formula;gap\nSi;1,1\nGe;0,7\n", ";"),
        ("formula;band gap, eV\nSi;1,1\nGe;0,7\n", ";"),
        ("formula\tgap\nSi\t1,1\n", "\t"),
        ("formula|gap\nSi|1.1\n", "|"),
        ("formula\nSi\nGe\n", ","),
        ('formula,source\nSi,"Smith; Jones"\nGe,"Lee; Kim"\n', ","),
        ("A title, with commas; and more\n\nformula;gap;T\nSi;1,1;3\nGe;0,7;3\n", ";"),
        ("formula,ref\nSi,Smith; 2010\nGe,Lee; 2012\nSn,\n", ","),
    ],
)
def test_delimiters_are_recognised(text, delimiter):
    assert guess_delimiter(text) == delimiter


def test_line_breaks_in_quotes_do_not_split_a_row():
    rows = read_delimited(b'id,cif\na,"data_x\nloop_\n"\nb,"data_y\n"\n').rows
    assert rows == [["id", "cif"], ["a", "data_x\nloop_\n"], ["b", "data_y\n"]]


def test_a_cell_may_be_long():
    rows = read_delimited(b'id,cif\na,"' + b"x" * 300_000 + b'"\nb,y\n').rows
    assert len(rows[1][1]) == 300_000
    assert csv.field_size_limit() == 131_072


cell = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters=",;|\t\"' \u2028\u2029\x85"),
    min_size=1,
    max_size=8,
)


@given(
    st.lists(st.tuples(cell, cell, cell), min_size=3, max_size=12),
    st.sampled_from(",;|\t"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_csv_writes_is_read_back(rows, delimiter, encoding):
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(rows)
    assert read_delimited(buffer.getvalue().encode(encoding)).rows == [list(row) for row in rows]
