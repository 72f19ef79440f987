"""How often chances came true: against hand-counted bins, and chances whose truth is drawn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm
from tests.foretold import foretold

from matscout.data.dataset import Target
from matscout.discover.base import Goal
from matscout.evaluation.base import Evaluation, OutOfFold
from matscout.evaluation.chances import bins_of, calibration_error, chances_of
from matscout.evaluation.recalibrating import are_off, fit_recalibration
from matscout.predict.recalibration import AS_TOLD, Recalibration


def evaluation(values: np.ndarray, predicted: np.ndarray, width: float) -> Evaluation:
    """One model whose 90 % intervals reach to ``width`` standard deviations of 1 on both sides."""
    reach = width * norm.ppf(0.95)
    said = foretold(predicted, predicted - reach, predicted + reach, level=0.9)
    rows = np.arange(len(values))
    found = OutOfFold(rows, (rows % 5).astype(np.str_), said)
    return Evaluation(Target("x", values, "eV"), "kfold, 5 random folds", 0.9, "model", {}, {"model": found}, (), 0.0)


def made(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    predicted = rng.normal(size=n)
    return predicted + rng.normal(size=n), predicted


def test_bins_and_their_error_are_counted() -> None:
    chances = np.array([0.05, 0.05, 0.55, 0.55, 1.0])
    bins = bins_of(chances, np.array([False, True, True, True, True]))
    assert [(one.n, one.chance, one.share) for one in bins] == [(2, 0.05, 0.5), (2, 0.55, 1.0), (1, 1.0, 1.0)]
    assert calibration_error(bins) == pytest.approx((2 * 0.45 + 2 * 0.45 + 0.0) / 5)


def test_right_chances_are_left_as_they_are() -> None:
    values, predicted = made(600, 0)
    found = chances_of(evaluation(values, predicted, 1.0))
    assert found is not None
    assert found.recalibration == AS_TOLD
    assert found.n == 600
    assert found.base_rate == pytest.approx(0.1, abs=0.002)
    assert found.calibration_error < 0.05
    assert found.brier < found.brier_of_base_rate


def test_chances_of_intervals_that_are_too_wide_are_off_and_corrected() -> None:
    values, predicted = made(600, 1)
    found = chances_of(evaluation(values, predicted, 3.0))
    assert found is not None
    assert found.recalibration != AS_TOLD
    assert found.recalibrated_error is not None
    assert found.recalibrated_brier is not None
    assert found.recalibrated_error < found.calibration_error
    assert found.recalibrated_brier < found.brier
    assert "They are off" in found.sentence


def test_a_range_that_labels_meet_is_asked_for_as_it_is_and_another_is_widened() -> None:
    values, predicted = made(300, 2)
    met = chances_of(evaluation(values, predicted, 1.0), Goal("x", 0.0, 1.0))
    assert met is not None
    assert met.words == "0 to 1 eV"
    beyond = chances_of(evaluation(values, predicted, 1.0), Goal("x", 50.0, 60.0))
    assert beyond is not None
    assert beyond.base_rate == pytest.approx(0.1, abs=0.01)


def test_on_the_logarithm_a_range_is_widened_by_factors() -> None:
    values, predicted = made(300, 3)
    told = evaluation(values, predicted, 1.0)
    target = Target("x", 10.0**values, "S/m", asked_scale="log")
    found = chances_of(Evaluation(target, *[getattr(told, name) for name in list(vars(told))[1:]]), Goal("x", 1e6, 2e6))
    assert found is None or float(found.words.split()[0]) > 1.0


def test_few_rows_tell_nothing() -> None:
    values, predicted = made(19, 4)
    assert chances_of(evaluation(values, predicted, 1.0)) is None


def test_a_recalibration_keeps_the_order_and_what_is_unlikely() -> None:
    chances = np.linspace(0.0, 1.0, 101)
    changed = Recalibration(1.5, 0.7).apply(chances)
    assert (np.diff(changed) >= 0).all()
    assert (changed[chances <= 0.5] <= 0.5).all()
    np.testing.assert_array_equal(AS_TOLD.apply(chances), chances)


def test_chances_that_agree_with_what_came_true_are_not_off() -> None:
    rng = np.random.default_rng(5)
    off = []
    for _ in range(200):
        chances = rng.uniform(0.02, 0.6, size=150)
        came = rng.random(150) < chances
        off.append(are_off(chances, came))
        folds = (np.arange(150) % 5).astype(np.str_)
        assert off[-1] or fit_recalibration(chances, came, folds).recalibration == AS_TOLD
    assert np.mean(off) < 0.12
