import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matscout.predict.folds import divisions, inner_folds


@given(st.lists(st.integers(0, 12), min_size=2, max_size=80), st.integers(2, 8), st.integers(0, 5))
def test_units_stay_together_and_folds_are_about_equally_large(units: list[int], n_folds: int, seed: int) -> None:
    codes = np.array(units)
    folds = inner_folds(codes, n_folds, seed)
    for unit in set(units):
        assert len(set(folds[codes == unit])) == 1
    sizes = np.bincount(folds)
    assert len(sizes) == min(n_folds, len(set(units)))
    assert sizes.min() > 0
    assert sizes.max() - sizes.min() <= max(np.bincount(codes))


def test_other_seeds_divide_otherwise_and_equal_seeds_alike() -> None:
    units = np.arange(50)
    assert (inner_folds(units, 5, 1) == inner_folds(units, 5, 1)).all()
    assert (inner_folds(units, 5, 1) != inner_folds(units, 5, 2)).any()


def test_every_row_is_judged_once_by_the_others() -> None:
    folds = inner_folds(np.arange(23), 4, 0)
    parts = list(divisions(folds))
    assert len(parts) == 4
    assert (np.sum([test for _, test in parts], axis=0) == 1).all()
    assert all((train == ~test).all() for train, test in parts)


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=40), st.integers(2, 5))
def test_every_fold_has_rows_that_can_be_judged(rows: list[tuple[int, bool]], n_folds: int) -> None:
    units, measured = (np.array(column) for column in zip(*rows, strict=True))
    n_measured = len(np.unique(units[measured]))
    if n_measured < 2:
        return
    folds = inner_folds(units, n_folds, 0, measured)
    assert set(folds[measured]) == set(range(min(n_folds, n_measured)))
    assert all(len(set(folds[units == unit])) == 1 for unit in units)
    assert (inner_folds(units, n_folds, 0, np.ones(len(units), dtype=bool)) == inner_folds(units, n_folds, 0)).all()
