"""``matscout map`` as other programs see it: files, streams and exit codes."""

from __future__ import annotations

import contextlib
from pathlib import Path

import polars as pl
import pytest

from matscout.app.cli import run

FORMULAS = ["LiF", "NaCl", "KBr", "RbI", "CsCl", "MgO", "CaS", "SrSe", "BaTe", "ZnO", "GaN", "GaAs"]
POSCAR = "{0}\n{1}\n0 2.1 2.1\n2.1 0 2.1\n2.1 2.1 0\n{0} O\n1 1\ndirect\n0 0 0\n0.5 0.5 0.5\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "gaps.csv"
    rows = [
        f"{formula},{place / 2 or ''},{'ab'[place % 2]}{place},{300 + place}" for place, formula in enumerate(FORMULAS)
    ]
    path.write_text("\n".join(["formula,band gap (eV),note,T (K)", *rows, "Xq2,1.0,c,300"]) + "\n", encoding="utf-8")
    return path


def test_a_map_and_its_places_are_written(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, places = tmp_path / "map.svg", tmp_path / "map.csv"
    command = ["map", str(table), "--colour", "band gap", "--method", "pca", "-o", str(out), "--table", str(places)]
    assert run(command) == 0
    shown = capsys.readouterr()
    assert f"map of 12 materials by magpie, coloured by band gap (eV): {out}" in shown.out
    assert "Xq2" in shown.err
    assert "band gap (eV)" in out.read_text(encoding="utf-8")
    assert pl.read_csv(places)["value"].to_list() == [None, *(place / 2 for place in range(1, 12))]


def test_several_targets_are_no_reason_to_stop(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["map", str(table), "--method", "pca", "-o", str(tmp_path / "map.png")]) == 0
    shown = capsys.readouterr()
    assert "coloured by chemistry, since several columns could be the target: band gap (eV), T (K)" in shown.err
    assert "coloured by most electronegative element" in shown.out


def test_structures_are_mapped_by_structure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "cells"
    folder.mkdir()
    for place, metal in enumerate(("Mg", "Ca", "Sr", "Ba", "Zn", "Cd")):
        (folder / f"{metal}.vasp").write_text(POSCAR.format(metal, 1 + 0.05 * place), encoding="utf-8")
    assert run(["map", str(folder), "--method", "tsne", "-o", str(tmp_path / "map.pdf")]) == 0
    assert "map of 6 materials by structure-basic" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--colour", "gapp"], 2, "the columns are formula, band gap (eV), note, T (K)"),
        (["--colour", "note"], 1, "12 different texts in 12 rows"),
        (["--with", "magpi"], 2, "magpie"),
        (["--with", "structure-basic"], 2, "these materials are formulas only"),
        (["--most", "3"], 2, "greater than or equal to 5"),
        (["-o", "map.tif"], 2, "map.tif does not end in .svg, .pdf, .png"),
        (["--table", "map.svg"], 2, "name two files"),
    ],
)
def test_mistakes_end_in_a_sentence_and_no_file(
    options: list[str], code: int, message: str, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with contextlib.chdir(table.parent):
        assert run(["map", str(table), "--method", "pca", "-o", "map.svg", *options]) == code
    error = " ".join(capsys.readouterr().err.split())
    assert message in error
    assert "Traceback" not in error
    assert [path.name for path in table.parent.iterdir()] == ["gaps.csv"]
