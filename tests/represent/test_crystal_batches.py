"""Rows taken from tensors, with the gradient of an index, the same in every run; ranges in parts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from matscout.represent.crystal_batches import parts_of, taken


@pytest.fixture
def several_threads() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(4)
    yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("several_threads")
def test_the_gradient_of_what_is_taken_is_that_of_an_index_and_the_same_again() -> None:
    generator = torch.Generator().manual_seed(0)
    values = torch.randn(40, 8, generator=generator, dtype=torch.float64, requires_grad=True)
    rows = torch.randint(40, (100_000,), generator=generator)
    weights = torch.randn(len(rows), 8, generator=generator, dtype=torch.float64)
    gradients = [torch.autograd.grad((taken(values, rows) * weights).sum(), values)[0] for _ in range(5)]
    by_index = torch.zeros_like(values).index_add(0, rows, weights).detach()
    torch.testing.assert_close(gradients[0], by_index)
    assert all(torch.equal(again, gradients[0]) for again in gradients)


@given(st.lists(st.integers(0, 9), max_size=30), st.integers(1, 12))
def test_parts_hold_all_ranges_in_their_order_and_not_many_things(counts: list[int], most: int) -> None:
    ranges, things = parts_of(torch.tensor([0, *counts]).cumsum(0), most)
    assert sum(ranges) == len(counts)
    ends = torch.tensor([0, *ranges]).cumsum(0).tolist()
    assert things == [sum(counts[first:last]) for first, last in pairwise(ends)]
    assert max(things, default=0) < most + max(counts, default=0) + 1
