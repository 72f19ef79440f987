"""What chance allows of coverage, against counts of simulated draws."""

from __future__ import annotations

import numpy as np
import pytest

from matscout.evaluation.coverage import Coverage, worst_allowed


@pytest.mark.parametrize(("n", "level"), [(8, 0.8), (25, 0.9), (49, 0.5)])
def test_few_rows_are_counted_and_chance_allows_what_draws_show(n: int, level: float) -> None:
    drawn = np.random.default_rng(0).binomial(n, level, 200_000)
    held = Coverage.of(1.0, n, level)
    assert held.few
    assert held.inside == n
    within = (drawn >= held.low) & (drawn <= held.high)
    assert within.mean() >= 0.95
    assert (drawn < held.low).mean() <= 0.0255
    assert (drawn > held.high).mean() <= 0.0255


@pytest.mark.parametrize(("share", "verdict"), [(0.8, -1), (0.9, 0), (0.99, 1)])
def test_many_rows_are_judged_by_the_tolerance(share: float, verdict: int) -> None:
    held = Coverage.of(share, 100, 0.9)
    assert not held.few
    assert (held.low, held.high) == (84, 96)  # 1.96 sqrt(0.9 * 0.1 / 100) is 5.9 points
    assert held.verdict == verdict


def test_six_of_eight_are_no_broken_promise() -> None:
    assert Coverage.of(6 / 8, 8, 0.9).verdict == 0
    assert Coverage.of(2 / 8, 8, 0.9).verdict == -1


@pytest.mark.parametrize("n", [100, 368, 1000])
def test_the_worst_of_ten_groups_is_lower_by_chance(n: int) -> None:
    size = n // 10
    worst = np.random.default_rng(1).binomial(size, 0.9, (50_000, 10)).min(axis=1) / size
    lowest = worst_allowed(n, 0.9)
    assert lowest is not None
    assert (worst < lowest).mean() <= 0.055
    assert (worst < lowest + 1.01 / size).mean() > 0.05


def test_the_worst_of_tiny_groups_is_not_told() -> None:
    assert worst_allowed(99, 0.9) is None
