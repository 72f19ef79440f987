"""The Gaussian process against scikit-learn's, finite differences and refits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.spatial.distance import cdist
from scipy.stats import multivariate_normal
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, DotProduct, Matern, WhiteKernel

from matscout.predict.learners import gaussian_process as gp
from matscout.predict.learners.gaussian_process import GaussianProcess, GaussianProcessClassifier, Kernel, KernelPart

N, D = 60, 5


@pytest.fixture
def rows() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(N, D))
    return vectors, vectors[:, 0] + np.sin(2 * vectors[:, 1]) + 0.4 * rng.normal(size=N)


def as_scikit_learn(kernel: Kernel) -> object:
    (part,) = kernel.parts
    rough = ConstantKernel(part.rough) * Matern(part.length, nu=1.5)
    return rough + ConstantKernel(part.linear / D) * DotProduct(sigma_0=1e-9) + WhiteKernel(kernel.noise)


def test_predictions_equal_scikit_learn_with_the_same_kernel(rows: tuple[np.ndarray, np.ndarray]) -> None:
    vectors, values = rows
    process = GaussianProcess().fit(vectors, values)
    scaled = (vectors - vectors.mean(axis=0)) / vectors.std(axis=0)
    reference = GaussianProcessRegressor(as_scikit_learn(process.kernel), optimizer=None, alpha=0.0)
    reference.fit(scaled, (values - values.mean()) / values.std())
    new = np.random.default_rng(1).normal(size=(30, D))
    mean, std = reference.predict((new - vectors.mean(axis=0)) / vectors.std(axis=0), return_std=True)
    estimate = process.predict(new)
    np.testing.assert_allclose(estimate.mean, values.mean() + values.std() * mean, atol=1e-8)
    np.testing.assert_allclose(estimate.std, values.std() * std, atol=1e-8)


def packed(*matrices: np.ndarray) -> list[np.ndarray]:
    return [gp.lower_triangle(matrix) for matrix in matrices]


def test_likelihood_equals_scikit_learn_and_its_gradient_finite_differences(
    rows: tuple[np.ndarray, np.ndarray],
) -> None:
    vectors, values = rows
    logs = np.log([1.5, 2.0, 0.3, 0.2])
    arguments = (packed(cdist(vectors, vectors)), packed(vectors @ vectors.T / D), values, np.ones(N))
    value, gradient = gp.log_likelihood(logs, *arguments)
    reference = GaussianProcessRegressor(as_scikit_learn(Kernel.from_logs(logs)), optimizer=None, alpha=0.0)
    assert value == pytest.approx(reference.fit(vectors, values).log_marginal_likelihood_value_, rel=1e-9)
    numeric = approx_fprime(logs, lambda point: gp.log_likelihood(point, *arguments)[0], 1e-6)
    np.testing.assert_allclose(gradient, numeric, rtol=1e-3)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_kernel_found_is_at_least_as_likely_as_scikit_learns(rows: tuple[np.ndarray, np.ndarray]) -> None:
    vectors, values = rows
    values = (values - values.mean()) / values.std()
    own = gp.most_likely_kernel([vectors], values, np.ones(N))
    start = ConstantKernel(1.0) * Matern(3.0, nu=1.5) + ConstantKernel(0.1 / D) * DotProduct(
        sigma_0=1e-9, sigma_0_bounds="fixed"
    )
    start += WhiteKernel(0.1, (1e-4, 2.0))
    reference = GaussianProcessRegressor(start, alpha=0.0, random_state=0).fit(vectors, values)
    arguments = (packed(cdist(vectors, vectors)), packed(vectors @ vectors.T / D), values, np.ones(N))
    found = gp.log_likelihood(np.log([*vars(own.parts[0]).values(), own.noise]), *arguments)[0]
    assert found >= reference.log_marginal_likelihood_value_ - 0.1


def test_left_out_predictions_equal_refits(rows: tuple[np.ndarray, np.ndarray]) -> None:
    vectors, values = rows
    process = GaussianProcess().fit(vectors, values)
    units = np.arange(N) // 3
    left_out = process.left_out(units)[:, 0]
    scaled = process.inputs
    covariance = process.kernel.covariance([scaled], [scaled]) + process.kernel.noise * np.eye(N)
    targets = (values - values.mean()) / values.std()
    for unit in range(0, N // 3, 5):
        out, rest = units == unit, units != unit
        expected = covariance[np.ix_(out, rest)] @ np.linalg.solve(covariance[np.ix_(rest, rest)], targets[rest])
        np.testing.assert_allclose(left_out[out], values.mean() + values.std() * expected, atol=1e-8)


def test_rows_of_small_weight_are_noisy(rows: tuple[np.ndarray, np.ndarray]) -> None:
    vectors, values = rows
    spoilt = values.copy()
    spoilt[:10] += 5.0
    weights = np.where(np.arange(N) < 10, 1e-3, 1.0)
    weighted = GaussianProcess().fit(vectors, spoilt, weights).predict(vectors).mean
    plain = GaussianProcess().fit(vectors, spoilt).predict(vectors).mean
    assert np.abs(weighted - values).mean() < 0.5 * np.abs(plain - values).mean()


def test_beyond_max_rows_a_seeded_subset_is_used(rows: tuple[np.ndarray, np.ndarray]) -> None:
    vectors, values = rows
    first, second = (GaussianProcess(max_rows=20, seed=3).fit(vectors, values) for _ in range(2))
    other = GaussianProcess(max_rows=20, seed=4).fit(vectors, values)
    assert first.n_rows == 20
    np.testing.assert_array_equal(first.rows, second.rows)
    assert (first.rows != other.rows).any()


def test_it_goes_on_beyond_the_training_values() -> None:
    vectors = np.linspace(0.0, 1.0, 40)[:, None]
    assert GaussianProcess().fit(vectors, 3.0 * vectors[:, 0]).predict(np.array([[1.5]])).mean[0] > 4.0


def test_the_spread_grows_away_from_the_rows(rows: tuple[np.ndarray, np.ndarray]) -> None:
    vectors, values = rows
    process = GaussianProcess().fit(vectors, values)
    assert process.predict(vectors[:1] + 4.0).std[0] > 2.0 * process.predict(vectors[:1]).std[0]


def test_constant_values_are_predicted_as_they_are() -> None:
    vectors = np.random.default_rng(0).normal(size=(10, 3))
    np.testing.assert_allclose(GaussianProcess().fit(vectors, np.full(10, 7.0)).predict(vectors).mean, 7.0)


def test_the_classifier_is_regression_on_indicators(rows: tuple[np.ndarray, np.ndarray]) -> None:
    vectors, values = rows
    classes = (values > 0).astype(np.int64)
    probabilities = GaussianProcessClassifier().fit(vectors, classes, 2).predict(vectors)
    mean = GaussianProcess().fit(vectors, classes.astype(float)).predict(vectors).mean
    np.testing.assert_allclose(probabilities[:, 1], np.clip(mean, 1e-3, 1 - 1e-3), atol=2e-3)


def test_parts_add_up_and_their_gradients_are_finite_differences(rows: tuple[np.ndarray, np.ndarray]) -> None:
    vectors, values = rows
    blocks = [vectors[:, :2], vectors[:, 2:]]
    distances = packed(*(cdist(x, x) for x in blocks))
    inner = packed(*(x @ x.T / x.shape[1] for x in blocks))
    logs = np.log([1.5, 2.0, 0.3, 0.4, 1.0, 0.1, 0.2])
    both = Kernel((KernelPart(1.5, 2.0, 0.3), KernelPart(0.4, 1.0, 0.1)), 0.2)
    alone = [part.covariance(block, block) for part, block in zip(both.parts, blocks, strict=True)]
    np.testing.assert_allclose(both.covariance(blocks, blocks), alone[0] + alone[1])
    np.testing.assert_allclose(both.variance(blocks), np.diag(alone[0] + alone[1]), atol=1e-6)
    arguments = (distances, inner, values, np.ones(N))
    value, gradient = gp.log_likelihood(logs, *arguments)
    covariance = alone[0] + alone[1] + 0.2 * np.eye(N)
    expected = multivariate_normal(np.zeros(N), covariance).logpdf(values)
    assert value == pytest.approx(expected, rel=1e-6)
    numeric = approx_fprime(logs, lambda point: gp.log_likelihood(point, *arguments)[0], 1e-6)
    np.testing.assert_allclose(gradient, numeric, rtol=1e-3)


def test_a_block_that_says_nothing_does_not_drown_the_others() -> None:
    rng = np.random.default_rng(0)
    vectors = np.hstack([rng.normal(size=(200, 3)), rng.normal(size=(200, 60))])
    values = np.sin(vectors[:, 0]) + vectors[:, 1] * vectors[:, 2]
    blocks = [np.arange(3), np.arange(3, 63)]
    errors = [
        np.abs(made.fit(vectors[:100], values[:100]).predict(vectors[100:]).mean - values[100:]).mean()
        for made in (GaussianProcess(), GaussianProcess(blocks=blocks))
    ]
    assert errors[1] < 0.6 * errors[0]


def test_blocks_survive_saving(rows: tuple[np.ndarray, np.ndarray]) -> None:
    vectors, values = rows
    process = GaussianProcess(blocks=[np.array([0, 1, 4]), np.array([2, 3, 4])]).fit(vectors, values)
    again = GaussianProcess.from_state(process.state())
    np.testing.assert_array_equal(again.predict(vectors).mean, process.predict(vectors).mean)
