"""Graph network of the positions of the sites of a crystal, without their elements, as in PolySRL."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from matscout.crystal.graphs import NEIGHBOURS
from matscout.errors import UsageError
from matscout.represent.base import Needs
from matscout.represent.crystal_batches import CrystalBatch, in_parts, summed, taken
from matscout.represent.inference.geometry_network import KNOT, REACH, STEP
from matscout.represent.initial_weights import glorot
from matscout.represent.trainable import Encoder, EncoderOutput


class GeometryNetwork(Encoder):
    r"""``layers`` rounds of :math:`e_{ij} \leftarrow e_{ij} + f([v_i, v_j, e_{ij}])`, :math:`v_i \leftarrow v_i +
    g([v_i, \sum_j e_{ij}])`; every site begins as the same learned vector, a bond as the Gaussians of its length.

    The structure encoder of N. Lee et al., Stoichiometry representation learning with polymorphic crystal structures
    (doi:10.48550/arXiv.2312.13289, eq. 7 and 8), with what only the authors' code says: 12 neighbours within 8 Å,
    Gaussians every 0.2 Å. Differences: a crystal is the mean over its sites, not the sum, so that a supercell is the
    crystal (the objective divides by the norm); sites that are alike are computed once.

    Parameters
    ----------
    width
        Length of the crystal vector.
    layers
        Rounds of messages.
    site_width
        Length of the vectors of sites and bonds, from whose mean a linear layer makes that of the crystal; None for
        the same length, without that layer, as in the paper. Work grows with its square.
    """

    needs: ClassVar[Needs] = "structure"
    sees_elements: ClassVar[bool] = False
    centres: Tensor

    def __init__(self, width: int = 200, layers: int = 3, site_width: int | None = None) -> None:
        own = width if site_width is None else site_width
        if min(width, layers, own) < 1:
            raise UsageError(
                f"geometry-network needs widths and layers of at least 1; got {width=}, {layers=}, {site_width=}"
            )
        super().__init__(width, layers=layers, site_width=site_width)
        self.register_buffer("centres", torch.arange(0.0, REACH + STEP / 2, STEP), persistent=False)
        self.site = nn.Parameter(torch.randn(own))
        self.bond = nn.Sequential(nn.Linear(len(self.centres), own), nn.PReLU(), nn.Linear(own, own))
        self.first = _Round(own)
        self.others = nn.ModuleList([_Round(own) for _ in range(layers - 1)])
        self.crystal = nn.Identity() if site_width is None else nn.Linear(own, width)
        glorot(self)

    def forward(self, batch: Any) -> EncoderOutput:
        """Encode the n crystals of a :class:`~matscout.represent.crystal_batches.CrystalBatch`."""
        if batch.site_rows is None:
            raise UsageError("geometry-network does not see elements: it cannot distinguish false crystals")
        counted = NEIGHBOURS * (batch.places.shares * (batch.places.distances <= REACH))
        bonds = self._after_first_round(batch.places.distances)
        sites = self.site.expand(len(batch.row_species), -1)
        sites = self.first.sites_changed(sites, batch.over_places(bonds * counted[:, None]))
        for one in self.others:
            sites, bonds = one(sites, bonds, counted, batch)
        return EncoderOutput(self.crystal(batch.over_rows(sites)), sites=sites)

    def _after_first_round(self, lengths: Tensor) -> Tensor:
        """What the first round makes of bonds of these lengths [k], Å, between sites that are alike, [k, width]."""
        # One knot before the first length, and two after the last one.
        knots = KNOT * torch.arange(-1, round(REACH / KNOT) + 3, dtype=lengths.dtype, device=lengths.device)
        bonds = self.bond(torch.exp(-(((knots[:, None] - self.centres) / STEP) ** 2)))
        return _interpolated(self.first.bonds_changed(self.site, bonds), lengths.clamp_max(REACH) / KNOT)


def _interpolated(values: Tensor, places: Tensor) -> Tensor:
    """Cubic interpolation at places [k] between values [m, width] at -1, 0, 1, ..., [k, width]."""
    below = places.floor()
    t = places - below
    # Lagrange's polynomials of the four values around a place.
    shares = (
        -t * (t - 1) * (t - 2) / 6,
        (t + 1) * (t - 1) * (t - 2) / 2,
        -(t + 1) * t * (t - 2) / 2,
        (t + 1) * t * (t - 1) / 6,
    )
    used = below.long()[:, None] + torch.arange(4, device=places.device)
    # A mean of four needs single precision also where networks have less.
    values = values.to(places.dtype)
    return functional.embedding_bag(used, values, per_sample_weights=torch.stack(shares, dim=1), mode="sum")


class _Round(nn.Module):
    """One round of messages.

    The first layer of f acts on its three inputs apart: of the sites once for each, and only the sum for each bond.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.receiver = nn.Linear(width, 2 * width)
        self.sender = nn.Linear(width, 2 * width, bias=False)
        self.between = nn.Linear(width, 2 * width, bias=False)
        self.to_bond = _rest(width)
        self.to_site = nn.Sequential(nn.Linear(2 * width, 2 * width), *_rest(width))

    def bonds_changed(self, site: Tensor, bonds: Tensor) -> Tensor:
        """Vectors of bonds [k, width] between sites with one vector [width]."""
        return bonds + torch.as_tensor(self.to_bond(self.receiver(site) + self.sender(site) + self.between(bonds)))

    def sites_changed(self, sites: Tensor, sums: Tensor) -> Tensor:
        """Vectors of sites [r, width] with these sums over their bonds [r, width]."""
        return sites + torch.as_tensor(self.to_site(torch.cat([sites, sums], dim=1)))

    def forward(self, sites: Tensor, bonds: Tensor, counted: Tensor, batch: CrystalBatch) -> tuple[Tensor, Tensor]:
        """Vectors of the rows [r, width] and of the places around them [k, width] that count so often [k], changed."""
        assert batch.site_rows is not None
        senders = batch.site_rows[batch.places.kinds]
        from_senders, changed, sums = self.sender(sites), [], []
        parts = in_parts(batch.places.offsets, self.receiver(sites), bonds, senders, counted)
        for rows, owning, bond, sending, counts in parts:
            hidden = taken(rows, owning) + taken(from_senders, sending) + self.between(bond)
            changed.append(bond + checkpoint(self.to_bond, hidden, use_reentrant=False))
            sums.append(summed(changed[-1] * counts[:, None], owning, len(rows)))
        return self.sites_changed(sites, torch.cat(sums)), torch.cat(changed)


def _rest(width: int) -> nn.Sequential:
    """What follows the first layer of a network [., 2 width, width]."""
    return nn.Sequential(nn.LayerNorm(2 * width), nn.PReLU(), nn.Linear(2 * width, width))
