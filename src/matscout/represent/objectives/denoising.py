"""Recover what was done to a crystal: which elements were masked, and how far it was strained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from matscout.data.elements import N_ELEMENTS
from matscout.errors import UsageError
from matscout.represent.base import Needs
from matscout.represent.crystal_batches import Answers, CrystalBatch, taken
from matscout.represent.crystal_encoder import require_site_width
from matscout.represent.trainable import EncoderOutput, Objective


class Denoising(Objective):
    """Cross entropy of hidden elements, and the squared error of the strain in units of its spread.

    An element is told from the vectors of its site and of the crystal, the strain from that of the crystal. For
    crystals disturbed by the view ``disturbed-crystals``.

    Parameters
    ----------
    widths
        Encoder -> length of its crystal vectors; there is one encoder.
    site_width
        Length of its site vectors.
    strain_weight
        What the strain counts beside the elements.
    """

    needs: ClassVar[Needs | None] = "structure"

    def __init__(self, widths: Mapping[str, int], site_width: int = 64, strain_weight: float = 1.0) -> None:
        super().__init__(widths=dict(widths), site_width=site_width, strain_weight=strain_weight)
        if strain_weight < 0:
            raise UsageError(f"objective.strain_weight is not below 0; got {strain_weight:g}")
        (width,) = widths.values()
        self.site_width, self.strain_weight = site_width, strain_weight
        self.of_element = nn.Sequential(
            nn.Linear(site_width + width, 128), nn.SiLU(), nn.LayerNorm(128), nn.Linear(128, N_ELEMENTS)
        )
        self.of_strain = nn.Sequential(nn.Linear(width, 64), nn.SiLU(), nn.LayerNorm(64), nn.Linear(64, 1))

    def forward(self, outputs: Mapping[str, EncoderOutput], batches: Mapping[str, Any]) -> dict[str, Tensor]:
        """Loss and its parts, ``elements`` and ``strain``; there are no ``elements`` if none was hidden."""
        pairs = [(output, batches[copy]) for copy, output in outputs.items()]
        strain = torch.stack([self._strain(output, batch) for output, batch in pairs]).mean()
        losses = [loss for output, batch in pairs if len(loss := self._element_losses(output, batch))]
        if not losses:
            return {"loss": self.strain_weight * strain, "strain": strain}
        elements = torch.stack([loss.mean() for loss in losses]).mean()
        return {"loss": elements + self.strain_weight * strain, "elements": elements, "strain": strain}

    def measures(self, outputs: Mapping[str, EncoderOutput], batches: Mapping[str, Any]) -> dict[str, Tensor]:
        """1 for each hidden element that is found, 0 for each other one; absolute error of each strain."""
        right, errors = [], []
        for copy, output in outputs.items():
            batch: CrystalBatch = batches[copy]
            hidden, answers = self._hidden(batch)
            right.append((self._elements(output, batch, hidden).argmax(dim=1) == answers.elements[hidden]).float())
            errors.append((self.of_strain(output.crystal)[:, 0] - answers.strain).abs())
        return {"accuracy of hidden elements": torch.cat(right), "MAE of the strain / its spread": torch.cat(errors)}

    def _element_losses(self, output: EncoderOutput, batch: CrystalBatch) -> Tensor:
        hidden, answers = self._hidden(batch)
        scores = self._elements(output, batch, hidden)
        return functional.cross_entropy(scores, answers.elements[hidden], reduction="none")

    def _strain(self, output: EncoderOutput, batch: CrystalBatch) -> Tensor:
        _, answers = self._hidden(batch)
        return torch.as_tensor((self.of_strain(output.crystal)[:, 0] - answers.strain).square().mean())

    def _elements(self, output: EncoderOutput, batch: CrystalBatch, rows: Tensor) -> Tensor:
        sites = require_site_width(output, self.site_width)
        inputs = torch.cat([taken(sites, rows), taken(output.crystal, batch.row_crystals[rows])], dim=1)
        return torch.as_tensor(self.of_element(inputs))

    @staticmethod
    def _hidden(batch: CrystalBatch) -> tuple[Tensor, Answers]:
        if batch.answers is None:
            raise UsageError("objective denoising needs the view disturbed-crystals; got another view")
        return torch.nonzero(batch.answers.elements >= 0)[:, 0], batch.answers
