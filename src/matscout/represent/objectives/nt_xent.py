"""The two views of one material are the most similar of all in the batch: 3D Infomax and GraphCL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from matscout.errors import UsageError
from matscout.represent.trainable import EncoderOutput, Objective


class NtXent(Objective):
    r"""Normalised temperature-scaled cross entropy, :math:`-\ln \frac{e^{s_{ii} / \tau}}{\sum_j e^{s_{ij} / \tau}}`, s
    the cosine of the angle between vector i of one view and vector j of the other; the mean of both directions.

    T. Chen et al. (doi:10.48550/arXiv.2002.05709). On two disturbed copies it is GraphCL (Y. You et al.,
    doi:10.48550/arXiv.2010.13902), on compositions and their structures 3D Infomax (H. Stärk et al.,
    doi:10.48550/arXiv.2110.04126); equations 13 and 15 of doi:10.48550/arXiv.2312.13289. Polymorphs in a batch are no
    false pairs: they are left out of the sum.

    Parameters
    ----------
    widths
        Encoder -> length of its vectors, all equal.
    temperature
        tau.
    """

    fewest: ClassVar[int] = 2

    def __init__(self, widths: Mapping[str, int], temperature: float = 0.1) -> None:
        super().__init__(widths=dict(widths), temperature=temperature)
        if len({*widths.values()}) != 1 or not temperature > 0:
            raise UsageError(
                "objective nt-xent compares encoders of one width, with objective.temperature above 0; "
                f"got {dict(widths)}, {temperature:g}"
            )
        self.temperature = temperature

    def forward(self, outputs: Mapping[str, EncoderOutput], batches: Mapping[str, Any]) -> dict[str, Tensor]:
        """Loss, and the share of materials whose own other side is the nearest (``found``); 0 of an empty batch."""
        if len(outputs) != 2:
            raise UsageError(f"objective nt-xent compares two views; the view gave {', '.join(outputs)}")
        one, two = (functional.normalize(output.crystal.float(), dim=1) for output in outputs.values())
        own = next(
            (
                compositions
                for batch in batches.values()
                if (compositions := getattr(batch, "compositions", None)) is not None
            ),
            None,
        )
        if own is not None:
            one = one[own]
        with torch.autocast(one.device.type, enabled=False):
            scores = one @ two.T / self.temperature
        if not len(scores):
            return {"loss": scores.sum(), "found": scores.detach().sum()}
        here = torch.eye(len(scores), dtype=torch.bool, device=scores.device)
        if own is not None:
            scores = scores.masked_fill((own[:, None] == own) & ~here, -torch.inf)
        right = torch.arange(len(scores), device=scores.device)
        loss = 0.5 * (functional.cross_entropy(scores, right) + functional.cross_entropy(scores.T, right))
        return {"loss": loss, "found": (scores.argmax(dim=1) == right).float().mean()}
