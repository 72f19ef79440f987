"""What encoders of crystals share, on arrays: the twin of :mod:`matscout.represent.crystal_encoder`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.represent.array_encoder import CrystalArrayEncoder
from matscout.represent.array_layers import LayerNormArrays, LinearArrays, ModuleWeights, Singles, silu
from matscout.represent.crystal_arrays import CrystalArrays
from matscout.represent.site_properties import described_elements, site_properties


class SiteArrayEncoder(CrystalArrayEncoder):
    """A linear layer on the mean over the sites of a network of each of them."""

    def __init__(self, settings: Mapping[str, Any], weights: ModuleWeights) -> None:
        super().__init__(settings, weights)
        self._environment = weights.linear("environment")
        self._before_mean = [ActivatedLayer(weights.within(f"before_mean.{place}")) for place in range(2)]
        self._crystal = weights.linear("crystal")

    @property
    def listed(self) -> NDArray[np.bool_]:
        """Elements of which the table ``sites`` knows everything."""
        return described_elements()

    def batch(self, crystals: CrystalArrays) -> Singles:
        """Vectors of n crystals, [n, width]."""
        sites = self._environment(self.seen(crystals))
        for layer in self._before_mean:
            sites = layer(sites)
        return self._crystal(crystals.means(sites))

    @abstractmethod
    def seen(self, crystals: CrystalArrays) -> Singles:
        """What each row sees around it, [r, site_width]."""


def species_features(crystals: CrystalArrays) -> Singles:
    """Nine numbers of each species of the batch, [q, 9]."""
    return np.concatenate([site_properties()[crystals.elements], crystals.states[:, None]], axis=1)


class ActivatedLayer:
    """A linear layer, SiLU and layer normalisation."""

    def __init__(self, weights: ModuleWeights) -> None:
        self._linear: LinearArrays = weights.linear("0")
        self._norm: LayerNormArrays = weights.norm("2")

    def __call__(self, inputs: Singles) -> Singles:
        """[k, inputs] -> [k, outputs]."""
        return self._norm(silu(self._linear(inputs)))
