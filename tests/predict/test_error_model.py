import numpy as np
import pytest
from scipy.optimize import minimize

from matscout.predict.error_model import FLOOR, ErrorModel
from matscout.predict.folds import inner_folds


def heteroscedastic(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Signs, of which only the first follows the size of the errors, and absolute errors."""
    rng = np.random.default_rng(seed)
    scale = rng.uniform(0.1, 2.0, n)
    return np.column_stack([scale, rng.uniform(0.0, 5.0, n)]), np.abs(rng.normal(size=n)) * scale


def test_it_goes_by_the_sign_that_tells() -> None:
    signs, errors = heteroscedastic(2000, 0)
    model = ErrorModel()
    model.fit(signs, errors, inner_folds(np.arange(2000), 5, 0))
    low, high, other = model.predict(np.array([[0.2, 2.0], [1.8, 2.0], [0.2, 4.0]]))
    # E|x| of a normal variable is 0.798 of its standard deviation.
    assert 0.4 * 0.798 * 1.6 < high - low < 1.1 * 0.798 * 1.6
    assert 0.0 <= other - low < 0.4 * (high - low)


def test_the_weights_minimise_the_penalised_squares() -> None:
    signs, errors = heteroscedastic(60, 1)
    model = ErrorModel()
    model.fit(signs, errors, inner_folds(np.arange(60), 5, 0))
    scaled = np.column_stack([np.ones(60), signs / signs.mean(axis=0)])

    def loss(weights: np.ndarray) -> float:
        equal = errors.mean() / 3
        return np.sum((errors - scaled @ weights) ** 2) + 60 * np.sum((weights - equal) ** 2)

    best = minimize(loss, np.full(3, 0.3), bounds=[(0, None)] * 3, tol=1e-12).x
    assert model.predict(signs) == pytest.approx(np.maximum(scaled @ best, FLOOR * errors.mean()), abs=1e-4)


def test_a_row_has_no_say_in_its_own_expected_error() -> None:
    signs, errors = heteroscedastic(50, 2)
    folds = inner_folds(np.arange(50), 5, 0)
    before = ErrorModel().fit(signs, errors, folds)
    changed = errors.copy()
    changed[7] += 0.5
    after = ErrorModel().fit(signs, changed, folds)
    same = folds == folds[7]
    assert after[same] == pytest.approx(before[same])
    assert (after[~same] != before[~same]).any()


def test_state_and_floor() -> None:
    signs, errors = heteroscedastic(40, 3)
    model = ErrorModel()
    folds = inner_folds(np.arange(40), 5, 0)
    model.fit(signs, errors, folds)
    assert (ErrorModel.from_state(model.state()).predict(signs) == model.predict(signs)).all()
    assert (model.predict(np.zeros((3, 2))) >= FLOOR * errors.mean()).all()
    without_errors = ErrorModel()
    assert (without_errors.fit(np.zeros((40, 2)), np.zeros(40), folds) > 0).all()
