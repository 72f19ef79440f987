"""Compositions as arrays for networks: nothing padded, nothing lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.represent.composition_arrays import CompositionArrays, blocks_of, by_length, length_buckets

ROWS = st.lists(
    st.dictionaries(st.sampled_from(SYMBOLS), st.floats(0.01, 9.0), min_size=1, max_size=6), min_size=1, max_size=12
)


@given(ROWS)
def test_tokens_are_the_entries_in_order_of_length(rows):
    compositions = Compositions.from_dicts(rows)
    ordered = compositions[by_length(compositions)]
    arrays = CompositionArrays.from_compositions(ordered)
    assert len(arrays) == len(rows)
    assert [k for count, k in arrays.blocks for _ in range(count)] == sorted(len(row) for row in rows)
    assert arrays.elements.tolist() == [number - 1 for number in ordered.elements.tolist()]
    np.testing.assert_allclose(arrays.fractions, ordered.fractions, rtol=1e-6)


def test_lengths_that_do_not_ascend_are_refused():
    assert blocks_of(np.array([1, 1, 3])) == ((2, 1), (1, 3))
    with pytest.raises(ValueError, match="sorted by their number of elements"):
        blocks_of(np.array([2, 1]))


@given(ROWS, st.integers(1, 20))
def test_buckets_hold_every_row_once(rows, tokens):
    compositions = Compositions.from_dicts(rows)
    buckets = list(length_buckets(compositions, tokens))
    assert sorted(np.concatenate(buckets).tolist()) == list(range(len(rows)))
    for bucket in buckets:
        lengths = compositions.lengths[bucket]
        assert (lengths == lengths[0]).all()
        assert len(bucket) == 1 or lengths.sum() <= tokens


def test_no_compositions():
    assert list(length_buckets(Compositions.from_dicts([]), 10)) == []
