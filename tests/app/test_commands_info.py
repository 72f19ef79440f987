"""What a folder of results is, and how it was made."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import matscout
from matscout.app.cli import run
from matscout.made import MADE, read_made
from matscout.version import __version__


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "gaps.csv"
    formulas = ("GaAs", "InP", "CdTe", "Si", "AlAs", "ZnTe", "ZnO", "GaN", "InAs", "InSb", "AlP", "GaP")
    path.write_text("formula,gap (eV)\n" + "".join(f"{one},{place}.5\n" for place, one in enumerate(formulas)))
    return path


def _info(place: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["info", str(place), "--json"]) == 0
    return json.loads(capsys.readouterr().out)["results"]


def test_a_model_says_how_it_was_made(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "model"
    asked = ["fit", str(table), "--model", "gp", "--fast", "--seed", "3", "-o", str(place)]
    assert run(asked) == 0
    shown = _info(place, capsys)
    assert shown["made"]["command"] == f"matscout {' '.join(asked)}"
    assert (shown["made"]["matscout"], shown["made"]["seed"]) == (__version__, 3)
    assert abs((datetime.now().astimezone() - datetime.fromisoformat(shown["made"]["date"])).total_seconds()) < 600
    assert shown["models"]["gap"]["sha256 of the source"] == hashlib.sha256(table.read_bytes()).hexdigest()
    assert shown["models"]["gap"]["rows"] == 12


def test_a_model_saved_from_python_says_so(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    matscout.fit(table, model="dummy", seed=5).save(tmp_path / "model")
    made = _info(tmp_path / "model", capsys)["made"]
    assert made["seed"] == 5
    (tmp_path / "model" / MADE).unlink()
    assert _info(tmp_path / "model", capsys)["made"] is None
    (tmp_path / "model" / MADE).write_text("{")
    assert read_made(tmp_path / "model") is None


def test_what_is_no_result_is_refused(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["info", str(tmp_path)]) == 2
    assert "is not a model, index or run" in capsys.readouterr().err
    assert run(["info", str(tmp_path / "nowhere")]) == 1
    assert run(["info", str(table)]) == 2


def test_the_folder_of_scout_predicts(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "round"
    matscout.scout(
        table, "max", model="gp", fast=True, level=0.5, elements=["Ga", "In", "As", "P"], n_candidates=50, out=place
    )
    capsys.readouterr()
    assert run(["predict", str(place), "GaAs", "--level", "0.5", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["results"]["predictions"]) == 1
    assert matscout.load(place).target.name == "gap"
    shown = _info(place, capsys)
    assert shown["tables"][0]["rows"][0]["value"] == "models of a scout run"
    shutil.rmtree(place / "model")
    assert run(["predict", str(place), "GaAs"]) == 1
    assert "is not a saved model" in capsys.readouterr().err


def test_a_run_lists_its_steps(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(f"workflow: 1\nsteps:\n  labels:\n    read: {{file: {table.name}}}\n", encoding="utf-8")
    assert run(["run", str(plan), "-o", str(tmp_path / "out")]) == 0
    shown = _info(tmp_path / "out", capsys)
    assert list(shown["steps"]) == ["labels"]
    assert shown["made"]["matscout"] == __version__


def test_an_index_is_shown_as_index_info_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("lancedb")
    matscout.build_index(["NaCl", "KBr", "LiF"], tmp_path / "salts.index", ["magpie"])
    assert _info(tmp_path / "salts.index", capsys)["lines"][0].startswith("3 materials with formulas")
