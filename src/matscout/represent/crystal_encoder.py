"""What encoders of crystals share: from the vectors of sites to the vector of the crystal."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from matscout.errors import UsageError
from matscout.represent.base import Needs
from matscout.represent.crystal_batches import CrystalBatch
from matscout.represent.site_features import SiteFeatures
from matscout.represent.trainable import Encoder, EncoderOutput


class CrystalEncoder(Encoder):
    """A linear layer on the mean over the sites of a network of each of them.

    Parameters
    ----------
    width
        Length of the crystal vector.
    site_width
        Length of the vector of a site.
    pooled
        Length of what is averaged over the sites.
    isolated
        Whether nothing that is asked of the crystal vector reaches what makes the sites, as in Deep InfoMax.
    settings
        Further arguments of the constructor of the encoder.
    """

    needs: ClassVar[Needs] = "structure"

    def __init__(self, width: int, site_width: int, pooled: int, *, isolated: bool, **settings: Any) -> None:
        if min(width, site_width, pooled) < 1:
            raise UsageError(f"vectors have at least one number; got {width=}, {site_width=}, {pooled=}")
        super().__init__(width, site_width=site_width, pooled=pooled, isolated=isolated, **settings)
        self.isolated = isolated
        self.features = SiteFeatures()
        self.environment = nn.Linear(site_width, site_width)
        self.environment_log_variance = nn.Linear(site_width, site_width)
        self.before_mean = nn.Sequential(layer(site_width, site_width), layer(site_width, pooled))
        self.crystal = nn.Linear(pooled, width)
        self.crystal_log_variance = nn.Linear(pooled, width)

    @property
    def listed(self) -> Tensor:
        """Elements of which the table ``sites`` knows everything."""
        return self.features.listed

    def forward(self, batch: Any) -> EncoderOutput:
        """Encode the n crystals of a :class:`~matscout.represent.crystal_batches.CrystalBatch`."""
        with torch.set_grad_enabled(torch.is_grad_enabled() and not batch.made_up):
            seen = self.seen(batch)
            sites = self.environment(seen)
            mean = batch.over_rows(self.before_mean(sites.detach() if self.isolated else sites))
            return EncoderOutput(
                self.crystal(mean),
                log_variance=self.crystal_log_variance(mean),
                sites=sites,
                site_log_variance=self.environment_log_variance(seen),
            )

    @abstractmethod
    def seen(self, batch: CrystalBatch) -> Tensor:
        """What each row sees around it, [r, site_width]."""


def require_site_width(output: EncoderOutput, width: int) -> Tensor:
    """The vectors of the sites, if they are so long as the heads of an objective expect.

    Raises
    ------
    UsageError
        If they are not.
    """
    if output.sites is None or output.sites.shape[1] != width:
        given = "no vectors of sites" if output.sites is None else f"sites with {output.sites.shape[1]} numbers"
        raise UsageError(f"objective.site_width is {width}, but the encoder gives {given}: set both to the same value")
    return output.sites


def layer(inputs: int, outputs: int) -> nn.Sequential:
    """A linear layer, SiLU and layer normalisation."""
    return nn.Sequential(nn.Linear(inputs, outputs), nn.SiLU(), nn.LayerNorm(outputs))
