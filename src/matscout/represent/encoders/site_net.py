"""Attention of each site to all others of a crystal, then a mean over the sites (Site-Net, reduced)."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from matscout.represent.base import Needs
from matscout.represent.crystal_batches import CrystalBatch, taken
from matscout.represent.site_features import SIZE, SiteFeatures
from matscout.represent.trainable import Encoder, EncoderOutput


class SiteNet(Encoder):
    r"""Local environments :math:`s_i = W_S \sum_j a_{ij} g(b_{ij})`, :math:`a_{ij} = softmax_j f(b_{ij})`; their mean.

    A bond :math:`b_{ij} = [x_i; x_j; e_{ij}]` holds what is on both sites and how far they are apart. The crystal
    vector is a linear layer on the mean over the sites of a network of :math:`s_i`. M. Moran et al., Digital Discovery
    2023, doi:10.1039/D3DD00005B, as reduced for Deep InfoMax (doi:10.1039/D4DD00202D). Each distinct site and each kind
    of neighbour is computed once, weighted by how often it occurs, and the first layers act on both sites apart. Unlike
    there, f is bounded to -10..10.

    Parameters
    ----------
    width
        Length of the crystal vector.
    site_width
        Length of the vector of a site, and of everything before it.
    pooled
        Length of what is averaged over the sites.
    isolated
        Whether nothing that is asked of the crystal vector reaches what makes the sites, as in Deep InfoMax.
    """

    needs: ClassVar[Needs] = "structure"

    def __init__(self, width: int = 128, site_width: int = 64, pooled: int = 128, *, isolated: bool = False) -> None:
        super().__init__(width, site_width=site_width, pooled=pooled, isolated=isolated)
        self.isolated = isolated
        self.features = SiteFeatures()
        self.site = _layer(SIZE, site_width)
        self.distance = _layer(1, site_width)
        self.receiver = nn.Linear(site_width, 2 * site_width)
        self.sender = nn.Linear(site_width, 2 * site_width, bias=False)
        self.between = nn.Linear(site_width, 2 * site_width, bias=False)
        self.score = nn.Sequential(nn.Mish(), nn.LayerNorm(site_width), nn.Linear(site_width, 1))
        self.value = nn.Sequential(nn.Mish(), nn.LayerNorm(site_width))
        self.environment = nn.Linear(site_width, site_width)
        self.environment_log_variance = nn.Linear(site_width, site_width)
        self.before_mean = nn.Sequential(_layer(site_width, site_width), _layer(site_width, pooled))
        self.crystal = nn.Linear(pooled, width)
        self.crystal_log_variance = nn.Linear(pooled, width)

    @property
    def listed(self) -> Tensor:
        """Elements of which the table ``sites`` knows everything."""
        return self.features.listed

    def forward(self, batch: Any) -> EncoderOutput:
        """Encode the n crystals of a :class:`~matscout.represent.crystal_batches.CrystalBatch`."""
        with torch.set_grad_enabled(torch.is_grad_enabled() and not batch.made_up):
            seen = self._seen(batch)
            sites = self.environment(seen)
            mean = batch.over_rows(self.before_mean(sites.detach() if self.isolated else sites))
            return EncoderOutput(
                self.crystal(mean),
                log_variance=self.crystal_log_variance(mean),
                sites=sites,
                site_log_variance=self.environment_log_variance(seen),
            )

    def _seen(self, batch: CrystalBatch) -> Tensor:
        """What each row sees, weighted by its attention, [r, site_width]."""
        species, pairs = self.site(self.features(batch)), batch.pairs
        hidden = taken(taken(self.receiver(species), batch.row_species), pairs.rows)
        hidden = hidden + taken(self.sender(species), pairs.kinds)
        hidden = hidden + self.between(self.distance(pairs.distances[:, None]))
        for_score, for_value = hidden.chunk(2, dim=1)
        # Bounded scores need no subtraction of the largest.
        weights = pairs.shares[:, None] * torch.exp(10.0 * torch.tanh(self.score(for_score) / 10.0))
        totals = batch.over_pairs(weights)
        return torch.as_tensor(batch.over_pairs(weights * self.value(for_value)) / totals)


def _layer(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, outputs), nn.Mish(), nn.LayerNorm(outputs))
