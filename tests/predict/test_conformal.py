"""Conformal intervals and sets: against crepes, brute force and simulated coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from crepes import ConformalClassifier, ConformalRegressor
from hypothesis import given
from hypothesis import strategies as st

from matscout.errors import UsageError
from matscout.predict.base import State
from matscout.predict.conformal import (
    Conformal,
    Gaussian,
    Scores,
    assumption,
    class_scores,
    class_sets,
    highest_level,
    require_level,
    units_needed,
)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95])
@pytest.mark.parametrize("n", [30, 100, 1000])
def test_intervals_equal_crepes(n: int, level: float) -> None:
    rng = np.random.default_rng(n)
    residuals, spreads, new = rng.normal(size=n), rng.uniform(0.5, 2.0, size=n), rng.uniform(0.5, 2.0, size=20)
    own = Conformal.fit(residuals, spreads)
    reference = ConformalRegressor()
    reference.fit(residuals, sigmas=spreads + own.floor)
    bounds = reference.predict_int(np.zeros(20), sigmas=new + own.floor, confidence=level)
    np.testing.assert_allclose(own.half_width(new, level), bounds[:, 1], rtol=1e-12)


@pytest.mark.parametrize("level", [0.8, 0.9])
def test_class_sets_equal_crepes(level: float) -> None:
    rng = np.random.default_rng(0)
    probabilities, new = rng.dirichlet(np.ones(4), size=200), rng.dirichlet(np.ones(4), size=50)
    classes = np.array([rng.choice(4, p=row) for row in probabilities])
    scores = class_scores(probabilities, classes)
    reference = ConformalClassifier()
    reference.fit(scores)
    expected = reference.predict_set(1.0 - new, confidence=level, smoothing=False).astype(bool)
    expected[np.arange(50), new.argmax(axis=1)] = True
    np.testing.assert_array_equal(class_sets(new, Scores.collect(scores), level), expected)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60), st.floats(0.01, 0.99))
def test_the_quantile_is_the_textbook_order_statistic(values: list[float], level: float) -> None:
    """The ceil(level (n + 1))-th smallest of n scores (Lei and others 2018, section 2)."""
    scores = Scores.collect(np.array(values))
    n = len(values)
    if level > n / (n + 1):
        with pytest.raises(UsageError):
            scores.quantile(level)
    elif abs(level * (n + 1) - round(level * (n + 1))) > 1e-6:
        assert scores.quantile(level) == sorted(values)[math.ceil(level * (n + 1)) - 1]


@given(st.data())
def test_units_count_equally(data: st.DataObject) -> None:
    """Brute force: the smallest score for which the mean over units, plus one infinite unit, reaches the level."""
    sizes = data.draw(st.lists(st.integers(1, 6), min_size=2, max_size=12))
    level = data.draw(st.floats(0.05, len(sizes) / (len(sizes) + 1) - 1e-6))
    units = np.repeat(np.arange(len(sizes)), sizes)
    values = np.array(data.draw(st.lists(st.floats(0, 100), min_size=len(units), max_size=len(units))))
    quantile = Scores.collect(values, units).quantile(level)

    def reached(candidate: float) -> float:
        return sum(np.mean(values[units == unit] <= candidate) for unit in range(len(sizes))) / (len(sizes) + 1)

    assert reached(quantile) >= level - 1e-8
    smaller = values[values < quantile]
    assert smaller.size == 0 or reached(smaller.max()) < level


def test_coverage_of_new_rows_is_the_level() -> None:
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(400):
        spreads = rng.uniform(0.2, 3.0, size=51)
        residuals = spreads * rng.standard_t(3, size=51)
        half = Conformal.fit(residuals[:50], spreads[:50]).half_width(spreads[50:], 0.9)
        covered.append(abs(residuals[50]) <= half[0])
    # 46/51 is what the order statistic promises; three standard errors of 400 draws either side.
    assert abs(np.mean(covered) - 46 / 51) < 3 * np.sqrt(0.09 / 400)


def test_coverage_of_a_new_group_is_the_level_only_when_groups_are_the_units() -> None:
    rng = np.random.default_rng(1)
    by_group, by_row = [], []
    for _ in range(300):
        offsets = np.concatenate([np.repeat(rng.normal(size=20), 8), [rng.normal()]])
        residuals = offsets + 0.1 * rng.normal(size=161)
        groups = np.repeat(np.arange(20), 8)
        for covered, units in ((by_group, groups), (by_row, None)):
            half = Conformal.fit(residuals[:160], np.ones(160), units).half_width(np.ones(1), 0.9)
            covered.append(abs(residuals[160]) <= half[0])
    assert np.mean(by_group) >= 0.9 - 3 * np.sqrt(0.09 / 300)
    assert np.mean(by_row) < np.mean(by_group)


def test_class_sets_hold_the_true_class_at_the_level_and_are_never_empty() -> None:
    rng = np.random.default_rng(2)
    probabilities = rng.dirichlet(np.full(3, 0.5), size=4000)
    classes = np.array([rng.choice(3, p=row) for row in probabilities])
    scores = Scores.collect(class_scores(probabilities[:2000], classes[:2000]))
    sets = class_sets(probabilities[2000:], scores, 0.9)
    assert abs(sets[np.arange(2000), classes[2000:]].mean() - 0.9) < 0.03
    assert sets.any(axis=1).all()


@pytest.mark.parametrize(("level", "n", "needed"), [(0.9, 8, 9), (0.95, 18, 19), (0.99, 98, 99), (0.5, 0, 1)])
def test_a_level_beyond_the_rows_is_refused_with_the_rows_it_needs(level: float, n: int, needed: int) -> None:
    with pytest.raises(UsageError, match=f"at least {needed} training rows; there are {n}"):
        require_level(level, n)
    require_level(level, needed)


@pytest.mark.parametrize("level", [0.0, 1.0, 90.0, -0.1])
def test_a_level_outside_0_to_1_is_refused(level: float) -> None:
    with pytest.raises(UsageError, match="between 0 and 1"):
        require_level(level, 100)


def test_rows_without_a_residual_do_not_count() -> None:
    residuals = np.array([1.0, np.nan, 2.0, 3.0])
    conformal = Conformal.fit(residuals, np.ones(4))
    assert conformal.scores.n_units == 3
    np.testing.assert_allclose(conformal.half_width(np.ones(1), 0.75), 3.0)


def test_exact_agreement_of_all_trees_is_no_certainty() -> None:
    conformal = Conformal.fit(np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.0, 0.0, 2.0, 2.0]))
    assert conformal.half_width(np.zeros(1), 0.75)[0] > 0.0
    perfect = Conformal.fit(np.zeros(4), np.zeros(4))
    assert np.isfinite(perfect.half_width(np.zeros(1), 0.75)).all()


def test_the_calibrated_std_is_the_root_mean_square_residual() -> None:
    rng = np.random.default_rng(3)
    residuals = 5.0 * rng.normal(size=1000)
    np.testing.assert_allclose(
        Conformal.fit(residuals, np.ones(1000)).std(np.ones(2)), np.sqrt(np.mean(residuals**2)), rtol=1e-9
    )


def test_gaussian_intervals_are_the_normal_quantile() -> None:
    gaussian = Gaussian(100, "materials")
    np.testing.assert_allclose(gaussian.half_width(np.array([1.0, 2.0]), 0.95), [1.959964, 3.919928], rtol=1e-6)
    with pytest.raises(UsageError, match="at least 999 training materials"):
        gaussian.half_width(np.ones(1), 0.999)


@pytest.mark.parametrize("intervals", [Conformal.fit(np.arange(20.0), np.ones(20)), Gaussian(20, "groups")])
def test_states_restore_the_intervals(intervals: Conformal | Gaussian) -> None:
    state = intervals.state()
    again = type(intervals).from_state(State(dict(state.spec), dict(state.arrays)))
    np.testing.assert_array_equal(again.half_width(np.ones(3), 0.9), intervals.half_width(np.ones(3), 0.9))


@given(st.integers(1, 2000))
def test_the_highest_level_is_supported_and_no_higher_one(n: int) -> None:
    require_level(highest_level(n), n)
    with pytest.raises(UsageError, match=f"at most {highest_level(n)}"):
        require_level(max(highest_level(n), n / (n + 1)) + 0.001 / (n + 1), n)
    assert units_needed(n / (n + 1)) == n


def test_the_assumption_promises_no_more_than_is_known() -> None:
    material, group = assumption("material", 50), assumption("group", 50)
    for sentence in (material, group):
        assert "no guarantee" in sentence
        assert "evaluate" in sentence
        assert "highest level" not in sentence
    assert "new material like the labelled ones; for a new family or paper, name a group column" in material
    assert "errors on groups left out" in group
    assert "name a group column" not in group
    assert assumption("material", 50, "are Gaussian").startswith("intervals are Gaussian;")


def test_the_assumption_of_few_rows_names_the_level_that_can_be_asked() -> None:
    assert "with 7 groups the highest level that can be asked for is 0.875 (0.9 needs 9)" in assumption("group", 7)
    assert "highest level" not in assumption("material", 9)
