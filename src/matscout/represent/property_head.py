"""A small new head on an encoder, which learns one property from few labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from matscout.represent.base import Needs
from matscout.represent.losses import smooth_absolute
from matscout.represent.trainable import EncoderOutput, Objective

CONSTANT = 1e-6
"""Columns of inputs that spread less are constant, and so are labels that spread less in units of the largest."""


class PropertyHead(Objective):
    """From crystal vector and context through 64 units to a number, or to a score for each class.

    Parameters
    ----------
    width
        Length of the crystal vector.
    context
        Columns of the context.
    classes
        Number of classes; 0 for a number.
    squared
        Whether numbers are judged by their squared error, not by the absolute one.
    """

    needs: ClassVar[Needs | None] = "structure"

    def __init__(self, width: int, context: int = 0, classes: int = 0, *, squared: bool = False) -> None:
        super().__init__(width=width, context=context, classes=classes, squared=squared)
        self.classes, self.squared = classes, squared
        self.layers = nn.Sequential(nn.Linear(width + context, 64), nn.SiLU(), nn.Linear(64, max(classes, 1)))
        # Inputs and numbers are brought to mean 0 and spread 1 over the crystals that are learned from.
        for name, size in (("input", width + context), ("output", 1)):
            self.register_buffer(f"{name}_center", torch.zeros(size))
            self.register_buffer(f"{name}_scale", torch.ones(size))

    def adapt(self, crystal: Tensor, labels: Tensor) -> None:
        """Take centres and spreads from vectors [n, width] and labels [n, 2 + k] of the crystals that are learned from.

        The columns of labels are value (or position of the class), weight, and context.
        """
        inputs = torch.cat([crystal, labels[:, 2:]], dim=1)
        self._set("input", inputs, least=CONSTANT)
        if not self.classes:
            # Relative: a property may be tiny in its unit.
            self._set("output", labels[:, :1], least=CONSTANT * float(labels[:, 0].abs().max()))

    def forward(self, outputs: Mapping[str, EncoderOutput], batches: Mapping[str, Any]) -> dict[str, Tensor]:
        """The mean loss, weighted."""
        ((view, output),) = outputs.items()
        labels = batches[view].labels
        raw, values, weights = self._raw(output.crystal, labels[:, 2:]), labels[:, 0], labels[:, 1]
        if self.classes:
            losses = functional.cross_entropy(raw, values.long(), reduction="none")
        else:
            targets = (values - self._of("output_center")) / self._of("output_scale")
            losses = (raw[:, 0] - targets).square() if self.squared else smooth_absolute(raw[:, 0], targets, 0.2)
        return {"loss": (losses * weights).sum() / weights.sum()}

    def predict(self, crystal: Tensor, context: Tensor) -> Tensor:
        """Numbers in their unit [n, 1], or probabilities of classes [n, c]."""
        raw = self._raw(crystal, context)
        return raw.softmax(dim=1) if self.classes else raw * self._of("output_scale") + self._of("output_center")

    def _raw(self, crystal: Tensor, context: Tensor) -> Tensor:
        inputs = (torch.cat([crystal, context], dim=1) - self._of("input_center")) / self._of("input_scale")
        return torch.as_tensor(self.layers(inputs))

    def _of(self, name: str) -> Tensor:
        return self.get_buffer(name)

    def _set(self, name: str, values: Tensor, *, least: float) -> None:
        """Centre and spread of columns [n, d]; those that spread by no more than ``least`` count as constant."""
        # In double precision, since squares of tiny numbers vanish in single precision.
        wide = values.double()
        spread = wide.std(dim=0, correction=0)
        self._of(f"{name}_center").copy_(wide.mean(dim=0))
        self._of(f"{name}_scale").copy_(torch.where(spread > least, spread, torch.ones_like(spread)))
