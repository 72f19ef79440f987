"""Training parts of one value: every cell is there, and its numbers are worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars
import pytest

from matscout.errors import InputError
from matscout.evaluation.evaluating import evaluate


def mostly_zero(dataset):
    """The same 60 rows with y = 0 but for every tenth, and given folds: the second one trains on zeros only."""
    values = np.where(np.arange(60) % 10 == 0, 5.0, 0.0)
    folds = np.where(values == 5.0, "a", "b")
    target = replace(dataset.targets["y"], values=values)
    return replace(dataset, targets={"y": target}, table=polars.DataFrame({"part": folds}))


def test_a_constant_training_part_predicts_its_value(dataset_of):
    dataset = mostly_zero(dataset_of(60))
    evaluation = evaluate(dataset, protocol="masked", n_labels=(5, 40), model="dummy", baselines=(), level=0.8, seed=0)
    small, large = evaluation.folds
    assert (small.n_train, large.n_train) == (5, 40)
    measured = dataset.targets["y"].values[evaluation.out_of_fold["dummy"].rows]
    assert small.scores["mae"] == pytest.approx(measured.mean())
    assert small.scores["width"] == pytest.approx(0.0, abs=1e-12)
    assert small.scores["coverage"] == pytest.approx((measured == 0).mean())
    assert "in 1 of 2 training parts there is only one value, which is then predicted" in evaluation.protocol


def test_every_model_says_the_same_and_is_counted_in_the_calibration(fake_fit, dataset_of):
    dataset = mostly_zero(dataset_of(60))
    evaluation = evaluate(dataset, folds="part", baselines=("dummy",), level=0.5)
    assert len(fake_fit.calls) == 0, "both folds train on one value"
    for found in evaluation.out_of_fold.values():
        tested = dataset.targets["y"].values[found.rows]
        np.testing.assert_array_equal(found.predictions.predicted, 5.0 - tested)
        assert not found.predictions.in_domain.any()
    assert evaluation.scores["auto"] == evaluation.scores["dummy"]
    assert evaluation.calibration["auto"].observed.max() == 0.0


def test_a_training_part_of_one_class(fake_fit, dataset_of):
    dataset = dataset_of(30, classes=True)
    folds = np.where(dataset.targets["y"].values == 1, "a", "b")
    evaluation = evaluate(replace(dataset, table=polars.DataFrame({"part": folds})), folds="part", baselines=())
    assert evaluation.scores["auto"]["balanced_accuracy"] == 0.0
    assert evaluation.scores["auto"]["coverage"] == 0.0
    assert "only one class" in evaluation.protocol


def test_a_target_of_one_value_is_still_refused(dataset_of):
    dataset = dataset_of(30)
    target = replace(dataset.targets["y"], values=np.zeros(30))
    with pytest.raises(InputError, match="every known value of 'y' is 0: there is nothing to learn"):
        evaluate(replace(dataset, targets={"y": target}), model="dummy", baselines=())
