import numpy as np
import pytest

from matscout.predict.error_forest import LEAF, ErrorForest
from matscout.predict.error_model import FLOOR
from matscout.predict.folds import inner_folds


def surest_at_the_ends(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Signs, of which the first says where errors are large (in the middle), and absolute errors."""
    rng = np.random.default_rng(seed)
    place = rng.uniform(-1.0, 1.0, n)
    return np.column_stack([place, rng.uniform(0.0, 5.0, n)]), np.abs(rng.normal(size=n)) * (1.1 - place**2)


def test_it_follows_a_sign_of_any_shape() -> None:
    signs, errors = surest_at_the_ends(3000, 0)
    model = ErrorForest()
    folds = inner_folds(np.arange(3000), 5, 0)
    expected = model.fit(signs, errors, folds, np.ones(3000, dtype=bool))
    # E|x| of a normal variable is 0.798 of its standard deviation.
    truth = 0.798 * (1.1 - signs[:, 0] ** 2)
    assert np.corrcoef(expected, truth)[0, 1] > 0.9
    asked = np.array([[-0.9, 2.0], [0.0, 2.0], [0.9, 4.0]])
    assert model.predict(asked) == pytest.approx(0.798 * (1.1 - asked[:, 0] ** 2), rel=0.3)


def test_a_row_has_no_say_in_its_own_expected_error_and_one_without_a_value_in_none() -> None:
    signs, errors = surest_at_the_ends(80, 1)
    folds, measured = inner_folds(np.arange(80), 4, 0), np.ones(80, dtype=bool)
    before = ErrorForest().fit(signs, errors, folds, measured)
    changed = errors.copy()
    changed[7] += 0.5
    same = folds == folds[7]
    after = ErrorForest().fit(signs, changed, folds, measured)
    assert after[same] == pytest.approx(before[same])
    assert (after[~same] != before[~same]).any()
    measured[7] = False
    without = ErrorForest().fit(signs, np.where(measured, errors, np.nan), folds, measured)
    assert without == pytest.approx(ErrorForest().fit(signs, changed, folds, measured))
    assert np.isfinite(without).all()


def test_few_rows_have_one_expected_error_for_all() -> None:
    signs, errors = surest_at_the_ends(2 * LEAF - 1, 2)
    model = ErrorForest()
    model.fit(signs, errors, inner_folds(np.arange(len(errors)), 3, 0), np.ones(len(errors), dtype=bool))
    assert model.predict(signs) == pytest.approx(np.full(len(errors), errors.mean()))


def test_state_and_floor() -> None:
    signs, errors = surest_at_the_ends(60, 3)
    model = ErrorForest(seed=1)
    folds, measured = inner_folds(np.arange(60), 3, 0), np.ones(60, dtype=bool)
    model.fit(signs, errors, folds, measured)
    assert (ErrorForest.from_state(model.state()).predict(signs) == model.predict(signs)).all()
    assert (model.predict(signs) >= FLOOR * errors.mean()).all()
    assert (ErrorForest().fit(signs, np.zeros(60), folds, measured) > 0).all()
