"""Barlow Twins against its equation in loops."""

from __future__ import annotations

import pytest
import torch

from matscout.errors import UsageError
from matscout.represent.objectives.barlow_twins import BarlowTwins
from matscout.represent.trainable import EncoderOutput


def test_the_loss_is_that_of_the_paper_in_loops() -> None:
    torch.manual_seed(0)
    objective = BarlowTwins({"crystal": 4}, projected=3, redundancy=0.1)
    one, two = torch.randn(20, 4), torch.randn(20, 4)
    parts = objective({"a": EncoderOutput(one), "b": EncoderOutput(two)}, {})
    left, right = objective.projector(one), objective.projector(two)
    loss = torch.zeros(())
    for i in range(3):
        for j in range(3):
            correlation = torch.corrcoef(torch.stack([left[:, i], right[:, j]]))[0, 1]
            loss = loss + ((1 - correlation) ** 2 if i == j else 0.1 * correlation**2) / 3
    torch.testing.assert_close(parts["loss"], loss, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(parts["loss"], parts["difference"] + 0.1 * parts["redundancy"])


def test_it_wants_two_copies() -> None:
    with pytest.raises(UsageError, match="compares two copies; the view gave as-given"):
        BarlowTwins({"crystal": 4})({"as-given": EncoderOutput(torch.randn(5, 4))}, {})
