"""NT-Xent against equations 13 and 15 of PolySRL in plain loops."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
import torch

from matscout.errors import UsageError
from matscout.represent.objectives.nt_xent import NtXent
from matscout.represent.trainable import EncoderOutput


def cosine(one: torch.Tensor, other: torch.Tensor) -> float:
    return torch.nn.functional.cosine_similarity(one, other, dim=0).item()


def in_loops(one: torch.Tensor, two: torch.Tensor, same: list[int], temperature: float) -> float:
    total, n = 0.0, len(one)
    for first, second in ((one, two), (two, one)):
        for i in range(n):
            allowed = [j for j in range(n) if j == i or same[j] != same[i]]
            below = sum(math.exp(cosine(first[i], second[j]) / temperature) for j in allowed)
            total -= math.log(math.exp(cosine(first[i], second[i]) / temperature) / below) / (2 * n)
    return total


def test_two_copies_of_each() -> None:
    torch.manual_seed(0)
    one, two = torch.randn(6, 4), torch.randn(6, 4)
    found = NtXent({"composition": 4}, temperature=0.5)({"a": EncoderOutput(one), "b": EncoderOutput(two)}, {})
    assert found["loss"].item() == pytest.approx(in_loops(one, two, list(range(6)), 0.5), rel=1e-5)
    nearest = [max(range(6), key=lambda j: cosine(one[i], two[j])) for i in range(6)]
    assert found["found"].item() == pytest.approx(sum(j == i for i, j in enumerate(nearest)) / 6)


def test_polymorphs_are_no_false_pairs() -> None:
    torch.manual_seed(0)
    own = [0, 1, 0, 2, 1]
    told, structures = torch.randn(3, 4), torch.randn(5, 4)
    outputs = {"composition": EncoderOutput(told), "structure": EncoderOutput(structures)}
    batches = {"composition": None, "structure": SimpleNamespace(compositions=torch.tensor(own))}
    found = NtXent({"composition": 4, "structure": 4}, temperature=0.2)(outputs, batches)["loss"]
    assert found.item() == pytest.approx(in_loops(told[own], structures, own, 0.2), rel=1e-5)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(UsageError, match="compares two views; the view gave as-given"):
        NtXent({"composition": 4})({"as-given": EncoderOutput(torch.randn(3, 4))}, {})
    with pytest.raises(UsageError, match="temperature above 0"):
        NtXent({"composition": 4}, temperature=0.0)


def test_an_empty_batch_costs_nothing() -> None:
    nothing = torch.zeros(0, 5, requires_grad=True)
    found = NtXent({"a": 5, "b": 5})({"a": EncoderOutput(nothing), "b": EncoderOutput(nothing)}, {"a": None, "b": None})
    assert {name: float(value.detach()) for name, value in found.items()} == {"loss": 0.0, "found": 0.0}
    found["loss"].backward()
