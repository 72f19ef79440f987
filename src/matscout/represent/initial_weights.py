"""Weights that a network begins with."""

from __future__ import annotations

from torch import nn


def glorot(module: nn.Module) -> None:
    """Linear layers as X. Glorot and Y. Bengio have them (2010, normalised initialisation), without biases."""
    for part in module.modules():
        if isinstance(part, nn.Linear):
            nn.init.xavier_uniform_(part.weight)
            if part.bias is not None:
                nn.init.zeros_(part.bias)
