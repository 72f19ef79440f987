"""Attention between all sites of a crystal, then a mean over the sites (Site-Net, reduced)."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from matscout.represent.crystal_batches import CrystalBatch, in_parts, summed, taken
from matscout.represent.crystal_encoder import CrystalEncoder, layer
from matscout.represent.inference.site_net import BOUND
from matscout.represent.site_properties import SIZE


class SiteNet(CrystalEncoder):
    r"""Local environments :math:`s_i = W_S \sum_j a_{ij} g(b_{ij})`, :math:`a_{ij} = softmax_j f(b_{ij})`; their mean.

    A bond :math:`b_{ij} = [x_i; x_j; e_{ij}]` holds what is on both sites and how far they are apart. The crystal
    vector is a linear layer on the mean over the sites of a network of :math:`s_i`. M. Moran et al., Digital Discovery
    2023, doi:10.1039/D3DD00005B, as reduced for Deep InfoMax (doi:10.1039/D4DD00202D). Each distinct site and each kind
    of neighbour is computed once, weighted by how often it occurs, and the first layers act on both sites apart. Unlike
    there, f is bounded to -10..10, and SiLU stands in place of Mish, which looks alike and takes 17 times as long here.

    Parameters
    ----------
    width, pooled, isolated
        See :class:`~matscout.represent.crystal_encoder.CrystalEncoder`.
    site_width
        Length of the vector of a site, and of everything before it.
    """

    def __init__(self, width: int = 128, site_width: int = 64, pooled: int = 128, *, isolated: bool = False) -> None:
        super().__init__(width, site_width, pooled, isolated=isolated)
        self.site = layer(SIZE, site_width)
        self.distance = layer(1, site_width)
        self.receiver = nn.Linear(site_width, 2 * site_width)
        self.sender = nn.Linear(site_width, 2 * site_width, bias=False)
        self.between = nn.Linear(site_width, 2 * site_width, bias=False)
        self.normed = nn.LayerNorm(site_width)  # one for both: the linear layers that follow have factors of their own
        self.score = nn.Linear(site_width, 1)

    def seen(self, batch: CrystalBatch) -> Tensor:
        """What each row sees, weighted by its attention, [r, site_width]."""
        species, pairs = self.site(self.features(batch)), batch.pairs
        sender, receiver = self.sender(species), taken(self.receiver(species), batch.row_species)
        of_pairs = (pairs.kinds, pairs.distances[:, None], pairs.shares[:, None])
        parts = []
        for part, (rows, owning, kinds, distances, shares) in enumerate(in_parts(pairs.offsets, receiver, *of_pairs)):
            apart = batch.once(self, part, partial(self._apart, distances))
            hidden = taken(rows, owning).add_(taken(sender, kinds)).add_(apart)
            parts.append(self._attended(hidden, shares, owning, len(rows)))
        return torch.cat(parts)

    def _apart(self, distances: Tensor) -> Tensor:
        """What the distances [k, 1] of pairs add, [k, 2 site_width]."""
        return torch.as_tensor(self.between(self.distance(distances)))

    def _attended(self, hidden: Tensor, shares: Tensor, owning: Tensor, count: int) -> Tensor:
        """Means over pairs [k, 2 site_width] of the same of ``count`` rows, by their attention."""
        for_score, value = self.normed(functional.silu(hidden).view(len(hidden), 2, -1)).unbind(dim=1)
        # Bounded scores need no subtraction of the largest.
        weights = shares * torch.exp(BOUND * torch.tanh(self.score(for_score) / BOUND))
        return torch.as_tensor(summed(weights * value, owning, count) / summed(weights, owning, count))
