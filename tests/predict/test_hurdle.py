import numpy as np
import pytest

from matscout.predict.learners.extra_trees import ExtraTrees
from matscout.predict.learners.hurdle import Hurdle, is_zero_inflated


def zero_inflated(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n, 4))
    return vectors, np.where(vectors[:, 0] > 0, np.exp(vectors[:, 1]), 0.0)


def test_it_learns_both_parts() -> None:
    vectors, values = zero_inflated(300, 0)
    new_vectors, truth = zero_inflated(200, 1)
    estimate = Hurdle(n_trees=60, max_features=1.0, seed=0).fit(vectors, values).predict(new_vectors)
    assert ((estimate.median == 0) == (truth == 0)).mean() > 0.9
    assert np.abs(estimate.median - truth).mean() < 0.5 * np.abs(truth - np.median(values)).mean()
    assert (estimate.median >= 0).all()


def test_mean_and_std_are_those_of_the_mixture() -> None:
    vectors, values = zero_inflated(120, 2)
    hurdle = Hurdle(n_trees=30, seed=1).fit(vectors, values)
    probability, size = hurdle.occurs.predict(vectors)[:, 1], hurdle.size.predict(vectors)
    rng = np.random.default_rng(0)
    draws = (rng.random((40_000, 120)) < probability) * rng.normal(size.mean, size.std, (40_000, 120))
    estimate = hurdle.predict(vectors)
    assert estimate.mean == pytest.approx(draws.mean(axis=0), abs=0.05)
    assert estimate.std == pytest.approx(draws.std(axis=0), abs=0.05)


def test_without_zeros_it_is_the_forest() -> None:
    vectors, values = zero_inflated(60, 3)
    hurdle = Hurdle(n_trees=20, seed=4).fit(vectors, values + 1.0)
    forest = ExtraTrees(n_trees=20, max_features=0.3, seed=4).fit(vectors, values + 1.0)
    assert (hurdle.predict(vectors).mean == forest.predict(vectors).mean).all()


def test_state_and_weights() -> None:
    vectors, values = zero_inflated(80, 5)
    weights = (np.arange(80) < 60).astype(float)
    hurdle = Hurdle(n_trees=15, seed=0).fit(vectors, values, weights)
    again = Hurdle.from_state(hurdle.state())
    assert (again.predict(vectors).mean == hurdle.predict(vectors).mean).all()
    assert np.abs(hurdle.predict(vectors[60:]).median - values[60:]).max() > 0.1
    assert np.abs(hurdle.predict(vectors[:60]).median - values[:60]).max() < 1e-9


def test_which_targets_are_zero_inflated() -> None:
    assert is_zero_inflated(np.array([0.0] * 5 + [1.0] * 5))
    assert not is_zero_inflated(np.array([0.0] + [1.0] * 50))
    assert not is_zero_inflated(np.array([0.0] * 50 + [1.0]))
    assert not is_zero_inflated(np.array([0.0] * 5 + [-1.0] * 5))
