"""Rows taken from tensors, with the gradient of an index, the same in every run; ranges in parts."""

from __future__ import annotations

from collections.abc import Iterator
from unittest import mock

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from matscout.represent.crystal_batches import in_parts, taken


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
def test_parts_hold_all_ranges_and_things_in_their_order_and_not_many(counts: list[int], most: int) -> None:
    offsets = torch.tensor([0, *counts]).cumsum(0)
    of_ranges, of_things = torch.arange(len(counts)), torch.arange(int(offsets[-1])) * 10
    with mock.patch("matscout.represent.crystal_batches.AT_ONCE", most):
        parts = list(in_parts(offsets, of_ranges, of_things))
    nothing = torch.zeros(0, dtype=torch.int64)
    assert torch.cat([nothing, *(ours for ours, _, _ in parts)]).tolist() == of_ranges.tolist()
    assert torch.cat([nothing, *(things for _, _, things in parts)]).tolist() == of_things.tolist()
    owners = [row for row, count in enumerate(counts) for _ in range(count)]
    assert torch.cat([nothing, *(ours[owning] for ours, owning, _ in parts)]).tolist() == owners
    assert max((len(things) for _, _, things in parts), default=0) < most + max(counts, default=0) + 1
