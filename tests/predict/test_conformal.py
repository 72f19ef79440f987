"""Conformal intervals and sets: against crepes, brute force and simulated coverage."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from crepes import ConformalClassifier, ConformalRegressor
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from matscout.errors import UsageError
from matscout.predict.ceilings import Ceiling
from matscout.predict.conformal import (
    Conformal,
    Gaussian,
    Intervals,
    Scores,
    assumption,
    class_scores,
    class_sets,
    highest_level,
    require_level,
    units_needed,
)
from matscout.predict.profiles import MOST_KNOTS
from matscout.predict.standardised import PLAIN
from matscout.predict.states import State


def fit(residuals: np.ndarray, spreads: np.ndarray, units: np.ndarray | None = None) -> Intervals:
    """Of labels that spread so widely that no interval is cut."""
    return Conformal().fit(residuals, spreads, 1e6 * np.arange(float(len(residuals))), units)


def reach(intervals: Intervals, spreads: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """How far intervals of rows of some spread reach down and up."""
    said = intervals.distribution(PLAIN, np.zeros(len(spreads)), spreads)
    return -said.quantile(0.5 - level / 2), said.quantile(0.5 + level / 2)


def half_width(intervals: Intervals, spreads: np.ndarray, level: float) -> np.ndarray:
    """Half the width of the intervals of rows of some spread."""
    below, above = reach(intervals, spreads, level)
    return (below + above) / 2


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95])
@pytest.mark.parametrize("n", [29, 99, 999])
def test_intervals_equal_crepes_where_a_score_is_at_the_level(n: int, level: float) -> None:
    """The score at a level is the ceil(level (n + 1))-th; with level (n + 1) a whole number there is one just there."""
    level = round(level * (n + 1)) / (n + 1)
    rng = np.random.default_rng(n)
    residuals, spreads = rng.normal(size=n), rng.uniform(0.5, 2.0, size=n)
    own = fit(residuals, spreads)
    new = rng.uniform(0.5, spreads.max(), size=20)
    reference = ConformalRegressor()
    reference.fit(residuals, sigmas=(spreads + own.floor) * np.where(residuals < 0, *own.sides))
    # Of more scores than MOST_KNOTS some are left out, and what is between is interpolated.
    rtol = 1e-9 if n < MOST_KNOTS else 0.01
    for found, side in zip(reach(own, new, level), own.sides, strict=True):
        bounds = reference.predict_int(np.zeros(20), sigmas=(new + own.floor) * side, confidence=level - 1e-9)
        np.testing.assert_allclose(found, bounds[:, 1], rtol=rtol)


@given(st.lists(st.floats(0, 100), min_size=2, max_size=60), st.floats(0.01, 0.99))
def test_between_two_scores_the_interval_is_between_theirs(values: list[float], level: float) -> None:
    scores, n = Scores.collect(np.array(values)), len(values)
    level = min(level, n / (n + 1))
    found, at = float(scores.shape.size(ndtri(0.5 + level / 2))), level * (n + 1)
    ordered = [0.0, *sorted(values)]
    hair = 1e-9 * max(values) + 1e-9
    assert ordered[math.floor(at + 1e-9)] - hair <= found <= ordered[min(math.ceil(at - 1e-9), n)] + hair


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
        below, above = reach(fit(residuals[:50], spreads[:50]), spreads[50:], 0.9)
        covered.append(-below[0] <= residuals[50] <= above[0])
    # Between the 45th and the 46th score of 50 the interval is between theirs; three standard errors of 400 draws.
    assert abs(np.mean(covered) - 0.9) < 3 * np.sqrt(0.09 / 400)


def test_coverage_of_a_new_group_is_the_level_only_when_groups_are_the_units() -> None:
    rng = np.random.default_rng(1)
    by_group, by_row = [], []
    for _ in range(300):
        offsets = np.concatenate([np.repeat(rng.normal(size=20), 8), [rng.normal()]])
        residuals = offsets + 0.1 * rng.normal(size=161)
        groups = np.repeat(np.arange(20), 8)
        for covered, units in ((by_group, groups), (by_row, None)):
            below, above = reach(fit(residuals[:160], np.ones(160), units), np.ones(1), 0.9)
            covered.append(-below[0] <= residuals[160] <= above[0])
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
    conformal = fit(residuals, np.ones(4))
    assert conformal.scores.n_units == conformal.n_units == 3
    np.testing.assert_allclose(half_width(conformal, np.ones(1), 0.75), 3.0)


def test_exact_agreement_of_all_trees_is_no_certainty() -> None:
    conformal = fit(np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.0, 0.0, 2.0, 2.0]))
    assert half_width(conformal, np.zeros(1), 0.75)[0] > 0.0
    perfect = fit(np.zeros(4), np.zeros(4))
    assert np.isfinite(half_width(perfect, np.zeros(1), 0.75)).all()


def test_the_standard_deviation_is_the_root_mean_square_residual() -> None:
    rng = np.random.default_rng(3)
    residuals = 5.0 * rng.normal(size=1000)
    said = fit(residuals, np.ones(1000)).distribution(PLAIN, np.zeros(2), np.ones(2))
    np.testing.assert_allclose(said.std, np.sqrt(np.mean(residuals**2)), rtol=0.01)


def test_gaussian_intervals_are_the_normal_quantile() -> None:
    gaussian = Intervals(100, "materials")
    np.testing.assert_allclose(half_width(gaussian, np.array([1.0, 2.0]), 0.95), [1.959964, 3.919928], rtol=1e-6)
    with pytest.raises(UsageError, match="at least 999 training materials"):
        gaussian.require(0.999)


def test_a_conformal_level_that_the_rows_do_not_support_is_refused() -> None:
    with pytest.raises(UsageError, match="at least 99 training materials; there are 20"):
        fit(np.arange(20.0), np.ones(20)).require(0.99)


@pytest.mark.parametrize(
    "intervals",
    [
        fit(np.arange(20.0), np.ones(20)),
        Conformal().fit(np.arange(-12.0, 8.0), np.arange(20.0), np.arange(20.0) / 10),
        Intervals(20, "groups"),
        Gaussian().fit(np.zeros(20), np.ones(20), np.arange(20.0), np.arange(20), "groups"),
    ],
    ids=["conformal", "cut", "gaussian", "gaussian with a ceiling"],
)
def test_states_restore_the_intervals(intervals: Intervals) -> None:
    state = intervals.state()
    again = type(intervals).from_state(State(json.loads(json.dumps(state.spec)), dict(state.arrays)))
    spreads = np.array([0.5, 10.0, 100.0])
    for level in (0.3, 0.9):
        np.testing.assert_array_equal(reach(again, spreads, level), reach(intervals, spreads, level))
    known = [one.distribution(PLAIN, np.zeros(3), spreads).knows_more for one in (again, intervals)]
    np.testing.assert_array_equal(*known)


@pytest.mark.parametrize("n", [5, 19, 200])
def test_no_interval_is_wider_than_that_of_the_labels_and_no_width_than_the_largest_that_was_judged(n: int) -> None:
    rng = np.random.default_rng(n)
    values, spreads = rng.normal(size=n), rng.uniform(0.5, 2.0, size=n)
    intervals = Conformal().fit(10.0 * rng.normal(size=n), spreads, values)
    said = intervals.distribution(PLAIN, np.zeros(3), np.array([0.1, 1.0, 1e9]))
    widest = spreads.max() + intervals.floor
    assert (said.below.max(), said.above.max()) == pytest.approx([side * widest for side in intervals.sides])
    assert not said.knows_more.any()
    for level in (0.2, 0.5, 0.8):
        widest = float(intervals.ceiling.blind.size(ndtri(0.5 + level / 2)))
        assert (said.quantile(0.5 + level / 2) - said.quantile(0.5 - level / 2) <= widest * (1 + 1e-9)).all()


def test_the_ceiling_is_the_interval_of_labels_seen_from_the_median_of_the_others() -> None:
    """Brute force over units: what holds the middle half of 7 rows of 4 groups."""
    values, units = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]), np.array([0, 0, 1, 1, 2, 3, 3])
    away = sorted(value - np.median(values[units != unit]) for value, unit in zip(values, units, strict=True))
    blind = Ceiling.fit(values, units, None).blind
    # Quantiles 2/8 and 6/8 are the second and the sixth of seven.
    assert float(blind.size(ndtri(0.75))) == pytest.approx(away[5] - away[1])
    assert float(blind.size(ndtri(0.875))) == pytest.approx(away[6] - away[0])


def test_rows_without_a_label_do_not_make_the_ceiling() -> None:
    values = np.array([1.0, np.nan, 4.0, 8.0, 5.0])
    some = Ceiling.fit(values, np.arange(5), np.array([1.0, np.nan, 3.0, 2.0, np.nan]))
    all_known = Ceiling.fit(values[[0, 2, 3, 4]], np.arange(4), None)
    np.testing.assert_array_equal(some.blind.sizes, all_known.blind.sizes)
    assert (some.largest, all_known.largest) == (3.0, None)


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
    assert "new material similar to the labelled ones; for a new family or paper, name a group column" in material
    assert "errors on groups left out" in group
    assert "name a group column" not in group
    assert assumption("material", 50, "are Gaussian").startswith("intervals are Gaussian;")


def test_the_assumption_of_few_rows_names_the_level_that_can_be_asked() -> None:
    assert "with 7 groups, the highest possible level is 0.875 (0.9 needs 9)" in assumption("group", 7)
    assert "highest level" not in assumption("material", 9)


def test_what_learned_noise_is_drawn_to_the_middle_where_intervals_hold_too_little_without() -> None:
    """It scatters around the middle, and around its own predictions a width like that of the labels holds less."""
    rng = np.random.default_rng(0)
    values, centre = rng.uniform(0.0, 16.0, size=400), rng.uniform(2.0, 14.0, size=400)
    intervals = Conformal().fit((values - centre)[:200], np.ones(200), values[:200])
    assert intervals.ceiling is not None
    assert intervals.ceiling.draws
    held = []
    for draws in (True, False):
        same = replace(intervals, ceiling=replace(intervals.ceiling, draws=draws))
        said = same.distribution(PLAIN, centre[200:], np.ones(200))
        held.append(((said.quantile(0.05) <= values[200:]) & (values[200:] <= said.quantile(0.95))).mean())
        assert not said.knows_more.any()
    assert held[0] > max(held[1] + 0.02, 0.83)
