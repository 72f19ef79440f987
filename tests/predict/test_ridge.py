"""Ridge regression against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge as SklearnRidge
from sklearn.linear_model import RidgeCV

from matscout.predict.learners.ridge import STRENGTHS, Ridge


@pytest.fixture
def rows() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(50, 12))
    return vectors, vectors @ rng.normal(size=12) + rng.normal(size=50)


@pytest.mark.parametrize("wide", [False, True])
def test_strength_and_predictions_equal_scikit_learn(rows: tuple[np.ndarray, np.ndarray], wide: bool) -> None:
    vectors, values = rows
    if wide:
        vectors = np.concatenate([vectors, np.random.default_rng(1).normal(size=(50, 90))], axis=1)
    scaled = (vectors - vectors.mean(axis=0)) / vectors.std(axis=0)
    reference = RidgeCV(STRENGTHS).fit(scaled, values)
    own = Ridge().fit(vectors, values)
    assert own.strength == pytest.approx(reference.alpha_)
    inside = np.clip(reference.predict(scaled), values.min(), values.max())
    np.testing.assert_allclose(own.predict(vectors).mean, inside, atol=1e-8)


def test_weights_equal_scikit_learn(rows: tuple[np.ndarray, np.ndarray]) -> None:
    vectors, values = rows
    weights = np.random.default_rng(2).uniform(0.1, 3.0, size=50)
    own = Ridge().fit(vectors, values, weights)
    scaled = (vectors - vectors.mean(axis=0)) / vectors.std(axis=0)
    reference = SklearnRidge(alpha=own.strength).fit(scaled, values, sample_weight=weights)
    inside = np.clip(reference.predict(scaled), values.min(), values.max())
    np.testing.assert_allclose(own.predict(vectors).mean, inside, atol=1e-8)


def test_predictions_stay_within_the_training_values_and_the_spread_grows(rows: tuple[np.ndarray, np.ndarray]) -> None:
    vectors, values = rows
    learner = Ridge().fit(vectors, values)
    far = learner.predict(100.0 * vectors)
    assert far.mean.min() >= values.min()
    assert far.mean.max() <= values.max()
    assert (far.std > learner.predict(vectors).std).all()


def test_the_spread_is_that_of_new_measurements() -> None:
    rng = np.random.default_rng(3)
    vectors, slopes = rng.normal(size=(2000, 6)), rng.normal(size=6)
    values = vectors @ slopes + 0.5 * rng.normal(size=2000)
    np.testing.assert_allclose(Ridge().fit(vectors[:1000], values[:1000]).predict(vectors[1000:]).std, 0.5, rtol=0.1)
