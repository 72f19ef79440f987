"""Rows taken from tensors: the gradient is that of an index, and the same in every run."""

from __future__ import annotations

import torch

from matscout.represent.crystal_batches import taken


def test_the_gradient_of_what_is_taken_is_that_of_an_index_and_the_same_again() -> None:
    generator = torch.Generator().manual_seed(0)
    values = torch.randn(40, 8, generator=generator, dtype=torch.float64, requires_grad=True)
    rows = torch.randint(40, (100_000,), generator=generator)
    weights = torch.randn(len(rows), 8, generator=generator, dtype=torch.float64)
    gradients = [torch.autograd.grad((taken(values, rows) * weights).sum(), values)[0] for _ in range(5)]
    by_index = torch.zeros_like(values).index_add(0, rows, weights).detach()
    torch.testing.assert_close(gradients[0], by_index)
    assert all(torch.equal(again, gradients[0]) for again in gradients)
