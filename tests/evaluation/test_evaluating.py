"""evaluate: pooled scores, both statistics of the tree baseline, resumed runs, refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars
import pytest

from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.errors import InputError, UsageError
from matscout.evaluation.base import Overlap, Split
from matscout.evaluation.cells import ModelSettings, cell_key, dataset_digest
from matscout.evaluation.comparison import compare
from matscout.evaluation.evaluating import evaluate
from matscout.evaluation.metrics import log_loss, roc_auc
from matscout.predict.base import Predictions
from matscout.predict.origins import origin_of_fit
from matscout.store import Store


def test_scores_are_pooled_over_all_rows(fake_fit, dataset_of):
    dataset = dataset_of(50)
    evaluation = evaluate(dataset)
    found = evaluation.out_of_fold["auto"]
    np.testing.assert_array_equal(np.sort(found.rows), np.arange(50))
    errors = np.abs(found.rows - found.predictions.predicted)  # the value of row i is i
    assert evaluation.scores["auto"]["mae"] == pytest.approx(errors.mean())
    assert evaluation.scores["auto"]["rmse"] == pytest.approx(np.sqrt(np.square(errors).mean()))
    assert evaluation.n == 50
    assert (evaluation.model, list(evaluation.scores)) == ("auto", ["auto", "dummy", "extratrees-magpie", "gp"])
    assert evaluation.protocol == "kfold, 5 random folds, repeats together, seed 0"
    assert len(evaluation.folds) == 4 * 5
    assert {fold.n_test for fold in evaluation.folds} == {10}
    assert evaluation.seconds >= sum(fold.seconds for fold in evaluation.folds) > 0


def test_rows_that_the_pretraining_held_are_counted(fake_fit, dataset_of, pretrained_magpie):
    dataset = dataset_of(50)
    oxides = sum("O" in dataset.materials.compositions.to_dict(row) for row in range(50))
    assert oxides == 2
    for model, baselines in (("auto-without-donor", ()), ("dummy", ("gp",))):
        assert evaluate(dataset, model=model, baselines=baselines).overlap == {"magpie": Overlap(oxides, 50)}
    unknown = replace(dataset.targets["y"], values=np.where(np.arange(50) < 10, np.nan, np.arange(50.0)))
    half = evaluate(replace(dataset, targets={"y": unknown}), model="auto-without-donor").overlap["magpie"]
    assert (half.n, half.rows) == (40, 0)
    assert str(Overlap(12, 1300)) == "seen in pretraining: 12 of 1,300 rows"


def test_without_pretraining_there_is_no_overlap(fake_fit, dataset_of):
    assert evaluate(dataset_of(50), model="auto-without-donor").overlap == {}


@pytest.mark.parametrize("metric", ["mae", "rmse"])
def test_the_tree_baseline_is_fitted_for_both_statistics_and_the_better_counts(fake_fit, dataset_of, metric):
    evaluation = evaluate(dataset_of(50), metric=metric)
    trees = evaluation.scores["extratrees-magpie"]
    assert fake_fit.calls.count(("extratrees-magpie", "mae")) == 5
    assert fake_fit.calls.count(("extratrees-magpie", "rmse")) == 5
    # the fake's mean over trees is 3 off, its median is the plain training mean, like the fake's auto
    assert trees["mae"] == trees["mae_median"] == evaluation.scores["auto"]["mae"]
    assert trees["mae_mean"] > trees["mae_median"]
    assert trees["rmse"] == trees["rmse_median"] < trees["rmse_mean"]


def test_the_tree_baseline_under_test_stands_for_itself(fake_fit, dataset_of):
    tested = evaluate(dataset_of(50), model="extratrees-magpie", metric="rmse").scores["extratrees-magpie"]
    assert tested["mae"] == tested["mae_mean"] > tested["mae_median"]


def test_a_constant_guess_has_a_roc_auc_of_one_half(fake_fit, dataset_of):
    """The share of members differs between folds; pooled, the guesses of the fake would rank below one half."""
    evaluation = evaluate(dataset_of(40, classes=True), baselines=())
    found = evaluation.out_of_fold["auto"]
    measured = evaluation.target.values[found.rows].astype(np.int64)
    assert roc_auc(measured, found.predictions.probabilities) < 0.5
    assert evaluation.scores["auto"]["roc_auc"] == 0.5
    assert evaluation.scores["auto"]["log_loss"] == log_loss(measured, found.predictions.probabilities)


def test_folds_with_one_class_do_not_count_for_roc_auc(fake_fit, dataset_of):
    evaluation = evaluate(dataset_of(12, classes=True), baselines=(), n_folds=12, level=0.8)
    assert np.isnan(evaluation.scores["auto"]["roc_auc"])


def test_calibration_is_counted_at_every_level_that_the_rows_allow(fake_fit, dataset_of):
    curve = evaluate(dataset_of(50), baselines=()).calibration["auto"]
    np.testing.assert_allclose(curve.nominal, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95])
    predictions = evaluate(dataset_of(50), baselines=(), level=0.5).out_of_fold["auto"]
    inside = np.abs(predictions.rows - predictions.predictions.predicted) <= 0.6744897501960817
    assert curve.observed[4] == pytest.approx(inside.mean())
    few = evaluate(dataset_of(12), baselines=(), level=0.8, n_folds=4).calibration["auto"]
    assert few.nominal.max() == 0.9  # 9 training rows allow 0.9, not 0.95


def test_a_killed_run_resumes_and_gives_the_same_result(fake_fit, dataset_of, tmp_path):
    whole = evaluate(dataset_of(50))
    fake_fit.calls.clear()
    fake_fit.stop_after = 12
    with pytest.raises(KeyboardInterrupt):
        evaluate(dataset_of(50), store=tmp_path)
    assert len(Store(tmp_path).entries()) == 12
    fake_fit.calls.clear()
    fake_fit.stop_after = None
    resumed = evaluate(dataset_of(50), store=tmp_path)
    assert len(fake_fit.calls) == 25 - 12
    assert resumed.scores == whole.scores
    np.testing.assert_array_equal(
        resumed.out_of_fold["gp"].predictions.predicted, whole.out_of_fold["gp"].predictions.predicted
    )
    np.testing.assert_array_equal(resumed.calibration["gp"].observed, whole.calibration["gp"].observed)
    assert resumed.folds[0].seconds > 0


def test_stored_cells_of_classes_come_back_equal(fake_fit, dataset_of, tmp_path):
    first, second = (evaluate(dataset_of(30, classes=True), store=tmp_path) for _ in range(2))
    assert len(fake_fit.calls) == 20
    assert second.scores == first.scores
    assert second.out_of_fold["auto"].predictions.classes == ("no", "yes")
    assert not second.calibration
    assert first.scores["auto"]["roc_auc"] == pytest.approx(0.5, abs=0.2)


def test_other_data_or_settings_are_other_cells(fake_fit, dataset_of, tmp_path):
    dataset = dataset_of(50)
    evaluate(dataset, baselines=(), store=tmp_path)
    other = replace(dataset, targets={"y": replace(dataset.targets["y"], values=dataset.targets["y"].values + 1)})
    evaluate(other, baselines=(), store=tmp_path)
    evaluate(replace(dataset, groups=dataset.materials.formulas), baselines=(), store=tmp_path)
    evaluate(dataset, baselines=(), store=tmp_path, fast=True)
    evaluate(dataset, baselines=(), store=tmp_path, level=0.8)
    assert len(fake_fit.calls) == 25


@pytest.mark.parametrize("damage", ["cut", "emptied", "flipped"])
def test_a_damaged_cell_is_made_again(fake_fit, dataset_of, tmp_path, damage):
    evaluate(dataset_of(50), baselines=(), store=tmp_path)
    cell = Store(tmp_path).entries()[0].path
    whole = cell.read_bytes()
    flipped = bytes(255 - byte if 50 <= at < 90 else byte for at, byte in enumerate(whole))
    cell.write_bytes({"cut": b"PK\x03\x04 half a file", "emptied": b"", "flipped": flipped}[damage])
    evaluate(dataset_of(50), baselines=(), store=tmp_path)
    assert len(fake_fit.calls) == 6


def test_the_digest_depends_on_all_targets(dataset_of):
    """Some models learn from the others as well."""
    given = dataset_of(20)
    other = Target("z", np.arange(20.0))
    digests = {
        dataset_digest(replace(given, targets=targets), "y")
        for targets in (given.targets, {**given.targets, "z": other}, {**given.targets, "z": replace(other, unit="K")})
    }
    assert len(digests) == 3
    materials = replace(given.materials, formulas=np.char.add(given.materials.formulas, " "))
    assert dataset_digest(replace(given, materials=materials), "y") not in digests


def test_the_key_depends_on_rows_their_side_and_the_libraries(dataset_of, monkeypatch):
    digest = dataset_digest(dataset_of(20), "y")
    first, second = np.arange(10), np.arange(10, 20)
    settings = ModelSettings("auto")
    origin = origin_of_fit("gp", dataset_of(20).materials)
    keys = {
        cell_key(origin, digest, Split("a", first, second), settings, 0.9),
        cell_key(origin, digest, Split("a", second, first), settings, 0.9),
        cell_key(origin, digest, Split("a", np.append(first, 10), second[1:]), settings, 0.9),
        cell_key(origin, digest, Split("another name", first, second), settings, 0.9),
    }
    assert len(keys) == 3
    monkeypatch.setattr("matscout.predict.origins.library_versions", lambda: ("1.0", "1.0", "1.0"))
    other = origin_of_fit("gp", dataset_of(20).materials)
    assert cell_key(other, digest, Split("a", first, second), settings, 0.9) not in keys


def test_censored_rows_are_trained_on_but_not_scored(fake_fit, dataset_of):
    evaluation = evaluate(dataset_of(50, censored=True), baselines=())
    assert not set(evaluation.out_of_fold["auto"].rows) & set(range(0, 50, 10))
    assert {fold.n_train for fold in evaluation.folds} == {40}
    assert "5 bounds are fitted but not scored" in evaluation.protocol


def test_bounds_alone_are_refused(fake_fit, dataset_of):
    bounds = replace(dataset_of(50).targets["y"], censored=np.ones(50, dtype=np.int8))
    with pytest.raises(InputError, match="all values of 'y' in the test rows are bounds"):
        evaluate(replace(dataset_of(50), targets={"y": bounds}), baselines=())


def test_masked_headline_is_the_largest_size(fake_fit, dataset_of):
    evaluation = evaluate(dataset_of(100), protocol="masked", n_labels=(10, 80), repeats=2)
    assert set(evaluation.out_of_fold["auto"].splits) == {"80 labels, draw 1", "80 labels, draw 2"}
    assert len(evaluation.folds) == 4 * 4


def test_repeats_of_a_row_do_not_narrow_the_tolerance(fake_fit, dataset_of):
    once = evaluate(dataset_of(50), baselines=()).scores["auto"]
    thrice = evaluate(dataset_of(50), protocol="repeated", repeats=3, baselines=())
    assert thrice.scores["auto"]["coverage_tolerance"] == once["coverage_tolerance"]
    assert len(thrice.out_of_fold["auto"].rows) == 150


def test_progress_is_told_for_every_cell(fake_fit, dataset_of):
    steps = []
    evaluate(dataset_of(50), baselines=("dummy",), progress=lambda *step: steps.append(step))
    assert steps[0] == ("auto, fold 1", 0, 10)
    assert steps[-1] == ("evaluate", 10, 10)
    assert [done for _, done, _ in steps] == list(range(11))


def test_a_baseline_under_test_is_fitted_once(fake_fit, dataset_of):
    evaluation = evaluate(dataset_of(50), model="gp", baselines=("dummy", "gp"))
    assert list(evaluation.scores) == ["gp", "dummy"]
    assert len(fake_fit.calls) == 10


def test_a_level_that_the_rows_do_not_allow_is_refused(fake_fit, dataset_of):
    with pytest.raises(UsageError, match="needs 99"):
        evaluate(dataset_of(10), level=0.99)


def test_paired_comparison_of_two_models(fake_fit, dataset_of):
    evaluation = evaluate(dataset_of(50))
    comparison = compare(evaluation, "auto", "dummy")
    folds = {name: [f.scores["mae"] for f in evaluation.folds if f.model == name] for name in ("auto", "dummy")}
    assert comparison.over_folds.difference == pytest.approx(np.mean(folds["auto"]) - np.mean(folds["dummy"]))
    assert comparison.over_folds.n == 5
    assert comparison.over_rows.n == 50
    with pytest.raises(UsageError, match="no model 'crabnet'"):
        compare(evaluation, "auto", "crabnet")
    assert isinstance(evaluation.out_of_fold["auto"].predictions, Predictions)


def test_real_baselines_on_few_rows(tmp_path):
    rng = np.random.default_rng(0)
    materials = Materials.from_formulas([f"{a}{b}" for a in ("Li", "Na", "K", "Rb") for b in ("F", "Cl", "Br", "I")])
    values = materials.compositions.dense() @ np.arange(118) + rng.normal(0, 0.1, 16)
    dataset = Dataset(materials, {"y": Target("y", values)}, groups=np.repeat(["Li", "Na", "K", "Rb"], 4))
    evaluation = evaluate(replace(dataset, groups=None), model="gp", n_folds=4, level=0.8, fast=True, store=tmp_path)
    assert evaluation.scores["gp"]["mae"] < evaluation.scores["dummy"]["mae"]
    grouped = evaluate(dataset, model="gp", protocol="group", groups="chemical-system", n_folds=4, level=0.5, fast=True)
    assert set(grouped.scores) == {"gp", "dummy", "extratrees-magpie"}


def test_the_dummy_gives_the_published_number_on_the_official_folds(data_dir):
    # matbench v0.1 board: dummy on expt_gap, mean of five fold MAE 1.1435 eV (it predicts the training mean)
    table = polars.read_csv(data_dir / "matbench" / "expt_gap.csv.gz", schema_overrides={"formula": polars.String})
    materials = Materials.from_formulas(table["formula"].to_list())
    dataset = Dataset(materials, {"gap": Target("gap", table["target"].to_numpy())}, table=table)
    evaluation = evaluate(dataset, folds="fold", model="dummy", baselines=(), metric="rmse")
    assert np.mean([fold.scores["mae"] for fold in evaluation.folds]) == pytest.approx(1.1435, abs=5e-5)
    assert [fold.split for fold in evaluation.folds] == ["0", "1", "2", "3", "4"]


def test_labels_too_few_for_the_level_are_counted_as_the_user_counts(fake_fit, dataset_of):
    told = (
        r"8 materials with a value of 'y' are too few for intervals at 0\.9: the smallest training part of the folds "
        r"holds 6 of them and needs 9\. Add some \(to about 12\), or choose a level of at most 0\.857"
    )
    with pytest.raises(UsageError, match=told):
        evaluate(dataset_of(8))
    assert fake_fit.calls == []
    assert evaluate(dataset_of(12)).n == 12
    assert evaluate(dataset_of(8), level=0.857).n == 8


def test_labels_that_are_all_the_same_are_refused_without_a_count(fake_fit, dataset_of):
    dataset = dataset_of(30)
    flat = replace(dataset.target(), values=np.full(30, 1.5))
    dataset = replace(dataset, targets={"y": flat})
    with pytest.raises(InputError, match=r"every known value of 'y' is 1\.5: there is nothing to learn"):
        evaluate(dataset)
    assert fake_fit.calls == []
