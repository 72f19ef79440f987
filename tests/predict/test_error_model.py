import numpy as np
import pytest

from matscout.predict.error_model import FLOOR, ErrorModel


def heteroscedastic(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    where = rng.uniform(0, 1, n)
    scale = np.where(where > 0.5, 1.0, 0.1)
    return np.column_stack([where, rng.uniform(0.4, 0.6, n)]), np.abs(rng.normal(size=n)) * scale, scale


def test_it_finds_where_errors_are_large_though_the_spread_does_not_tell() -> None:
    signs, errors, _ = heteroscedastic(400, 0)
    model = ErrorModel(n_trees=60, seed=0)
    model.fit(signs, errors, np.arange(400))
    new_signs, _, scale = heteroscedastic(300, 1)
    expected = model.predict(new_signs)
    assert expected[scale == 1.0].mean() > 1.8 * expected[scale == 0.1].mean()
    assert (expected > 0).all()


def test_training_rows_are_judged_by_trees_that_have_not_seen_their_unit() -> None:
    rng = np.random.default_rng(2)
    units = np.repeat(np.arange(40), 4)
    signs = np.column_stack([np.repeat(rng.normal(size=40), 4), np.ones(160)])
    errors = np.repeat(rng.exponential(size=40), 4)
    honest = ErrorModel(n_trees=80, seed=0).fit(signs, errors, units)
    peeking = ErrorModel(n_trees=80, seed=0).fit(signs, errors, np.arange(160))
    assert np.corrcoef(peeking, errors)[0, 1] > 0.25 + np.corrcoef(honest, errors)[0, 1]


def test_state_and_floor() -> None:
    signs, errors, _ = heteroscedastic(60, 3)
    model = ErrorModel(n_trees=20, seed=0)
    model.fit(signs, errors, np.arange(60))
    assert (ErrorModel.from_state(model.state()).predict(signs) == model.predict(signs)).all()
    none = ErrorModel(n_trees=5, seed=0)
    assert (none.fit(np.zeros((20, 2)), np.zeros(20), np.arange(20)) > 0).all()
    calm = model.predict(np.column_stack([np.full(3, 0.1), np.zeros(3)]))
    assert (calm >= FLOOR * errors.mean() * 0.999).all()
    assert calm == pytest.approx(np.full(3, calm[0]))
