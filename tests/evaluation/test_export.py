"""The JSON and CSV that other tools rely on."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from matscout.evaluation.evaluating import evaluate
from matscout.evaluation.export import several_to_json, to_json, write_json, write_out_of_fold


def test_json_has_the_promised_keys(fake_fit, dataset_of, tmp_path):
    evaluation = evaluate(dataset_of(50))
    path = write_json({"y": evaluation}, tmp_path / "scores.json")
    found = json.loads(path.read_text(encoding="utf-8"))
    assert {"n", "protocol", "model", "baselines", "folds", "seconds"} <= set(found)
    assert {"mae", "rmse", "r2", "coverage", "width", "winkler"} <= set(found["model"])
    assert set(found["baselines"]) == {"dummy", "extratrees-magpie", "gp"}
    for scores in found["baselines"].values():
        assert set(found["model"]) - {"name"} <= set(scores)
    assert found["n"] == 50
    assert found["model"]["mae"] == evaluation.scores["auto"]["mae"]
    assert len(found["folds"]) == 20
    assert isinstance(found["seconds"], float)


def test_overlap_with_pretraining_is_written(fake_fit, dataset_of, pretrained_magpie):
    assert to_json(evaluate(dataset_of(50), model="auto-without-donor"))["overlap"] == {
        "magpie": {"rows": 2, "n": 50, "alike": ()}
    }
    assert to_json(evaluate(dataset_of(50), model="dummy", baselines=()))["overlap"] == {}


def test_classes_and_several_targets(fake_fit, dataset_of):
    evaluation = evaluate(dataset_of(30, classes=True))
    assert {"balanced_accuracy", "roc_auc", "f1"} <= set(to_json(evaluation)["model"])
    confusion = np.array(to_json(evaluation)["confusion"]["auto"])
    assert to_json(evaluation)["classes"] == ["no", "yes"]
    assert confusion.sum(axis=1).tolist() == [20, 10]  # every third row is a yes
    assert "confusion" not in to_json(evaluate(dataset_of(50)))
    assert several_to_json({"y": evaluation}) == to_json(evaluation)
    assert set(several_to_json({"y": evaluation, "z": evaluation})["targets"]) == {"y", "z"}


def test_what_is_not_a_number_is_null(fake_fit, dataset_of, tmp_path):
    evaluation = evaluate(dataset_of(4), n_folds=4, level=0.5, baselines=())  # one test row per fold: no R2
    path = write_json({"y": evaluation}, tmp_path / "scores.json")
    text = path.read_text(encoding="utf-8")
    assert "NaN" not in text
    assert json.loads(text)["folds"][0]["r2"] is None


def test_a_baseline_under_test_stands_in_both_places(fake_fit, dataset_of):
    found = to_json(evaluate(dataset_of(50), model="gp"))
    assert found["model"]["name"] == "gp"
    assert found["baselines"]["gp"]["mae"] == found["model"]["mae"]


def test_out_of_fold_predictions_name_the_users_rows(fake_fit, dataset_of, tmp_path):
    dataset = dataset_of(20)
    evaluation = evaluate(dataset, baselines=("dummy",))
    with write_out_of_fold(evaluation, dataset, tmp_path / "oof.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = ["predicted", "std", "lower", "upper"]
    assert list(rows[0]) == [
        "row", "formula", "fold", "measured", *[f"auto_{name}" for name in names], *[f"dummy_{name}" for name in names]
    ]  # fmt: skip
    assert sorted(int(row["row"]) for row in rows) == list(range(2, 22))
    for row in rows:
        assert row["formula"] == f"M{int(row['row']) - 2}"
        assert float(row["measured"]) == int(row["row"]) - 2
        assert float(row["auto_lower"]) < float(row["auto_predicted"]) < float(row["auto_upper"])
    found = np.array([float(row["auto_predicted"]) for row in rows])
    np.testing.assert_array_equal(found, evaluation.out_of_fold["auto"].predictions.predicted)


def test_out_of_fold_classes_have_a_probability_each(fake_fit, dataset_of, tmp_path):
    dataset = dataset_of(30, classes=True)
    path = write_out_of_fold(evaluate(dataset, baselines=()), dataset, tmp_path / "oof.csv")
    with path.open(encoding="utf-8", newline="") as file:
        first = next(csv.DictReader(file))
    assert first["measured"] in ("no", "yes")
    assert first["auto_class"] == "no"
    assert float(first["auto_probability_no"]) + float(first["auto_probability_yes"]) == pytest.approx(1)
