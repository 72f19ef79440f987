"""How often chances came true: against hand-counted bins, and chances whose truth is drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from tests.foretold import foretold

from matscout.data.dataset import Target
from matscout.discover.base import Goal
from matscout.evaluation.base import Evaluation, OutOfFold
from matscout.evaluation.chances import bins_of, calibration_error, chances_of
from matscout.evaluation.recalibrating import fit_recalibration
from matscout.predict.distributions import Distribution
from matscout.predict.recalibration import AS_PREDICTED, Recalibration
from matscout.predict.transforms import LOGARITHMIC


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


def test_right_chances_are_about_true() -> None:
    values, predicted = made(600, 0)
    found = chances_of(evaluation(values, predicted, 1.0))
    assert found is not None
    assert found.recalibration.apply(np.array([0.1, 0.4])) == pytest.approx([0.1, 0.4], abs=0.1)
    assert found.n == 600
    assert found.promised == pytest.approx(found.base_rate, abs=0.02)
    assert found.base_rate == pytest.approx(0.1, abs=0.002)
    assert found.calibration_error < 0.05
    assert found.brier < found.brier_of_base_rate


def test_chances_of_intervals_that_are_too_wide_are_off_and_corrected() -> None:
    values, predicted = made(600, 1)
    found = chances_of(evaluation(values, predicted, 3.0))
    assert found is not None
    assert found.recalibration != AS_PREDICTED
    assert found.recalibrated_error is not None
    assert found.recalibrated_brier is not None
    assert found.recalibrated_error < found.calibration_error
    assert found.recalibrated_brier < found.brier
    assert "Corrected by the other folds" in found.sentence


@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize("scale", ["linear", "log"])
def test_where_the_best_is_to_be_beaten_rows_are_asked_of_the_best_of_the_others(side: float, scale: str) -> None:
    """Counted by hand: one row beats the best of the others, two the second best, three the third best."""
    values, predicted = made(200, 6)
    told = evaluation(side * values, side * predicted, 1.0)
    if scale == "log":
        told = replace(told, target=Target("x", 10.0 ** (side * values), "eV", asked_scale="log"))
        said = Distribution(LOGARITHMIC, np.log(10.0) * side * predicted, *np.full((2, 200), np.log(10.0)))
        own = told.out_of_fold["model"]
        block = replace(own.predictions, distribution=said)
        told = replace(told, out_of_fold={"model": OutOfFold(own.rows, own.splits, block)})
    found = chances_of(told, Goal("x", side * np.inf, side * np.inf))
    assert found is not None
    assert found.base_rate == pytest.approx((1 + 2 + 3) / 3 / 200)
    best_first = np.sort(values)[::-1]
    bars = [np.where(values >= best_first[place], best_first[place + 1], best_first[place]) for place in range(3)]
    expected = np.array([norm.sf(bar - predicted) for bar in bars])
    assert found.promised == pytest.approx(expected.mean(), rel=1e-5)
    came = np.array([values > bar for bar in bars])
    assert found.brier == pytest.approx(np.square(expected - came).mean(), rel=1e-5)
    assert sum(one.n for one in found.bins) == 600


def test_equal_best_labels_do_not_beat_each_other() -> None:
    values, predicted = made(100, 7)
    values = np.minimum(values, np.sort(values)[-5])
    found = chances_of(evaluation(values, predicted, 1.0), Goal("x", np.inf, np.inf))
    assert found is None, "none of five equal ones beats another, and nothing came true"


def test_chances_to_beat_the_best_that_promise_too_much_are_made_smaller() -> None:
    """A right model of heavy tails: chances of the bulk are right, those of the extremes are not."""
    rng = np.random.default_rng(8)
    predicted = rng.normal(size=400)
    values = predicted + np.clip(rng.normal(size=400), -1.0, 1.0)
    found = chances_of(evaluation(values, predicted, 1.5), Goal("x", np.inf, np.inf))
    assert found is not None
    assert found.promised > 2 * found.base_rate
    assert found.recalibrated_promised is not None
    assert found.recalibrated_promised < 0.7 * found.promised
    assert (found.recalibration.apply(np.array([0.05, 0.2])) < [0.05, 0.2]).all()


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
    np.testing.assert_array_equal(AS_PREDICTED.apply(chances), chances)


@given(st.floats(-3, 3), st.floats(-1, 1), st.lists(st.floats(1e-6, 1 - 1e-6), min_size=2, max_size=20, unique=True))
def test_a_recalibration_tells_apart_what_was_told_apart(offset: float, log_slope: float, told: list[float]) -> None:
    chances = np.sort(told)
    changed = Recalibration(offset, float(np.exp(log_slope))).apply(chances)
    assert (np.diff(changed) >= 0).all()
    clear = (np.diff(chances) > 1e-3) & (changed[1:] < 1 - 1e-9)
    assert (np.diff(changed)[clear] > 0).all()
    assert (changed[chances <= 0.5] <= 0.5).all()


def test_corrections_of_right_chances_are_small_and_of_no_harm() -> None:
    rng = np.random.default_rng(5)
    gained = []
    for _ in range(60):
        chances, new = rng.uniform(0.02, 0.6, size=(2, 1, 150))
        found = fit_recalibration(chances, rng.random((1, 150)) < chances, (np.arange(150) % 5).astype(np.str_))
        changed = found.recalibration.apply(new)
        gained.append(float((np.square(changed - new)).mean()))
    assert np.mean(gained) < 0.003, "what they add to the Brier score of new rows"
