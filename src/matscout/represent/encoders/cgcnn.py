"""Several rounds of gated messages between neighbouring sites, as in CGCNN."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from matscout.data.elements import N_ELEMENTS
from matscout.errors import UsageError
from matscout.represent.crystal_batches import CrystalBatch, taken
from matscout.represent.crystal_encoder import CrystalEncoder
from matscout.represent.inference.cgcnn import GAUSSIANS, REACH
from matscout.represent.site_properties import SIZE


class Cgcnn(CrystalEncoder):
    """Sites know their element, then ``layers`` rounds of messages from the sites around them.

    T. Xie and J. C. Grossman, Phys. Rev. Lett. 120, 145301 (2018), doi:10.1103/PhysRevLett.120.145301. Differences: an
    element is a learned vector and its nine properties; layer normalisation stands in place of batch normalisation, so
    that a vector does not depend on the batch; the mean is taken over neighbours, not the sum; sites that are alike are
    computed once, and what the gates and messages make of both sites once for each site. Where only some of a shell of
    sites of one element are among the nearest, which of them depends on how the cell is written, as in the original.

    Parameters
    ----------
    width, site_width, pooled, isolated
        See :class:`~matscout.represent.crystal_encoder.CrystalEncoder`.
    layers
        Rounds of messages.
    """

    centres: Tensor

    def __init__(
        self, width: int = 128, site_width: int = 64, pooled: int = 128, *, layers: int = 3, isolated: bool = False
    ) -> None:
        if layers < 1:
            raise UsageError(f"cgcnn needs at least one round of messages; got layers={layers}")
        super().__init__(width, site_width, pooled, isolated=isolated, layers=layers)
        self.from_properties = nn.Linear(SIZE, site_width)
        self.from_element = nn.Embedding(N_ELEMENTS + 1, site_width)
        self.rounds = nn.ModuleList([_GatedMessages(site_width) for _ in range(layers)])
        self.register_buffer("centres", torch.linspace(0.0, REACH, GAUSSIANS), persistent=False)

    def seen(self, batch: CrystalBatch) -> Tensor:
        """What each row has learned of what is around it, [r, site_width]."""
        if batch.site_rows is None:
            raise UsageError("cgcnn encodes false crystals only if every site has its own row: data.merged=false")
        species = self.from_properties(self.features(batch)) + self.from_element(batch.elements)
        sites, senders = taken(species, batch.row_species), batch.site_rows[batch.places.kinds]
        spread = self.centres[1]
        bonds = torch.exp(-(((batch.places.distances[:, None] - self.centres) / spread) ** 2))
        for messages in self.rounds:
            sites = messages(sites, senders, bonds, batch)
        return sites


class _GatedMessages(nn.Module):
    r"""One round: :math:`v_i \leftarrow g(v_i + N(mean_j \sigma(W_f z_{ij}) \odot g(W_s z_{ij})))`, z the two sites and
    their distance, g the softplus, N a layer normalisation (equation 5 of CGCNN).
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.receiver = nn.Linear(width, 2 * width)
        self.sender = nn.Linear(width, 2 * width, bias=False)
        self.bond = nn.Linear(GAUSSIANS, 2 * width, bias=False)
        self.before, self.after = nn.LayerNorm(2 * width), nn.LayerNorm(width)

    def forward(self, sites: Tensor, senders: Tensor, bonds: Tensor, batch: CrystalBatch) -> Tensor:
        """[r, width] -> [r, width]."""
        hidden = taken(self.receiver(sites), batch.places.rows) + taken(self.sender(sites), senders) + self.bond(bonds)
        gate, message = self.before(hidden).chunk(2, dim=1)
        weighted = batch.places.shares[:, None] * gate.sigmoid() * functional.softplus(message)
        return functional.softplus(sites + self.after(batch.over_places(weighted)))
