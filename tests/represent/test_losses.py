"""The loss formulas against a transcription in plain loops."""

from __future__ import annotations

import math

import pytest
import torch

from matscout.represent.losses import cross_entropy_of_two, smooth_absolute, weighted_mean

NAN = math.nan
PREDICTED = [[0.0, 1.0, -2.0], [0.3, 5.0, 0.1], [-0.15, 0.2, 40.0]]
TARGET = [[0.05, NAN, 1.0], [NAN, -1.0, 0.0], [0.0, 0.2, -40.0]]


def loop_smooth_absolute(rounding: float) -> list[list[float]]:
    rows = []
    for predicted, target in zip(PREDICTED, TARGET, strict=True):
        row = []
        for p, t in zip(predicted, target, strict=True):
            if math.isnan(t):
                row.append(0.0)
            elif abs(t - p) < rounding:
                row.append((t - p) ** 2 / (2 * rounding))
            else:
                row.append(abs(t - p) - rounding / 2)
        rows.append(row)
    return rows


@pytest.mark.parametrize("rounding", [0.01, 0.2, 1.0])
def test_smooth_absolute_is_the_formula(rounding):
    found = smooth_absolute(torch.tensor(PREDICTED, dtype=torch.float64), torch.tensor(TARGET), rounding)
    torch.testing.assert_close(found, torch.tensor(loop_smooth_absolute(rounding), dtype=torch.float64))


def test_cross_entropy_is_the_formula():
    target = [[1.0, NAN, 0.0], [NAN, 0.0, 1.0], [0.0, 1.0, 1.0]]
    expected = []
    for logits, labels in zip(PREDICTED, target, strict=True):
        row = []
        for z, y in zip(logits, labels, strict=True):
            if math.isnan(y):
                row.append(0.0)
            else:
                yes = 1 / (1 + math.exp(-z))
                row.append(-math.log(yes) if y == 1 else -math.log1p(-yes))
        expected.append(row)
    found = cross_entropy_of_two(
        torch.tensor(PREDICTED, dtype=torch.float64), torch.tensor(target, dtype=torch.float64)
    )
    torch.testing.assert_close(found, torch.tensor(expected, dtype=torch.float64), rtol=1e-9, atol=1e-12)


def test_weighted_mean_is_the_formula():
    losses, weights = [[1.0, 2.0], [0.0, 4.0], [3.0, 0.0]], [0.5, 0.25]
    expected = sum(w * loss for row in losses for w, loss in zip(weights, row, strict=True)) / 3
    assert float(weighted_mean(torch.tensor(losses), torch.tensor(weights))) == pytest.approx(expected)


def test_blanks_pull_nowhere():
    predicted = torch.tensor(PREDICTED, requires_grad=True)
    target = torch.tensor(TARGET)
    (smooth_absolute(predicted, target, 0.2) + cross_entropy_of_two(predicted, target.clamp(0, 1))).sum().backward()
    assert predicted.grad is not None
    assert predicted.grad.isfinite().all()
    assert (predicted.grad[target.isnan()] == 0).all()
