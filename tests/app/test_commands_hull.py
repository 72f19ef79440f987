"""``matscout hull`` as other programs see it: files, streams and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from matscout.app.cli import run


@pytest.fixture
def phases(tmp_path: Path) -> Path:
    path = tmp_path / "phases.csv"
    path.write_text("id,formula,e_form (eV/atom)\nr1,Li2O,-2.0\nr2,Li2O2,-1.65\n", encoding="utf-8")
    return path


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.csv"
    path.write_text("id,formula,e_form (eV/atom)\na,LiO2,-1.0\nb,Li2O,-2.1\nc,Qq,1\n", encoding="utf-8")
    return path


def test_a_table_on_the_screen(phases: Path, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["hull", str(mine), "--references", str(phases)]) == 3
    shown = capsys.readouterr()
    assert "0.667 Li2O2 (r2) + 0.333 O" in " ".join(shown.out.split())
    assert "2 of 3 rows placed, 1 of them on the hull" in shown.out
    assert "Neither energies nor references state their scheme" in shown.err
    assert "Traceback" not in shown.err


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx", "json"])
def test_a_table_in_a_file(phases: Path, mine: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"hull.{ending}"
    assert run(["hull", str(mine), "--references", str(phases), "-o", str(out), "--without-itself"]) == 3
    table = {"csv": pl.read_csv, "parquet": pl.read_parquet, "json": pl.read_json, "xlsx": pl.read_excel}[ending](out)
    assert table["e_above_hull (eV/atom)"].to_list() == [pytest.approx(0.1), pytest.approx(-1.0), None]
    assert table["competing_phases"].to_list() == [2, 2, None]


def test_the_workflow_beside_the_table_runs_again(phases: Path, mine: Path, tmp_path: Path) -> None:
    out = tmp_path / "results" / "hull.csv"
    out.parent.mkdir()
    assert run(["hull", str(mine), "--references", str(phases), "-o", str(out)]) == 3
    plan = next(out.parent.glob("*.yaml"))
    assert "references: ../phases.csv" in plan.read_text(encoding="utf-8")
    again = tmp_path / "again"
    assert run(["run", str(plan), "-o", str(again)]) == 0
    assert next(again.rglob("hull.csv")).read_text(encoding="utf-8") == out.read_text(encoding="utf-8")


def test_other_references_are_another_result(phases: Path, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The content of the references is part of the key of the stored result."""
    run(["hull", str(mine), "--references", str(phases), "--json"])
    before = json.loads(capsys.readouterr().out)["results"]["hull"]
    phases.write_text(phases.read_text(encoding="utf-8").replace("-1.65", "-1.8"), encoding="utf-8")
    run(["hull", str(mine), "--references", str(phases), "--json"])
    after = json.loads(capsys.readouterr().out)["results"]["hull"]
    assert before != after


def test_other_energies_of_elements_are_another_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MATSCOUT_DATA", str(tmp_path))
    elements = tmp_path / "mp_element_references" / "references.csv"
    elements.parent.mkdir()
    table, phases = tmp_path / "totals.csv", tmp_path / "phases.csv"
    table.write_text("formula,energy (eV),scheme\nLiF,-11.0,corrected-mp2020\n", encoding="utf-8")
    phases.write_text("formula,e_form,scheme\nLiF,-4.0,corrected-mp2020\n", encoding="utf-8")
    found = []
    for lithium in (-1.9, -1.8):
        elements.write_text(f"element,energy_per_atom_eV\nLi,{lithium}\nF,-1.8\n", encoding="utf-8")
        assert run(["hull", str(table), "--references", str(phases), "--json"]) == 0
        found.append(json.loads(capsys.readouterr().out)["results"]["hull"][0]["e_above_hull (eV/atom)"])
    assert found == pytest.approx([-5.5 + 1.85 + 4.0, -5.5 + 1.8 + 4.0])


@pytest.mark.parametrize(
    ("options", "ends"),
    [
        (["--references", "nothing"], (1, "there are no references 'nothing'")),
        (["--references", "mp_structures", "--scheme", "pbe"], (2, "there is no scheme of energies 'pbe'")),
        (["--references", "PHASES", "--scheme", "r2scan"], (2, "state that of the references (--references-scheme r2")),
        (["--references", "PHASES", "--total-energy", "no such"], (2, "there is no column 'no such'")),
        ([], (2, "references")),
    ],
)
def test_faults_are_sentences(
    phases: Path, mine: Path, options: list[str], ends: tuple[int, str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, words = ends
    assert run(["hull", str(mine), *(one.replace("PHASES", str(phases)) for one in options)]) == code
    shown = " ".join(capsys.readouterr().err.split())
    assert words in shown
    assert "Traceback" not in shown
