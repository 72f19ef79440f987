"""``matscout pretrain`` as it is typed."""

from __future__ import annotations

import json

import pytest

from matscout.app.cli import run
from matscout.represent.pretraining import training


@pytest.fixture
def typed(small_overrides):
    return lambda *arguments: run(["pretrain", "composition_donor", *small_overrides, *map(str, arguments)])


def test_a_run_and_its_repetition(typed, tmp_path, capsys):
    for _ in range(2):
        assert typed("-o", tmp_path / "run") == 0
        shown = capsys.readouterr().out
        assert "3 epochs: all epochs were trained" in shown
        assert f"artefact: {tmp_path / 'run' / 'artefact'}" in shown


def test_an_interrupted_sweep_goes_on_where_it_was(typed, tmp_path, capsys, monkeypatch):
    begun = []
    fit = training._fit

    def fit_or_stop(trainer, plan, run_folder):
        begun.append(run_folder.path.name)
        if len(begun) == 2:
            raise KeyboardInterrupt
        fit(trainer, plan, run_folder)

    monkeypatch.setattr(training, "_fit", fit_or_stop)
    sweep = ("seed=0,1,2", "--multirun", "-o", tmp_path / "sweep")
    assert typed(*sweep) == 130
    assert "the same command resumes after the last whole epoch" in capsys.readouterr().err
    assert typed(*sweep) == 0
    assert begun == ["seed=0", "seed=1", "seed=1", "seed=2"]
    states = [json.loads(path.read_text(encoding="utf-8"))["state"] for path in (tmp_path / "sweep").glob("*/run.json")]
    assert states == ["finished"] * 3


def test_errors_are_one_paragraph(typed, tmp_path, capsys, monkeypatch):
    assert typed("trainer.epochs=many", "-o", tmp_path / "run") == 2
    assert typed("seed=0,1", "-o", tmp_path / "run") == 2
    assert typed("optimiser.learning_rate=1e30", "-o", tmp_path / "run") == 1
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    assert typed("-o", tmp_path / "mine") == 2
    monkeypatch.setattr("matscout.extras.find_spec", lambda name: None)
    assert typed("-o", tmp_path / "run") == 1
    shown = capsys.readouterr().err
    assert "Traceback" not in shown
    for part in ("whole number", "--multirun", "not finite", "contains other files", "pip install 'matscout[torch]'"):
        assert part in shown
