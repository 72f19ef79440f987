"""Known and unlabelled rows on the command line: check, evaluate, fit, predict."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from matscout.app.cli import run
from matscout.data.made_up import as_known, made_up_dataset


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dataset = made_up_dataset("composition", 120, label=as_known)
    known = dataset.target("made").values.astype(int)
    hull = np.round(np.where(known == 1, 0.02, 0.2) * np.random.default_rng(0).random(120), 3)
    path = tmp_path_factory.mktemp("known") / "labels.csv"
    pl.DataFrame({"formula": dataset.materials.formulas, "made": known, "e_above_hull": hull}).write_csv(path)
    return path


@pytest.fixture
def done(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs a command that must go well, and returns what it writes."""

    def call(*words: str | Path) -> str:
        assert run([str(word) for word in words]) == 0
        return " ".join(capsys.readouterr().out.split())

    return call


def test_check_tells_what_is_known(done: Callable[..., str], table: Path) -> None:
    output = done("check", table, "--target", "made", "--unlabelled", "0")
    assert "known (1) and" in output
    assert "unlabelled is not a no" in output


def test_evaluate_tells_recall_with_intervals_and_no_accuracy(
    done: Callable[..., str], table: Path, tmp_path: Path
) -> None:
    asked = ("--target", "made", "--unlabelled", "0", "--context", "e_above_hull", "--fast", "--n-folds", "2")
    output = done("evaluate", table, *asked, "--save", tmp_path / "scores.json")
    assert "unlabelled rows are never counted as wrong" in output
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert scores["model"]["name"] == "known-likeness"
    assert "known-likeness:learner=hull-distance" in scores["baselines"]
    assert "accuracy" not in json.dumps(scores)


def test_fit_and_predict(done: Callable[..., str], table: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    asked = ("--target", "made", "--unlabelled", "0", "--class-prior", "0.2", "--fast")
    assert "made: learned from 120 rows" in done("fit", table, *asked, "-o", model)
    done("predict", model, "NaCl", "Mg2Sn1Te3", "-o", tmp_path / "ranked.csv")
    ranked = pl.read_csv(tmp_path / "ranked.csv")
    ranks = ("score", "percentile_known", "percentile_unlabelled", "probability", "nearest_known", "distance")
    assert {*(f"made_{name}" for name in ranks), "in_domain"} <= set(ranked.columns)
    done("predict", model, table, "-o", tmp_path / "again.csv")
    assert len(pl.read_csv(tmp_path / "again.csv")) == 120


def test_options_that_need_unlabelled_rows_say_so(
    capsys: pytest.CaptureFixture[str], table: Path, tmp_path: Path
) -> None:
    assert run(["fit", str(table), "--positive", "1", "-o", str(tmp_path / "model")]) == 2
    assert "--positive is for rows of which some are unlabelled" in " ".join(capsys.readouterr().err.split())


def test_one_class_names_the_option(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("formula,made\n" + "".join(f"Na{n}Cl,1\n" for n in range(1, 30)), encoding="utf-8")
    assert run(["fit", str(labels), "--target", "made", "-o", str(tmp_path / "model")]) == 2
    assert "--unlabelled" in capsys.readouterr().err


def test_info_says_what_a_score_rests_on(done: Callable[..., str], table: Path, tmp_path: Path) -> None:
    done("fit", table, "--target", "made", "--unlabelled", "0", "--fast", "-o", tmp_path / "model")
    shown = done("info", tmp_path / "model")
    assert "known rows" in shown
    assert "learns from" in shown
    assert "ranks materials" in shown
