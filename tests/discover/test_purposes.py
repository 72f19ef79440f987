"""What proposals are for, and what the best of the first may have."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm
from tests.foretold import foretold

from matscout.discover.base import Goal
from matscout.discover.goals import Aim
from matscout.discover.purposes import best_to_expect, expected_gain, purposes_of

HIGHEST = Aim(Goal("x", np.inf, np.inf), 30.0, np.inf, 30.0, "eV")


def test_what_is_predicted_best_is_for_value_unless_nothing_is_known_of_it() -> None:
    predicted = np.linspace(10.0, 1.0, 400)
    block = foretold(predicted, predicted - 1.0, predicted + 1.0)
    assert (purposes_of([block], [HIGHEST]) == "value").sum() == 20
    assert (purposes_of([block], [HIGHEST])[:20] == "value").all()
    unsure = replace(block, distribution=replace(block.distribution, unsure=np.arange(400) == 3))
    assert purposes_of([unsure], [HIGHEST])[3] == "learning"
    strange = replace(block, in_domain=np.arange(400) != 5)
    assert purposes_of([strange], [HIGHEST])[5] == "learning"


@pytest.mark.parametrize(("n", "n_best"), [(1, 1), (8, 2), (60, 15), (400, 20), (1000, 50)])
def test_of_few_candidates_few_are_the_best(n: int, n_best: int) -> None:
    predicted = np.linspace(10.0, 1.0, n)
    assert (purposes_of([foretold(predicted, predicted - 1.0, predicted + 1.0)], [HIGHEST]) == "value").sum() == n_best


def test_what_is_predicted_to_meet_the_goal_is_for_value() -> None:
    predicted = np.linspace(10.0, 1.0, 400)
    block, aim = foretold(predicted, predicted - 1.0, predicted + 1.0), Aim(Goal("x", 2.0, 4.0), 2.0, 4.0, 0.1, "eV")
    np.testing.assert_array_equal(purposes_of([block], [aim]) == "value", (predicted >= 2.0) & (predicted <= 4.0))
    assert len(purposes_of([block[:0]], [aim])) == 0


def test_the_best_to_expect_is_that_of_independent_systems() -> None:
    """Of k independent normal values the largest is below t with the chance Phi(t)^k; of one system it is one value."""
    reach = norm.ppf(0.95) * np.ones(5)
    block = foretold(np.zeros(5), -reach, reach, level=0.9)
    apart = best_to_expect(block, HIGHEST, np.array(list("abcde")))
    alike = best_to_expect(block, HIGHEST, np.array(["a"] * 5))
    assert apart == pytest.approx(norm.ppf(np.array([0.1, 0.9]) ** (1 / 5)), abs=0.15)
    assert alike == pytest.approx(norm.ppf([0.1, 0.9]), abs=0.15)


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("systems", ["abcd", "aabb", "aaaa"])
def test_the_expected_gain_is_that_of_draws(sign: float, systems: str) -> None:
    """The mean of how far the best of many draws lies beyond the best label; within a system all go together."""
    rng = np.random.default_rng(3)
    predicted, spread = np.array([0.0, 0.0, 0.3, 0.3]), np.array([1.0, 1.0, 0.5, 0.5])
    reach = norm.ppf(0.95) * spread
    block = foretold(sign * predicted, sign * predicted - reach, sign * predicted + reach, level=0.9)
    steps = rng.standard_normal((200_000, 4))[:, [systems.index(one) for one in systems]]
    best = (predicted + steps * spread).max(axis=1)
    end, low, high = sign * np.inf, *((0.5, np.inf) if sign > 0 else (-np.inf, -0.5))
    aim = Aim(Goal("x", end, end), low, high, sign * 0.5, "eV")
    # Of one system the likeliest beyond each value stands for all: that of the widest where it matters.
    assert expected_gain(block, aim, np.array(list(systems))) == pytest.approx(
        np.maximum(best - 0.5, 0.0).mean(), rel=0.02
    )


def test_a_range_has_no_best_to_expect() -> None:
    block = foretold(np.zeros(2), -np.ones(2), np.ones(2))
    assert best_to_expect(block, Aim(Goal("x", 1.0, 2.0), 1.0, 2.0, 0.5, "eV"), np.array(["a", "b"])) is None
    assert expected_gain(block, Aim(Goal("x", 1.0, 2.0), 1.0, 2.0, 0.5, "eV"), np.array(["a", "b"])) is None
    assert expected_gain(block, Aim(Goal("x", np.inf, np.inf), 90.0, np.inf, 90.0, "eV"), np.array(["a", "b"])) == 0.0
