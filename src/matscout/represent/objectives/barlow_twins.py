"""Two disturbed copies of a material get the same vector, and no two components are redundant (Barlow Twins)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from matscout.errors import UsageError
from matscout.represent.trainable import EncoderOutput, Objective


class BarlowTwins(Objective):
    r"""Loss :math:`\sum_i (1 - C_{ii})^2 + \lambda \sum_{i \neq j} C_{ij}^2`, divided by the number of components.

    C holds the correlations over the batch between the components of the projected vectors of one copy and of the
    other. J. Zbontar et al., doi:10.48550/arXiv.2103.03230; for crystals R. Magar et al., npj Comput. Mater. 8, 231
    (2022), doi:10.1038/s41524-022-00921-5. Needs a view of two copies (``disturbed-crystals`` with ``view.copies=2``).

    Parameters
    ----------
    widths
        Encoder -> length of its crystal vectors; there is one encoder.
    projected
        Length of the projected vectors.
    redundancy
        lambda.
    """

    def __init__(self, widths: Mapping[str, int], projected: int = 256, redundancy: float = 0.0051) -> None:
        super().__init__(widths=dict(widths), projected=projected, redundancy=redundancy)
        if projected < 1 or redundancy < 0:
            raise UsageError(
                "objective.projected is at least 1 and objective.redundancy not below 0; "
                f"got {projected} and {redundancy:g}"
            )
        (width,) = widths.values()
        self.redundancy = redundancy
        hidden = (nn.Linear(width, projected), nn.LayerNorm(projected), nn.SiLU())
        self.projector = nn.Sequential(*hidden, nn.Linear(projected, projected, bias=False))

    def forward(self, outputs: Mapping[str, EncoderOutput], batches: Mapping[str, Any]) -> dict[str, Tensor]:
        """Loss and its parts: ``difference`` of the copies and ``redundancy`` of the components."""
        if len(outputs) != 2:
            raise UsageError(f"objective barlow-twins compares two copies; the view gave {', '.join(outputs)}")
        one, two = (_standardised(self.projector(output.crystal).float()) for output in outputs.values())
        with torch.autocast(one.device.type, enabled=False):  # sums over a batch need single precision
            correlations = one.T @ two / len(one)
        own = correlations.diagonal()
        difference = (1.0 - own).square().mean()
        redundancy = (correlations.square().sum() - own.square().sum()) / len(own)
        return {"loss": difference + self.redundancy * redundancy, "difference": difference, "redundancy": redundancy}


def _standardised(vectors: Tensor) -> Tensor:
    """Each component with mean 0 and standard deviation 1 over the batch."""
    centred = vectors - vectors.mean(dim=0)
    return torch.as_tensor(centred / centred.square().mean(dim=0).add(1e-9).sqrt())
