import numpy as np
import pytest

from matscout.predict.stacking import N_STEPS, forward_selection, select_weights


def absolute_error(errors: np.ndarray):
    return lambda combinations, rows: np.average(np.abs(errors @ combinations), axis=0, weights=rows)


def brute_force(errors: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Add, ten times, the candidate that makes the average of all chosen so far best."""
    chosen: list[int] = []
    for _ in range(N_STEPS):
        losses = []
        for candidate in range(errors.shape[1]):
            average = errors[:, [*chosen, candidate]].mean(axis=1)
            losses.append(np.sum(np.abs(average) * rows) / rows.sum())
        chosen.append(int(np.argmin(losses)))
    return np.bincount(chosen, minlength=errors.shape[1])


@pytest.mark.parametrize("seed", range(5))
def test_forward_selection_is_greedy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    errors, rows = rng.normal(size=(40, 5)) * [1, 2, 1, 0.8, 3], rng.integers(0, 3, 40).astype(float)
    assert (forward_selection(5, absolute_error(errors), rows) == brute_force(errors, rows)).all()


def test_a_right_candidate_takes_all_and_opposite_errors_share() -> None:
    rng = np.random.default_rng(0)
    error = rng.normal(size=60)
    units = np.arange(60)
    perfect = select_weights(3, absolute_error(np.stack([error, 0 * error, 2 * error], axis=1)), units, None, 0)
    assert perfect == pytest.approx([0, 1, 0])
    shared = select_weights(3, absolute_error(np.stack([error, -error, 3 * error], axis=1)), units, None, 0)
    assert shared == pytest.approx([0.5, 0.5, 0.0], abs=0.02)


def test_rows_without_weight_do_not_count_and_units_are_drawn_together() -> None:
    errors = np.array([[0.0, 1.0]] * 10 + [[5.0, 0.0]] * 10)
    weights = np.array([1.0] * 10 + [0.0] * 10)
    units = np.repeat(np.arange(10), 2)
    assert select_weights(2, absolute_error(errors), units, weights, 0) == pytest.approx([1, 0])
    seen: list[np.ndarray] = []

    def spy(combinations: np.ndarray, rows: np.ndarray) -> np.ndarray:
        seen.append(rows)
        return np.zeros(combinations.shape[1])

    select_weights(2, spy, units, None, 3)
    assert all((rows[::2] == rows[1::2]).all() for rows in seen)
    assert {rows.sum() for rows in seen} == {20.0}
