"""Crystals as arrays: sums over ragged ranges, and the same crystals as tensors."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.represent.crystals_at_hand import random_structures, store_of

from matscout.represent.crystal_arrays import CrystalArrays, NeighbourArrays, range_sums


@given(st.lists(st.integers(0, 4), max_size=8))
def test_sums_over_ranges_also_empty_ones(lengths: list[int]) -> None:
    offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)
    values = np.random.default_rng(0).normal(size=(int(offsets[-1]), 3))
    expected = [values[start:stop].sum(axis=0) for start, stop in pairwise(offsets)]
    np.testing.assert_allclose(range_sums(values, offsets), np.array(expected).reshape(-1, 3), atol=1e-12)


def test_tensors_are_the_same_crystals() -> None:
    labels = np.arange(5, dtype=np.float32)[:, None]
    store, rows = store_of(random_structures(5), labels), np.array([3, 0])
    arrays, batch = store.arrays_of(rows), store.batch(rows)
    for one in fields(CrystalArrays):
        mine, other = getattr(arrays, one.name), getattr(batch, one.name)
        parts = [(mine, other)]
        if isinstance(mine, NeighbourArrays):
            parts = [(getattr(mine, part.name), getattr(other, part.name)) for part in fields(NeighbourArrays)]
        assert all(np.array_equal(array, tensor.numpy()) for array, tensor in parts)
    assert batch.labels is not None
    assert batch.labels.ravel().tolist() == [3.0, 0.0]
    assert arrays.pairs.rows.tolist() == batch.pairs.rows.tolist()
    values = np.random.default_rng(0).normal(size=(len(arrays.row_species), 2)).astype(np.float32)
    expected = [values[:0].sum(axis=0), values[:0].sum(axis=0)]
    for row, share in enumerate(arrays.row_shares):
        crystal = int(row >= arrays.row_offsets[1])
        expected[crystal] = expected[crystal] + share * values[row]
    np.testing.assert_allclose(arrays.means(values), np.array(expected), rtol=1e-5)


@pytest.mark.parametrize("pairs", [1, 100, 10**6])
def test_parts_hold_every_crystal_once_in_order(pairs: int) -> None:
    store = store_of(random_structures(9))
    parts = list(store.parts(pairs))
    assert np.concatenate(parts).tolist() == list(range(9))
    assert len(parts) == {1: 9, 100: len(parts), 10**6: 1}[pairs]
