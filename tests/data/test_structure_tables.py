"""Tables of structures in pieces hold what the reader of whole tables finds in them."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from matscout.data import table_pieces
from matscout.data.roles import Request, choose_roles
from matscout.data.sources import load_source
from matscout.data.structure_tables import structure_table
from matscout.data.table_files import read_table
from matscout.data.table_pieces import pieces_of
from matscout.errors import InputError, UsageError

CIF = """data_{name}
_cell_length_a {a}
_cell_length_b 5.6
_cell_length_c 5.6
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
loop_
_atom_site_label
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Na 0 0 0
Cl 0.5 0.5 0.5"""
N = 23


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_pieces, "ROWS", 6)
    monkeypatch.setattr(table_pieces, "_BYTES", 4001)


@pytest.fixture
def frame() -> pl.DataFrame:
    cifs = [CIF.format(name=f"x{row}", a=5.0 + row / 10) for row in range(N)]
    names, gaps = [f"mp-{row}" for row in range(N)], np.arange(N) / 7
    return pl.DataFrame({"id": names, "gap": gaps, "cif": cifs, "comment": ["é"] * N})


WRITERS = {
    "t.csv": lambda text: text.encode(),
    "t.tsv": lambda text: text.encode(),
    "latin.csv": lambda text: text.encode("cp1252"),
    "wide.csv": lambda text: text.encode("utf-16"),
    "packed.csv.gz": lambda text: gzip.compress(text.encode()),
    "title.csv": lambda text: b"Our structures\n\n" + text.encode(),
    "ragged.csv": lambda text: (text + "one,two\n" + "# said\n\n" + text.partition("\n")[2]).encode(),
}


def written(frame: pl.DataFrame, path: Path) -> Path:
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    else:
        text = frame.write_csv(separator="\t" if path.suffix == ".tsv" else ",")
        path.write_bytes(WRITERS[path.name](text))
    return path


@pytest.mark.parametrize("name", ["t.parquet", *WRITERS])
def test_pieces_joined_are_the_whole_table(name, frame, tmp_path):
    path = written(frame, tmp_path / name)
    pieces = list(pieces_of(path).read())
    whole = read_table(path)
    assert len(pieces) >= 4
    assert pl.concat([piece.cells for piece in pieces]).equals(whole.cells)
    np.testing.assert_array_equal(np.concatenate([piece.row_numbers for piece in pieces]), whole.row_numbers)
    assert [problem for piece in pieces for problem in piece.problems] == list(whole.problems)
    assert sum(piece.n_rows for piece in pieces) == whole.n_rows
    assert {piece.folder for piece in pieces} == {tmp_path}


@pytest.mark.parametrize("name", ["t.parquet", *WRITERS])
def test_columns_are_those_of_the_whole_table(name, frame, tmp_path):
    path = written(frame, tmp_path / name)
    found = structure_table(path)
    assert found.roles == choose_roles(load_source(path), Request(wants_target=False))
    assert found.roles.structure == "cif"
    assert found.n_rows == read_table(path).n_rows
    assert set(next(found.read()).columns) == {"cif"} | ({found.roles.id} - {None})


def test_an_id_that_comes_twice_much_later_names_no_rows(frame, tmp_path):
    doubled = frame.with_columns(id=pl.Series([*frame["id"].to_list()[:-1], "mp-0"]))
    assert structure_table(written(doubled, tmp_path / "t.parquet")).roles.id is None


def test_named_columns(frame, tmp_path):
    path = written(frame.with_columns(relaxed=pl.col("cif"), of=pl.lit("NaCl")), tmp_path / "t.parquet")
    assert structure_table(path).roles.structure == "cif"
    assert structure_table(path, "of", "relaxed").roles.structure == "relaxed"
    assert structure_table(path, "of").roles.formula == "of"
    with pytest.raises(UsageError, match="no column 'oof' for the formula"):
        structure_table(path, "oof")
    with pytest.raises(UsageError, match="no column 'gapp' for the unit"):
        structure_table(path, named=["gapp"])


def test_other_sources_are_left_to_the_reader_of_whole_tables(frame, tmp_path):
    written(frame.drop("cif"), tmp_path / "t.csv")
    (tmp_path / "t.json").write_text(frame.write_json())
    (tmp_path / "empty.csv").write_text(" ")
    (tmp_path / "cells").mkdir()
    assert structure_table(tmp_path / "t.csv", structure="cells") is None
    for name in ("t.csv", "t.json", "empty.csv"):
        assert structure_table(tmp_path / name) is None


def test_no_text_and_damaged_files_are_refused(frame, tmp_path):
    (tmp_path / "t.csv").write_bytes(b"a,b\n\x00\x00\xff" * 3)
    with pytest.raises(InputError, match="not a text file"):
        structure_table(tmp_path / "t.csv")
    (tmp_path / "t.csv.gz").write_bytes(b"\x1f\x8bnothing")
    with pytest.raises(InputError, match=r"t\.csv\.gz is a damaged gzip file"):
        structure_table(tmp_path / "t.csv.gz")
    path = written(frame, tmp_path / "t.parquet")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"t\.parquet is a damaged Parquet file"):
        structure_table(path)
