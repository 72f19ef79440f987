"""How many of some chances come true: counted over all cases, and against a binomial law."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from matscout.workflow.promises import TargetOutcome, allowed_by_chance, promise_of


@given(st.lists(st.floats(0.0, 1.0), max_size=7))
def test_what_chance_allows_is_the_middle_of_all_cases(chances: list[float]) -> None:
    weights = np.zeros(len(chances) + 1)
    for case in product([0, 1], repeat=len(chances)):
        weights[sum(case)] += np.prod([c if came else 1 - c for c, came in zip(chances, case, strict=True)])
    below = np.cumsum(weights)
    low, high = allowed_by_chance(chances)
    # Less than 2.5 % lies below the one end, and above the other.
    assert (below[low - 1] if low else 0.0) <= 0.025 + 1e-9
    assert 1 - below[high] <= 0.025 + 1e-9
    assert below[low] >= 0.025 - 1e-9
    assert (below[high - 1] if high else 0.0) <= 0.975 + 1e-9


@pytest.mark.parametrize(("n", "chance"), [(1, 0.5), (6, 0.9), (20, 0.05), (40, 0.9)])
def test_equal_chances_follow_a_binomial_law(n: int, chance: float) -> None:
    expected = tuple(int(binom.ppf(end, n, chance)) for end in (0.025, 0.975))
    assert allowed_by_chance([chance] * n) == expected


def test_promises_are_counted() -> None:
    def one(inside: bool | None, met: bool | None, chance: float | None) -> tuple[TargetOutcome, float]:
        return TargetOutcome("gap", "eV", 1.0, 0.5, 1.5, chance=chance, value=1.2, inside=inside, met=met), 0.9

    judged = [one(True, True, 0.5), one(False, False, 0.25), one(None, False, 0.25), one(True, None, 0.5)]
    promise = promise_of(judged, "eV", np.array([0.1, -0.3]))
    assert promise is not None
    assert (promise.n, promise.n_inside, promise.expected_inside) == (3, 2, pytest.approx(2.7))
    assert (promise.n_chances, promise.promised, promise.hits) == (3, 1.0, 1)
    assert promise.mean_error == pytest.approx(0.2)
    assert "2 of 3 values in the stated interval" in promise.sentence
    assert promise.sentence.endswith("3 values show little yet.")


def test_nothing_measured_is_no_promise() -> None:
    assert promise_of([(TargetOutcome("gap", "eV", value=1.2, met=True), 0.9)], "eV", np.zeros(0)) is None


def test_more_or_fewer_than_chance_allows_is_said() -> None:
    outside = [(TargetOutcome("gap", "eV", 1.0, 0.5, 1.5, chance=0.01, value=2.0, inside=False, met=True), 0.9)] * 4
    promise = promise_of(outside, "eV", np.ones(4))
    assert promise is not None
    assert "(3.6 expected, 2 to 4 by chance: fewer than chance allows)" in promise.sentence
    assert "(0.0 expected from the stated chances, 0 to 1 by chance: more than chance allows)" in promise.sentence
