"""Batches of compositions: nothing padded, nothing lost, in any order asked for."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.represent.composition_arrays import by_length
from matscout.represent.composition_batches import CompositionBatch, CompositionStore

ROWS = st.lists(
    st.dictionaries(st.sampled_from(SYMBOLS), st.floats(0.01, 9.0), min_size=1, max_size=6), min_size=1, max_size=12
)


def rows_of(batch: CompositionBatch) -> list[dict[int, float]]:
    """Element -> fraction of each composition, by walking through the tokens one by one."""
    lengths = [k for count, k in batch.blocks for _ in range(count)]
    tokens = iter(zip(batch.elements.tolist(), batch.fractions.tolist(), strict=True))
    return [dict(next(tokens) for _ in range(length)) for length in lengths]


def expected_rows(compositions: Compositions, order: np.ndarray) -> list[dict[int, float]]:
    return [{int(z): float(np.float32(row[z])) for z in np.flatnonzero(row)} for row in compositions.dense()[order]]


@given(ROWS)
def test_a_batch_holds_its_compositions(rows):
    compositions = Compositions.from_dicts(rows)
    order = by_length(compositions)
    batch = CompositionBatch.from_compositions(compositions[order])
    assert len(batch) == len(rows)
    assert rows_of(batch) == expected_rows(compositions, order)


@given(ROWS, st.data())
def test_a_store_gives_any_rows(rows, data):
    compositions = Compositions.from_dicts(rows)
    labels = np.arange(len(rows), dtype=np.float32)[:, None]
    asked = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1))
    batch = CompositionStore(compositions, labels).batch(asked)
    order = batch.labels.ravel().numpy().astype(int)
    assert sorted(order.tolist()) == sorted(asked)
    assert rows_of(batch) == expected_rows(compositions, order)


def test_rectangles_and_sums():
    compositions = Compositions.from_dicts([{"Fe": 1}, {"O": 1}, {"Fe": 2, "O": 3}])
    batch = CompositionBatch.from_compositions(compositions)
    tokens = torch.arange(8.0).view(4, 2)
    assert [tuple(part.shape) for part in batch.rectangles(tokens)] == [(2, 1, 2), (1, 2, 2)]
    assert batch.sums(tokens).tolist() == [[0, 1], [2, 3], [10, 12]]


def test_unsorted_compositions_are_refused():
    with pytest.raises(ValueError, match="sorted by their number of elements"):
        CompositionBatch.from_compositions(Compositions.from_dicts([{"Fe": 2, "O": 3}, {"Fe": 1}]))
