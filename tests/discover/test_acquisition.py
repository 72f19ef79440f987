"""Acquisition against sampling from the predictive distribution, and against the textbook formula."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from tests.foretold import foretold

from matscout.discover.acquisition import acquire, check_order, combine, expected_improvement, probability
from matscout.discover.base import Goal
from matscout.discover.goals import Aim
from matscout.errors import UsageError
from matscout.predict.base import ClassPredictions
from matscout.predict.distributions import NO_LIMITS
from matscout.predict.transforms import LOGARITHMIC

LEVEL = 0.9
QUANTILE = norm.ppf(0.95)


def predictions(centre, below, above, limits=NO_LIMITS):
    """Predictions whose sides have the standard deviations ``below`` and ``above``."""
    centre, below, above = np.atleast_1d(centre, below, above)
    return foretold(centre, centre - QUANTILE * below, centre + QUANTILE * above, level=LEVEL, limits=limits)


def sample(centre, below, above, n=1_000_000):
    z = np.random.default_rng(1).standard_normal(n)
    return centre + z * np.where(z < 0, below, above)


MAX = Aim(Goal("y", math.inf, math.inf), 1.5, math.inf, 1.5, "eV")
MIN = Aim(Goal("y", -math.inf, -math.inf), -math.inf, 0.2, 0.2, "eV")
RANGE = Aim(Goal("y", 1.1, 1.6), 1.1, 1.6, 0.3, "eV")
ABSMAX = Aim(Goal("y", -math.inf, math.inf), 1.2, math.inf, 1.2, "eV")
FLOOR = Aim(Goal("y", 1.1, math.inf), 1.1, math.inf, 0.3, "eV")
VALUE = Aim(Goal("y", 0.8, 0.8), 0.7, 0.9, 0.1, "eV")


def improvement(y, aim):
    """The improvement of single values, written down from its definition."""
    if aim.goal.kind == "max":
        return np.maximum(y - aim.reference, 0)
    if aim.goal.kind == "min":
        return np.maximum(aim.reference - y, 0)
    if aim.goal.kind == "absmax":
        return np.maximum(np.abs(y) - aim.reference, 0)
    distance = np.maximum(0, np.maximum(aim.goal.low - y, y - aim.goal.high))
    return np.maximum(aim.reference - distance, 0)


@pytest.mark.parametrize(
    "aim", [MAX, MIN, ABSMAX, RANGE, FLOOR, VALUE], ids=["max", "min", "absmax", "range", "floor", "value"]
)
@pytest.mark.parametrize("shape", [(1.0, 0.3, 0.3), (1.4, 0.1, 0.8), (2.0, 0.7, 0.2), (0.1, 0.05, 0.5)])
def test_scores_are_the_means_of_samples(aim, shape):
    y = sample(*shape)
    gains = improvement(y, aim)
    error = 5 * gains.std() / math.sqrt(len(y)) + 1e-6
    assert expected_improvement(predictions(*shape), aim)[0] == pytest.approx(gains.mean(), abs=error)
    met = aim.is_met(y).mean()
    assert probability(predictions(*shape), aim)[0] == pytest.approx(met, abs=0.005)


@pytest.mark.parametrize(
    "aim", [MAX, MIN, ABSMAX, RANGE, FLOOR, VALUE], ids=["max", "min", "absmax", "range", "floor", "value"]
)
@pytest.mark.parametrize("shape", [(1.0, 0.3, 0.3), (1.9, 0.7, 0.2), (2.4, 0.4, 0.6), (-0.3, 0.2, 0.9)])
def test_scores_of_a_target_with_limits_are_the_means_of_samples_moved_into_them(aim, shape):
    centre, below, above = shape
    y = np.clip(sample(np.clip(centre, 0.0, 2.0), below, above), 0.0, 2.0)
    gains = improvement(y, aim)
    error = 5 * gains.std() / math.sqrt(len(y)) + 1e-6
    said = predictions(*shape, limits=(0.0, 2.0))
    assert expected_improvement(said, aim)[0] == pytest.approx(gains.mean(), abs=error)
    met = aim.is_met(y).mean()
    assert probability(said, aim)[0] == pytest.approx(met, abs=0.005)


def test_what_is_cut_at_a_limit_is_not_taken_for_sure():
    """Best label 99 %, equal doubt: the higher prediction is better, whichever of them reach 100 %."""
    centre = np.array([110.0, 99.0, 95.0, 85.0, 70.0, 60.0])
    said = predictions(centre, 18.0, 18.0, limits=(0.0, 100.0))
    aim = Aim(Goal("y", math.inf, math.inf), 99.0, math.inf, 99.0, "%")
    for order in ("ei", "probability", "ucb", "value"):
        scores = acquire(order, said, aim)
        assert (np.diff(scores) < 0).all()
    assert expected_improvement(said, aim).max() <= 1.0


@given(st.floats(-3, 3), st.floats(0.01, 2))
def test_a_symmetric_distribution_gives_the_textbook_formula(centre, width):
    u = (centre - MAX.reference) / width
    expected = width * (norm.pdf(u) + u * norm.cdf(u))
    found = expected_improvement(predictions(centre, width, width), MAX)[0]
    # What sums of 201 steps are off where a ramp begins between two of them.
    assert found == pytest.approx(expected, abs=1e-4 * width)


def test_what_has_next_to_no_chance_is_still_ordered():
    """Or a shortlist of what lies far below the best label would be in the order of the rows."""
    far = predictions(MAX.reference - np.array([4.0, 6.0, 8.0, 12.0, 20.0]), 1.0, 1.0)
    for order in ("ei", "probability"):
        assert (np.diff(acquire(order, far, MAX)) < 0).all()


@settings(max_examples=50)
@given(st.floats(-2, 3), st.floats(0.01, 1), st.floats(0.01, 1))
def test_mirror_images_score_alike(centre, below, above):
    up = expected_improvement(predictions(centre, below, above), MAX)
    mirrored = Aim(Goal("y", -math.inf, -math.inf), -math.inf, -1.5, -1.5, "eV")
    assert up == pytest.approx(expected_improvement(predictions(-centre, above, below), mirrored), abs=1e-12)


@pytest.mark.parametrize("factor", [1e-12, 1e-9, 1e-6, 1e9])
def test_chances_do_not_hang_on_the_unit(factor):
    """A diffusion coefficient in m2/s is as likely to meet a goal as the same in um2/s."""
    shape = np.array([1.0, 2.0, 3.0]), 0.5, 0.8
    for aim in (MAX, MIN, RANGE, FLOOR, VALUE):
        goal = Goal("y", factor * aim.goal.low, factor * aim.goal.high)
        small = Aim(goal, factor * aim.low, factor * aim.high, factor * aim.reference, "eV")
        one, other = predictions(*shape), predictions(*(factor * np.asarray(part) for part in shape))
        assert probability(other, small) == pytest.approx(probability(one, aim), abs=1e-6)
        assert expected_improvement(other, small) == pytest.approx(factor * expected_improvement(one, aim), rel=1e-6)


def test_the_chance_of_values_decades_below_what_is_predicted_is_told():
    wide = foretold(1e5, 1e-6, 1e16, scale=LOGARITHMIC)
    least = Aim(Goal("y", -math.inf, -math.inf), -math.inf, 1e-3, 1e-3, "eV", scale=LOGARITHMIC)
    assert probability(wide, least) == pytest.approx(wide.distribution.cdf(1e-3), rel=1e-6)
    between = Aim(Goal("y", 1e-4, 1e-3), 1e-4, 1e-3, 1.0, "eV", scale=LOGARITHMIC)
    expected = wide.distribution.cdf(1e-3) - wide.distribution.cdf(1e-4)
    assert probability(wide, between) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    "aim", [MAX, MIN, ABSMAX, RANGE, FLOOR, VALUE], ids=["max", "min", "absmax", "range", "floor", "value"]
)
def test_on_the_logarithm_the_scores_are_the_means_of_samples_there(aim):
    said = foretold([1.0, 2.0], [0.7, 0.4], [1.9, 3.0], scale=LOGARITHMIC)
    aim = replace(aim, scale=LOGARITHMIC)
    y = said.distribution.samples(1_000_000, 1)
    met = ((y >= aim.low) & (y <= aim.high)).mean(axis=1)
    assert probability(said, aim) == pytest.approx(met, abs=0.005)
    extreme = aim.goal.kind in ("max", "min")
    logged = aim.goal if extreme else Goal("y", *aim.range_on_scale)
    reference = math.log(aim.reference) if extreme else aim.reference
    gains = improvement(np.log(y), Aim(logged, 0.0, 0.0, reference, "eV"))
    errors = 5 * gains.std(axis=1) / 1000 + 1e-4
    assert (np.abs(expected_improvement(said, aim) - gains.mean(axis=1)) <= errors).all()


def test_a_temperate_value_is_exceeded_in_one_case_of_four():
    block = predictions(np.array([1.0, 2.0]), np.array([0.1, 0.1]), np.array([0.1, 0.4]))
    for aim, share in ((MAX, 0.25), (MIN, 0.75)):
        reached = acquire("quantile", block, aim) * (1 if aim is MAX else -1)
        assert 1 - block.distribution.cdf(reached) == pytest.approx(np.full(2, share))
    nearer = 0.1 * norm.ppf(0.75)
    assert acquire("quantile", block, RANGE) == pytest.approx([nearer - 0.1, nearer - 0.4])


def test_drawn_values_are_those_of_the_distribution_and_of_the_seed():
    block = predictions(np.full(20_000, 1.0), 0.3, 0.6)
    drawn = acquire("thompson", block, MAX, seed=1)
    assert np.array_equal(drawn, acquire("thompson", block, MAX, seed=1))
    assert (drawn != acquire("thompson", block, MAX, seed=2)).any()
    for values in (drawn, -acquire("thompson", block, MIN, seed=1)):
        for share in (0.05, 0.5, 0.95):
            assert np.mean(values <= block.distribution.quantile(share)[0]) == pytest.approx(share, abs=0.01)
    distances = acquire("thompson", block, RANGE, seed=1)
    assert np.array_equal(distances, -np.maximum(np.maximum(1.1 - drawn, drawn - 1.6), 0))


def test_a_certain_prediction_is_taken_at_its_word():
    sure = predictions(np.array([1.0, 2.0]), np.zeros(2), np.zeros(2))
    assert probability(sure, MAX) == pytest.approx([0, 1])
    assert expected_improvement(sure, MAX) == pytest.approx([0, 0.5], abs=1e-8)


def test_a_certain_prediction_at_a_limit_is_no_improvement_but_within_a_range():
    def sure(value):
        return predictions(np.array([value, np.nextafter(value, 9)]), np.zeros(2), np.zeros(2))

    assert probability(sure(1.5), MAX) == pytest.approx([0, 0])
    assert probability(sure(0.2), MIN) == pytest.approx([0, 0])
    for end in (1.1, 1.6):
        assert probability(sure(end), RANGE) == pytest.approx([1, 1])
    at_zero = predictions(0.2, 0.0, 0.5)
    assert probability(at_zero, MIN) == pytest.approx([0])
    assert expected_improvement(sure(1.5), MAX) == pytest.approx([0, 0], abs=1e-8)


def test_the_interval_holds_its_level():
    both = Aim(
        Goal("y", 0, 1), float(predictions(1, 0.2, 0.5).lower[0]), float(predictions(1, 0.2, 0.5).upper[0]), 1, None
    )
    assert probability(predictions(1, 0.2, 0.5), both) == pytest.approx([LEVEL])


def test_plain_and_optimistic_values():
    block = predictions(np.array([1.0, 2.0]), np.array([0.1, 0.1]), np.array([0.1, 0.4]))
    assert acquire("value", block, MAX) == pytest.approx([1, 2])
    assert acquire("ucb", block, MAX) == pytest.approx(block.upper)
    assert acquire("value", block, MIN) == pytest.approx([-1, -2])
    assert acquire("ucb", block, MIN) == pytest.approx(-block.lower)
    assert acquire("value", block, RANGE) == pytest.approx([-0.1, -0.4])
    assert acquire("ucb", block, RANGE) == pytest.approx([0, -(block.lower[1] - 1.6)])


def test_a_class_is_scored_by_its_probability():
    block = ClassPredictions(
        "metal", 0.9, ("no", "yes"), np.array([[0.8, 0.2], [0.1, 0.9]]), np.ones((2, 2), bool), np.ones(2, bool)
    )
    aim = Aim(Goal("metal", 1, 1), 1, 1, 0, None, ("no", "yes"))
    for order in ("ei", "probability", "ucb", "value"):
        assert acquire(order, block, aim) == pytest.approx([0.2, 0.9])


def test_several_goals_are_combined_by_the_geometric_mean():
    first, second = np.array([0.25, 1.0, 0.5]), np.array([1.0, 0.0, 0.5])
    assert combine([first], "ei") is first
    assert combine([first, second], "probability") == pytest.approx([0.5, 0, 0.5])
    assert combine([first * 7 - 3, second * 2 + 9], "value") == pytest.approx([0, 0, math.sqrt(1 / 3 * 0.5)])


def test_unknown_order():
    with pytest.raises(UsageError, match="ei, probability, quantile, ucb, value, thompson"):
        check_order("best")


@pytest.mark.parametrize("shape", [(0.0, 1.0, 1.0), (-1.4, 0.1, 0.8), (2.0, 0.7, 0.2), (0.1, 0.05, 0.5)])
@pytest.mark.parametrize(("order", "share"), [("quantile", 0.75), ("ucb", 0.95)])
def test_sizes_have_their_own_quantiles(order, share, shape):
    """A value that may be large on either side is larger than what one side alone says."""
    sizes = np.abs(sample(*shape))
    assert acquire(order, predictions(*shape), ABSMAX)[0] == pytest.approx(np.quantile(sizes, share), abs=0.01)


def test_the_predicted_size_is_that_of_the_predicted_value():
    assert acquire("value", predictions(-1.4, 0.2, 0.2), ABSMAX)[0] == pytest.approx(1.4)
    drawn = acquire("thompson", predictions(np.array([-5.0, 5.0]), [0.1, 0.1], [0.1, 0.1]), ABSMAX, 3)
    assert (drawn > 4).all()
