from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from matscout.data.dataset import Dataset
from matscout.data.reading import read
from matscout.errors import UsageError
from matscout.evaluation.cells import ModelSettings
from matscout.evaluation.evaluating import contenders
from matscout.evaluation.plan import EvaluationPlan
from matscout.workflow.side_by_side import measure, write_predictions, write_scores

FORMULAS = [
    f"{cation}{anion}" for cation in ("Mg", "Ca", "Sr", "Ba", "Zn", "Cd") for anion in ("O", "S", "Se", "Te", "F2")
]


def dataset(groups: str | None = None) -> Dataset:
    rng = np.random.default_rng(0)
    columns = {"formula": FORMULAS, "a": rng.normal(size=30), "b/c": rng.normal(size=30), "paper": list(range(15)) * 2}
    return read(pl.DataFrame(columns).with_columns(pl.col("paper").cast(pl.String)), target=("a", "b/c"), groups=groups)


PLAN = EvaluationPlan(model="dummy", n_folds=2, fast=True, level=0.8)


def test_one_evaluation_without_groups() -> None:
    pair = measure(dataset(), "a", PLAN)
    assert pair.beside is None
    assert pair.both == (pair.asked,)


@pytest.mark.parametrize(("asked", "beside"), [("kfold", "group"), ("repeated", "group"), ("group", "kfold")])
def test_groups_bring_the_counterpart(asked: str, beside: str) -> None:
    plan = replace(PLAN, protocol=asked, repeats=2 if asked == "repeated" else 1)
    assert plan.counterpart is not None
    assert plan.counterpart.protocol == beside
    pair = measure(dataset("paper"), "a", plan)
    assert pair.beside is not None
    papers = dataset("paper").groups
    assert papers is not None
    for evaluation, protocol in zip(pair.both, (asked, beside), strict=True):
        found = evaluation.out_of_fold["dummy"]
        pieces = {(paper, fold) for paper, fold in zip(papers[found.rows], found.splits, strict=True)}
        assert (len(pieces) == 15) == (protocol == "group")


@pytest.mark.parametrize("protocol", ["masked", "cluster", "time"])
def test_other_protocols_stand_alone(protocol: str) -> None:
    assert EvaluationPlan(protocol).counterpart is None
    assert EvaluationPlan("kfold", folds="fold").counterpart is None


def test_unknown_model_is_refused() -> None:
    with pytest.raises(UsageError, match="did you mean dummy"):
        measure(dataset(), "a", EvaluationPlan(model="dumy"))


def test_files_of_several_targets(tmp_path: Path) -> None:
    data = dataset("paper")
    measured = {name: measure(data, name, PLAN) for name in data.targets}
    scores = json.loads(write_scores(measured, data, tmp_path / "scores.json").read_text(encoding="utf-8"))
    assert set(scores["targets"]) == {"a", "b/c"}
    assert scores["targets"]["a"]["beside"]["protocol"].startswith("group")
    paths = write_predictions(measured, data, tmp_path / "oof.csv")
    assert [path.name for path in paths] == ["oof.a.csv", "oof.b-c.csv"]
    with paths[1].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    values = data.target("b/c").values
    assert [float(row["measured"]) for row in rows] == [values[int(row["row"]) - 1] for row in rows]


def test_file_of_one_target(tmp_path: Path) -> None:
    measured = {"a": measure(dataset(), "a", PLAN)}
    scores = json.loads(write_scores(measured, dataset(), tmp_path / "scores.json").read_text(encoding="utf-8"))
    mae = np.abs(
        dataset().target("a").values - measured["a"].asked.out_of_fold["dummy"].predictions.predicted[_order(measured)]
    )
    assert scores["model"]["mae"] == pytest.approx(mae.mean())
    assert "beside" not in scores
    assert write_predictions(measured, dataset(), tmp_path / "oof.csv") == [tmp_path / "oof.csv"]


def test_what_was_read_and_which_code_measured_it_are_told(tmp_path: Path) -> None:
    data = dataset()
    told = json.loads(write_scores({"a": measure(data, "a", PLAN)}, data, tmp_path / "s.json").read_text())[
        "provenance"
    ]
    assert (told["rows"], told["rows_used"], told["sha256"]) == (30, 30, data.provenance.digest)
    assert told["read"] == list(data.provenance.remarks)
    assert {"matscout", "code", "libraries", "made"} <= set(told)


