"""Acquisition against sampling from the predictive distribution, and against the textbook formula."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from matscout.data.dataset import Target
from matscout.discover.acquisition import acquire, check_order, combine, expected_improvement, probability
from matscout.discover.base import Goal
from matscout.discover.goals import Aim
from matscout.errors import UsageError
from matscout.predict.base import ClassPredictions, Predictions
from matscout.predict.target_facts import limited

LEVEL = 0.9
QUANTILE = norm.ppf(0.95)


def predictions(centre, below, above):
    """Predictions whose sides have the standard deviations ``below`` and ``above``."""
    centre, below, above = np.broadcast_arrays(*np.atleast_1d(centre, below, above))
    lower, upper = centre - QUANTILE * below, centre + QUANTILE * above
    inside = np.ones(len(centre), dtype=bool)
    return Predictions("y", "eV", LEVEL, centre, (below + above) / 2, lower, upper, inside)


def sample(centre, below, above, n=400_000):
    z = np.random.default_rng(1).standard_normal(n)
    return centre + z * np.where(z < 0, below, above)


MAX = Aim(Goal("y", math.inf, math.inf), 1.5, math.inf, 1.5, "eV")
MIN = Aim(Goal("y", -math.inf, -math.inf), -math.inf, 0.2, 0.2, "eV")
RANGE = Aim(Goal("y", 1.1, 1.6), 1.1, 1.6, 0.3, "eV")
FLOOR = Aim(Goal("y", 1.1, math.inf), 1.1, math.inf, 0.3, "eV")
VALUE = Aim(Goal("y", 0.8, 0.8), 0.7, 0.9, 0.1, "eV")


def improvement(y, aim):
    """The improvement of single values, written down from its definition."""
    if aim.goal.kind == "max":
        return np.maximum(y - aim.reference, 0)
    if aim.goal.kind == "min":
        return np.maximum(aim.reference - y, 0)
    distance = np.maximum(0, np.maximum(aim.goal.low - y, y - aim.goal.high))
    return np.maximum(aim.reference - distance, 0)


@pytest.mark.parametrize("aim", [MAX, MIN, RANGE, FLOOR, VALUE], ids=["max", "min", "range", "floor", "value"])
@pytest.mark.parametrize("shape", [(1.0, 0.3, 0.3), (1.4, 0.1, 0.8), (2.0, 0.7, 0.2), (0.1, 0.05, 0.5)])
def test_scores_are_the_means_of_samples(aim, shape):
    y = sample(*shape)
    gains = improvement(y, aim)
    error = 5 * gains.std() / math.sqrt(len(y)) + 1e-6
    assert expected_improvement(predictions(*shape), aim)[0] == pytest.approx(gains.mean(), abs=error)
    met = np.mean((y >= aim.low) & (y <= aim.high))
    assert probability(predictions(*shape), aim)[0] == pytest.approx(met, abs=0.005)


@pytest.mark.parametrize("aim", [MAX, MIN, RANGE, FLOOR, VALUE], ids=["max", "min", "range", "floor", "value"])
@pytest.mark.parametrize("shape", [(1.0, 0.3, 0.3), (1.9, 0.7, 0.2), (2.4, 0.4, 0.6), (-0.3, 0.2, 0.9)])
def test_scores_of_a_target_with_limits_are_the_means_of_samples_moved_into_them(aim, shape):
    y = np.clip(sample(*shape), 0.0, 2.0)
    gains = improvement(y, aim)
    error = 5 * gains.std() / math.sqrt(len(y)) + 1e-6
    said = limited(predictions(*shape), Target("y", np.zeros(1), "eV", limits=(0.0, 2.0)))
    assert expected_improvement(said, aim)[0] == pytest.approx(gains.mean(), abs=error)
    met = np.mean((y >= aim.low) & (y <= aim.high))
    assert probability(said, aim)[0] == pytest.approx(met, abs=0.005)


def test_what_is_cut_at_a_limit_is_not_taken_for_sure():
    """Best label 99 %, equal doubt: the higher prediction is better, whichever of them reach 100 %."""
    centre = np.array([110.0, 99.0, 95.0, 85.0, 70.0, 60.0])
    said = limited(predictions(centre, 18.0, 18.0), Target("y", np.zeros(1), "%", limits=(0.0, 100.0)))
    aim = Aim(Goal("y", math.inf, math.inf), 99.0, math.inf, 99.0, "%")
    for order in ("ei", "probability", "ucb", "value"):
        scores = acquire(order, said, aim)
        assert (np.diff(scores) < 0).all()
    assert expected_improvement(said, aim).max() <= 1.0


@given(st.floats(-3, 3), st.floats(0.01, 2))
def test_a_symmetric_distribution_gives_the_textbook_formula(centre, width):
    u = (centre - MAX.reference) / width
    expected = width * (norm.pdf(u) + u * norm.cdf(u))
    assert expected_improvement(predictions(centre, width, width), MAX)[0] == pytest.approx(expected, abs=1e-9)


@settings(max_examples=50)
@given(st.floats(-2, 3), st.floats(0.01, 1), st.floats(0.01, 1))
def test_mirror_images_score_alike(centre, below, above):
    up = expected_improvement(predictions(centre, below, above), MAX)
    mirrored = Aim(Goal("y", -math.inf, -math.inf), -math.inf, -1.5, -1.5, "eV")
    assert up == pytest.approx(expected_improvement(predictions(-centre, above, below), mirrored), abs=1e-12)


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
    with pytest.raises(UsageError, match="ei, probability, ucb, value"):
        check_order("best")
