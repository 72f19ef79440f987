"""``matscout arrange`` as other programs see it."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from pymatgen.core import Lattice, Structure

from matscout.app.cli import run


@pytest.fixture
def host(tmp_path: Path) -> Path:
    cell = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    path = tmp_path / "host.cif"
    cell.get_primitive_structure().to(str(path))
    return path


@pytest.fixture
def energies(tmp_path: Path) -> Path:
    path = tmp_path / "energies.json"
    pair = {"first": "Br(Cl)", "second": "Br(Cl)", "distance": 3.988, "energy": -0.05}
    held = {"cutoff": 4.5, "sites": [{"defect": "Br(Cl)", "energy": 0.2}], "pairs": [pair]}
    path.write_text(json.dumps(held), encoding="utf-8")
    return path


def test_a_table_and_structures(host: Path, energies: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    asked = ["arrange", str(host), "--supercell", "3,3,3", "--replace", "Cl->Br:2", "--energy", str(energies)]
    assert run([*asked, "-o", str(out)]) == 0
    assert "all 351 arrangements were gone through" in capsys.readouterr().out
    assert sorted(path.name for path in out.iterdir()) == ["arrangements.csv", "arrangements.extxyz", "made.json"]
    table = pl.read_csv(out / "arrangements.csv")
    assert table["energy (eV)"].to_list()[:2] == [pytest.approx(0.35), pytest.approx(0.4)]
    assert table["multiplicity"].sum() == 351
    frames = (out / "arrangements.extxyz").read_text(encoding="utf-8")
    assert frames.count("arrangement_energy=") == len(table)


def test_errors_are_sentences(host: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["arrange", str(host), "--supercell", "2,2,2", "--replace", "Cl->Br:2", "-o", str(tmp_path / "out")]
    assert run([*asked, "--energy", str(tmp_path / "nothing")]) == 2
    assert run([*asked, "--energy", str(tmp_path / "nothing"), "--goal", "best"]) == 2
    shown = capsys.readouterr().err
    assert "name the folder of a model defect-pairs, or a JSON file" in shown
    assert "the goal 'best' is none: use lowest, highest, or an energy" in shown
    assert "Traceback" not in shown
