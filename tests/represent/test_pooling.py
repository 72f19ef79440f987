from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matscout.data.compositions import Compositions
from matscout.data.elements import ATOMIC_NUMBERS, SYMBOLS
from matscout.errors import UsageError
from matscout.represent.pooling import POOLINGS, pool

AMOUNTS = st.dictionaries(st.sampled_from(SYMBOLS), st.floats(0.01, 50.0), min_size=1, max_size=9)
VALUES = np.random.default_rng(0).gamma(2.0, 3.0, (118, 5)).round(1)


def plain_pooling(name: str, values: list[float], amounts: list[float]) -> float:
    """The definitions, one composition and one property at a time, in plain Python."""
    total = math.fsum(amounts)
    weights = [amount / total for amount in amounts]
    mean = math.fsum(w * v for w, v in zip(weights, values, strict=True))
    most = max(weights)
    return {
        "mean": mean,
        "sum": math.fsum(a * v for a, v in zip(amounts, values, strict=True)),
        "minimum": min(values),
        "maximum": max(values),
        "range": max(values) - min(values),
        "std_dev": math.sqrt(math.fsum(w * (v - mean) ** 2 for w, v in zip(weights, values, strict=True))),
        "avg_dev": math.fsum(w * abs(v - mean) for w, v in zip(weights, values, strict=True)),
        "geometric_mean": math.prod(v**w for w, v in zip(weights, values, strict=True)),
        "harmonic_mean": 0.0 if 0 in values else 1 / math.fsum(w / v for w, v in zip(weights, values, strict=True)),
        "mode": min(v for w, v in zip(weights, values, strict=True) if most - w <= 1e-8 + 1e-5 * most),
    }[name]


def pool_elements(
    amounts: list[dict[str, float]], poolings: tuple[str, ...], values: np.ndarray = VALUES
) -> np.ndarray:
    compositions = Compositions.from_dicts(amounts)
    return pool(values, compositions.elements.astype(np.intp) - 1, compositions, poolings)


@given(st.lists(AMOUNTS, min_size=1, max_size=6))
def test_every_pooling_equals_plain_loops(rows):
    pooled = pool_elements(rows, tuple(POOLINGS)).reshape(len(rows), 5, len(POOLINGS))
    for row, amounts in enumerate(rows):
        for column in range(5):
            values = [float(VALUES[ATOMIC_NUMBERS[symbol] - 1, column]) for symbol in amounts]
            truth = [plain_pooling(name, values, list(amounts.values())) for name in POOLINGS]
            np.testing.assert_allclose(pooled[row, column], truth, rtol=1e-9, atol=1e-12)


@given(st.lists(AMOUNTS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(rows, random):
    order = list(range(len(rows)))
    random.shuffle(order)
    poolings = tuple(POOLINGS)
    shuffled = pool_elements([rows[position] for position in order], poolings)
    np.testing.assert_array_equal(shuffled, pool_elements(rows, poolings)[order])


@given(AMOUNTS, st.integers(2, 7))
def test_only_the_sum_depends_on_the_size_of_the_formula(amounts, factor):
    larger = {symbol: factor * amount for symbol, amount in amounts.items()}
    poolings = tuple(name for name in POOLINGS if name != "sum")
    # Deviations that are zero but for rounding differ in their last digits.
    np.testing.assert_allclose(
        pool_elements([larger], poolings), pool_elements([amounts], poolings), rtol=1e-9, atol=1e-12
    )
    np.testing.assert_allclose(
        pool_elements([larger], ("sum",)), factor * pool_elements([amounts], ("sum",)), rtol=1e-9
    )


def test_blocks_do_not_change_the_result():
    rows = [{"Fe": 1.0 + 0.001 * step, "O": 2.0} for step in range(30_000)]
    pooled = pool_elements(rows, ("std_dev", "mode"))
    np.testing.assert_array_equal(pooled[29_999:], pool_elements(rows[29_999:], ("std_dev", "mode")))


def test_blank_gives_nan_only_in_its_property():
    values = VALUES.copy()
    values[ATOMIC_NUMBERS["O"] - 1, 2] = np.nan
    pooled = pool_elements([{"Fe": 2.0, "O": 3.0}, {"Fe": 1.0}], tuple(POOLINGS), values).reshape(2, 5, -1)
    assert np.isnan(pooled[0, 2]).all()
    assert not np.isnan(np.delete(pooled, 2, axis=1)).any()
    assert not np.isnan(pooled[1]).any()


def test_zero_makes_geometric_and_harmonic_mean_zero():
    values = np.zeros((118, 1))
    values[ATOMIC_NUMBERS["Fe"] - 1] = 4.0
    pooled = pool_elements([{"Fe": 2.0, "O": 3.0}, {"Fe": 1.0}], ("geometric_mean", "harmonic_mean"), values)
    np.testing.assert_allclose(pooled, [[0.0, 0.0], [4.0, 4.0]])


def test_no_compositions_give_no_rows():
    assert pool_elements([], ("mean", "mode")).shape == (0, 10)


@pytest.mark.parametrize("poolings", [(), ("mean", "mean"), ("median",)])
def test_poolings_are_checked(poolings):
    with pytest.raises(UsageError, match="geometric_mean"):
        pool_elements([{"Fe": 1.0}], poolings)
