"""``matscout campaign`` as other programs see it."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from matscout.app.cli import run


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.csv"
    rows = "".join(f"Ga{i}As{41 - i},{i / 10}\n" for i in range(1, 41))
    path.write_text(f"formula,gap (eV)\n{rows}", encoding="utf-8")
    return path


ASKED = ["--strategies", "greedy,random", "--runs", "2", "--batch", "4", "--batches", "2"]


def test_tables_and_curves_are_written(labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert run(["campaign", str(labels), "--goal", "max", "-o", str(out), *ASKED]) == 0
    shown = capsys.readouterr().out
    assert "wanted rows" in shown
    assert "chance" in shown
    assert sorted(path.name for path in out.iterdir()) == [
        "campaigns.csv",
        "campaigns.png",
        "made.json",
        "strategies.csv",
        "workflow.yaml",
    ]
    assert set(pl.read_csv(out / "strategies.csv")["strategy"]) == {"greedy", "random", "chance"}
    assert len(pl.read_csv(out / "campaigns.csv")) == 2 * 2 * 16


def test_json_and_errors(labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "out")
    assert run(["campaign", str(labels), "--goal", "max", "-o", out, "--json", *ASKED]) == 0
    assert len(json.loads(capsys.readouterr().out)["results"]["strategies"]) == 3
    assert run(["campaign", str(labels), "--goal", "max", "-o", out, "--overwrite", "--strategies", "genius"]) == 2
    shown = capsys.readouterr().err
    assert "'genius' is not one of the strategies" in shown
    assert "Traceback" not in shown
