"""The page on known and unlabelled rows: the same numbers as the scores, rivals in the plot, nothing loaded."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import matscout
from matscout.app.cli import run
from matscout.data.made_up import as_known, made_up_dataset
from matscout.evaluation.evaluating import WITHOUT_HULL
from matscout.evaluation.known_scores import known_curve
from matscout.predict.recall_curves import CALLED, recall_name


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dataset = made_up_dataset("composition", 120, label=as_known)
    known = dataset.target("made").values.astype(int)
    hull = np.round(np.where(known == 1, 0.02, 0.2) * np.random.default_rng(0).random(120), 3)
    path = tmp_path_factory.mktemp("known") / "labels.csv"
    pl.DataFrame({"formula": dataset.materials.formulas, "made": known, "e_above_hull": hull}).write_csv(path)
    return path


def test_the_page_holds_rivals_and_what_changes_without_energies(table: Path, tmp_path: Path) -> None:
    page, scores = tmp_path / "page.html", tmp_path / "scores.json"
    asked = ["evaluate", str(table), "--target", "made", "--unlabelled", "0", "--context", "e_above_hull", "--fast"]
    assert run([*asked, "--n-folds", "2", "--page", str(page), "--save", str(scores)]) == 0
    text, stored = page.read_text(encoding="utf-8"), json.loads(scores.read_text(encoding="utf-8"))
    for words in ("popularity of the elements alone", "the model without the energy above the hull", "Nearest known"):
        assert words in text
    assert f"{stored['model']['area']:.3f}" in text
    assert WITHOUT_HULL in stored["baselines"]
    assert text.count("<tr>") == 2 + 5 + 10
    assert "http" not in text.replace("http-equiv", "").replace("http://www.w3.org", "")
    assert "synthesi" not in text


def test_a_page_needs_unlabelled_rows(capsys: pytest.CaptureFixture[str], table: Path, tmp_path: Path) -> None:
    assert run(["evaluate", str(table), "--target", "made", "--page", str(tmp_path / "page.html")]) == 2
    assert "--page is for known and unlabelled rows" in " ".join(capsys.readouterr().err.split())


def test_curves_rise_and_agree_with_the_scores() -> None:
    dataset = made_up_dataset("composition", 90, label=as_known)
    evaluation = matscout.evaluate(dataset, fast=True, n_folds=2)
    curve = known_curve(evaluation, evaluation.model, np.arange(90))
    assert (np.diff(curve.recall) >= 0).all()
    assert ((curve.low <= curve.recall + 0.05) & (curve.recall <= curve.high + 0.05)).all()
    at = float(np.interp(CALLED, curve.called, curve.recall))
    assert at == pytest.approx(evaluation.scores[evaluation.model][recall_name(CALLED)], abs=0.06)


def test_ignored_energies_are_no_columns() -> None:
    dataset = made_up_dataset("composition", 90, label=as_known)
    energies = {"e_above_hull": np.linspace(0.0, 1.0, 90)}
    model = matscout.fit(
        replace(dataset, materials=replace(dataset.materials, context=energies)), model=WITHOUT_HULL, fast=True
    )
    assert model.address == WITHOUT_HULL
    assert "e_above_hull" not in model.predictor.features.columns