def test_several_models_are_compared_in_pairs_and_after_every_number_of_labels(tmp_path: Path) -> None:
    """Means, spreads and files hold all counts; the paired tests are those of the largest."""
    data, plan = (
        dataset(),
        EvaluationPlan("masked", n_labels=(6, 12), repeats=3, level=0.7, model="dummy", others=("trees=magpie",)),
    )
    measured = {"a": measure(data, "a", plan)}
    asked = measured["a"].asked
    assert list(asked.scores)[:2] == ["dummy", "trees=magpie"]
    assert asked.compared == ("trees=magpie",)
    scores = json.loads(write_scores(measured, data, tmp_path / "s.json").read_text())
    assert set(scores["compared"]) == {"trees=magpie"}
    assert "trees=magpie" not in scores["baselines"]
    table = pl.read_csv(write_predictions(measured, data, tmp_path / "oof.csv")[0])
    assert table["fold"].n_unique() == 6
    for row in scores["by_labels"]:
        own = table.filter(pl.col("fold").str.starts_with(f"{row['labels']} labels"))
        errors = own.select("fold", error=(pl.col(f"{row['model']}_predicted") - pl.col("measured")).abs())
        of_draws = errors.group_by("fold").mean()["error"]
        assert row["draws"] == 3
        assert row["means"]["mae"] == pytest.approx(of_draws.mean())
        assert row["spreads"]["mae"] == pytest.approx(of_draws.std())
    largest = table.filter(pl.col("fold").str.starts_with("12 labels"))
    gaps = largest.select(
        gap=(pl.col("dummy_predicted") - pl.col("measured")).abs()
        - (pl.col("trees=magpie_predicted") - pl.col("measured")).abs()
    )["gap"]
    paired = scores["paired"]["trees=magpie"]
    assert paired["mean_over_folds"] == pytest.approx(gaps.mean())
    assert paired["median_over_rows"] == pytest.approx(gaps.median())


def test_baselines_are_never_fitted_fast() -> None:
    target = dataset().target("a")
    made = contenders(target, ModelSettings("auto", fast=True), ("dummy", "extratrees-magpie"), ("gp",))
    assert [(one.name, one.fast) for one in made] == [
        ("auto", True),
        ("gp", True),
        ("dummy", False),
        ("extratrees-magpie", False),
        ("extratrees-magpie", False),
    ]


def _order(measured: dict) -> np.ndarray:
    return np.argsort(measured["a"].asked.out_of_fold["dummy"].rows)


def test_finished_cells_are_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = measure(dataset(), "a", PLAN, store=tmp_path)

    def refuse(*arguments: object, **settings: object) -> None:
        raise AssertionError("made again")

    monkeypatch.setattr("matscout.predict.fitting.fit", refuse)
    again = measure(dataset(), "a", PLAN, store=tmp_path)
    assert again.asked.scores == first.asked.scores


@pytest.mark.parametrize(
    ("n_rows", "folds"), [(300, None), (1000, None), (1001, 3), (1250, 2), (1251, 2), (2500, 1), (100_000, 1)]
)
def test_a_thrifty_plan_tests_500_of_many_rows(n_rows: int, folds: int | None) -> None:
    assert EvaluationPlan(thrifty=True).folds_to_run(n_rows) == folds
    assert EvaluationPlan().folds_to_run(n_rows) is None
    if folds is not None:
        assert folds * (n_rows // 5) + folds >= 500 > (folds - 1) * (n_rows / 5)


def test_folds_that_were_not_run_are_said() -> None:
    n = 1040
    table = pl.DataFrame(
        {"formula": [f"Na{1 + row / 2000:.4f}Cl" for row in range(n)], "a": np.linspace(0.0, 1.0, n).tolist()}
    )
    evaluation = measure(read(table, target="a"), "a", replace(PLAN, n_folds=5, thrifty=True)).asked
    assert len(evaluation.out_of_fold["dummy"].rows) == 624
    assert {fold.split for fold in evaluation.folds} == {"fold 1", "fold 2", "fold 3"}
    assert evaluation.protocol.endswith("only 3 of 5 folds were run, 624 test rows")
    assert evaluation.n_tested == 624 < evaluation.n
