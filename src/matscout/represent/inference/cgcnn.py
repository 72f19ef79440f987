"""Gated messages between neighbouring sites, as trained by the encoder ``cgcnn``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from matscout.represent.array_layers import ModuleWeights, Singles, sigmoid, softplus
from matscout.represent.crystal_array_layers import SiteArrayEncoder, species_features
from matscout.represent.crystal_arrays import CrystalArrays

GAUSSIANS = 41
REACH = 8.0
"""Å, the centre of the farthest Gaussian."""


class CgcnnInference(SiteArrayEncoder):
    """Sites know their element, then rounds of messages from the sites around them."""

    def __init__(self, settings: Mapping[str, Any], weights: ModuleWeights) -> None:
        super().__init__(settings, weights)
        self._from_properties = weights.linear("from_properties")
        self._from_element = weights.array("from_element.weight")
        self._rounds = [_GatedMessageArrays(weights.within(f"rounds.{place}")) for place in range(settings["layers"])]
        self._centres = np.linspace(0.0, REACH, GAUSSIANS, dtype=np.float32)

    def seen(self, crystals: CrystalArrays) -> Singles:
        """What each row has learned of what is around it, [r, site_width]."""
        species = self._from_properties(species_features(crystals)) + self._from_element[crystals.elements]
        sites, senders = species[crystals.row_species], crystals.site_rows[crystals.places.kinds]
        bonds = np.exp(-(((crystals.places.distances[:, None] - self._centres) / self._centres[1]) ** 2))
        for messages in self._rounds:
            sites = messages(sites, senders, bonds, crystals)
        return sites


class _GatedMessageArrays:
    """One round."""

    def __init__(self, weights: ModuleWeights) -> None:
        self._receiver, self._sender, self._bond = (weights.linear(name) for name in ("receiver", "sender", "bond"))
        self._before, self._after = weights.norm("before"), weights.norm("after")

    def __call__(self, sites: Singles, senders: Any, bonds: Singles, crystals: CrystalArrays) -> Singles:
        """[r, width] -> [r, width]."""
        hidden = self._bond(bonds)
        hidden += self._receiver(sites)[crystals.places.rows]
        hidden += self._sender(sites)[senders]
        gate, message = np.split(self._before(hidden), 2, axis=1)
        weighted = crystals.places.shares[:, None] * sigmoid(gate) * softplus(message)
        return softplus(sites + self._after(crystals.places.sums(weighted)))
