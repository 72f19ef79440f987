"""The nine numbers by which Site-Net and Deep InfoMax know what is on a site."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from matscout.crystal.tables import own_table
from matscout.represent.crystal_batches import CrystalBatch

SCALES = (0.1, 0.1, 1.0, 1.0, 1.0, 10.0, 10.0, 0.001)
"""Factors to the eight properties of the table ``sites`` (the authors'); oxidation states stay as they are."""

SIZE = len(SCALES) + 1


class SiteFeatures(nn.Module):
    """Looks the properties of the table ``sites`` up; nothing of it is learned or stored. A hidden element has 0s."""

    properties: Tensor

    def __init__(self) -> None:
        super().__init__()
        values = own_table("sites").values * np.array(SCALES)
        values = np.concatenate([values, np.zeros((1, len(SCALES)))]).astype(np.float32)
        self.register_buffer("properties", torch.from_numpy(values), persistent=False)

    @property
    def listed(self) -> Tensor:
        """Elements of which the table knows everything, bool [118]."""
        return ~self.properties[:-1].isnan().any(dim=1)

    def forward(self, batch: CrystalBatch) -> Tensor:
        """Nine numbers of each species of the batch, [q, 9]."""
        return torch.cat([functional.embedding(batch.elements, self.properties), batch.states[:, None]], dim=1)
