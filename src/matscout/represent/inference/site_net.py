"""Attention between all sites of a crystal, as trained by the encoder ``site-net``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from matscout.represent.array_layers import ModuleWeights, Singles, silu
from matscout.represent.crystal_array_layers import ActivatedLayer, SiteArrayEncoder, species_features
from matscout.represent.crystal_arrays import CrystalArrays

BOUND = 10.0
"""Scores of pairs lie between this and its negative."""


class SiteNetInference(SiteArrayEncoder):
    """Local environments by attention over the pairs of a site, then their mean."""

    def __init__(self, settings: Mapping[str, Any], weights: ModuleWeights) -> None:
        super().__init__(settings, weights)
        self._site, self._distance = (ActivatedLayer(weights.within(name)) for name in ("site", "distance"))
        self._receiver, self._sender = weights.linear("receiver"), weights.linear("sender")
        self._between, self._score = weights.linear("between"), weights.linear("score")
        self._normed = weights.norm("normed")

    def seen(self, crystals: CrystalArrays) -> Singles:
        """What each row sees, weighted by its attention, [r, site_width]."""
        species, pairs = self._site(species_features(crystals)), crystals.pairs
        hidden = self._between(self._distance(pairs.distances[:, None]))
        hidden += self._receiver(species)[crystals.row_species[pairs.rows]]
        hidden += self._sender(species)[pairs.kinds]
        both = self._normed(silu(hidden).reshape(len(hidden), 2, -1))
        scores = self._score(np.ascontiguousarray(both[:, 0])) / np.float32(BOUND)
        # Bounded scores need no subtraction of the largest.
        weights = pairs.shares[:, None] * np.exp(np.float32(BOUND) * np.tanh(scores))
        return np.asarray(pairs.sums(weights * both[:, 1]) / pairs.sums(weights))
