"""The nine numbers by which Site-Net and Deep InfoMax know what is on a site."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from matscout.represent.crystal_batches import CrystalBatch
from matscout.represent.site_properties import described_elements, site_properties


class SiteFeatures(nn.Module):
    """Looks the properties of the table ``sites`` up; nothing of it is learned or stored. A hidden element has 0s."""

    properties: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("properties", torch.from_numpy(site_properties().copy()), persistent=False)

    @property
    def listed(self) -> Tensor:
        """Elements of which the table knows everything, bool [118]."""
        return torch.from_numpy(described_elements().copy())

    def forward(self, batch: CrystalBatch) -> Tensor:
        """Nine numbers of each species of the batch, [q, 9]."""
        return torch.cat([functional.embedding(batch.elements, self.properties), batch.states[:, None]], dim=1)
