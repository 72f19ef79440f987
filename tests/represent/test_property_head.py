"""The head of fine-tuning measures labels in units of their own spread, however small their unit makes them."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="pip install 'matscout[torch]'")

from matscout.represent.property_head import PropertyHead  # noqa: E402 - after the check


@pytest.mark.parametrize("factor", [1.0, 1e-12, 1e-30, 1e12])
def test_tiny_labels_are_told_apart(factor: float) -> None:
    generator = torch.Generator().manual_seed(1)
    crystal, values = torch.randn(40, 6, generator=generator), torch.rand(40, 1, generator=generator)
    head = PropertyHead(6)
    head.adapt(crystal, torch.cat([factor * values, torch.ones(40, 1)], dim=1))
    assert head.get_buffer("output_center").item() == pytest.approx(factor * values.mean().item(), rel=1e-5)
    assert head.get_buffer("output_scale").item() == pytest.approx(factor * values.std(correction=0).item(), rel=1e-4)


def test_equal_labels_have_no_spread() -> None:
    head = PropertyHead(6)
    head.adapt(torch.zeros(8, 6), torch.full((8, 2), 3.0))
    assert head.get_buffer("output_scale").item() == 1.0
    assert head.get_buffer("input_scale").tolist() == [1.0] * 6
