"""The networks as arrays against scikit-learn's own predictions."""

from __future__ import annotations

import numpy as np
from sklearn.neural_network import MLPClassifier, MLPRegressor

from matscout.predict.learners.networks import Networks, NetworksClassifier


def record(monkeypatch, maker: type) -> list:
    """Keep the scikit-learn models that a fit makes, and the inputs it gives them."""
    made = []
    original = maker.fit

    def fit(self, inputs, targets, sample_weight=None):
        made.append((self, inputs))
        return original(self, inputs, targets, sample_weight=sample_weight)

    monkeypatch.setattr(maker, "fit", fit)
    return made


def test_the_members_equal_scikit_learn(monkeypatch) -> None:
    made = record(monkeypatch, MLPRegressor)
    vectors = np.random.default_rng(0).normal(size=(40, 5))
    ensemble = Networks(n_members=3, n_epochs=20).fit(vectors, 100.0 + 10.0 * vectors[:, 0])
    inputs = (vectors - vectors.mean(axis=0)) / vectors.std(axis=0)
    expected = (
        100.0
        + 10.0 * vectors[:, 0].mean()
        + 10.0 * vectors[:, 0].std() * np.array([member.predict(inputs) for member, _ in made])
    )
    estimate = ensemble.predict(vectors)
    np.testing.assert_allclose(estimate.mean, expected.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(estimate.std, expected.std(axis=0), rtol=1e-6)


def test_the_class_members_equal_scikit_learn(monkeypatch) -> None:
    made = record(monkeypatch, MLPClassifier)
    vectors = np.random.default_rng(0).normal(size=(60, 5))
    inputs = (vectors - vectors.mean(axis=0)) / vectors.std(axis=0)
    for n_classes, bounds in ((2, [0.0]), (3, [-0.4, 0.4])):
        made.clear()
        classes = np.digitize(vectors[:, 0], bounds)
        ensemble = NetworksClassifier(n_members=2, n_epochs=20).fit(vectors, classes, n_classes)
        expected = np.mean([member.predict_proba(inputs) for member, _ in made], axis=0)
        np.testing.assert_allclose(ensemble.predict(vectors), expected, atol=1e-9)
