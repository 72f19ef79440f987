"""Joined orders and choices of different things, against the formulas of their papers."""

from __future__ import annotations

import numpy as np
import pytest

from matscout.discover.index.fusion import maximal_marginal_relevance, reciprocal_rank_fusion, tied_ranks


def test_scores_are_sums_of_reciprocal_ranks() -> None:
    scores = reciprocal_rank_fusion([{"a": 1, "b": 2, "c": 3}, {"c": 1, "a": 2}])
    assert list(scores) == ["a", "c", "b"]
    assert scores["a"] == pytest.approx(1 / 61 + 1 / 62)
    assert scores["c"] == pytest.approx(1 / 63 + 1 / 61)
    assert scores["b"] == pytest.approx(1 / 62)
    assert reciprocal_rank_fusion([]) == {}


def greedy(relevance: np.ndarray, likeness: np.ndarray, count: int, diversity: float) -> list[int]:
    """Step by step as in the paper, with lambda = 1 - diversity."""
    chosen: list[int] = []
    while len(chosen) < min(count, len(relevance)):
        gains = {}
        for one in set(range(len(relevance))) - set(chosen):
            nearest = max((likeness[one, other] for other in chosen), default=0.0)
            gains[one] = (1 - diversity) * relevance[one] - diversity * nearest
        chosen.append(max(gains, key=gains.__getitem__))
    return chosen


@pytest.mark.parametrize("diversity", [0.0, 0.3, 0.8, 1.0])
def test_different_things_are_chosen_as_in_the_paper(diversity: float) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(30, 4))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    relevance, likeness = rng.random(30), vectors @ vectors.T
    found = maximal_marginal_relevance(relevance, likeness, 8, diversity)
    assert found.tolist() == greedy(relevance, likeness, 8, diversity)
    assert len(maximal_marginal_relevance(relevance[:3], likeness[:3, :3], 8, diversity)) == 3


def test_without_diversity_the_best_are_chosen() -> None:
    relevance = np.array([0.1, 0.9, 0.5])
    assert maximal_marginal_relevance(relevance, np.ones((3, 3)), 3, 0.0).tolist() == [1, 2, 0]


def test_equal_values_share_the_best_rank() -> None:
    assert tied_ranks(np.array([0.5, 1.0, 1.0 - 1e-7, 0.2, 0.5])).tolist() == [3, 1, 1, 5, 3]
    assert tied_ranks(np.zeros(0)).tolist() == []
