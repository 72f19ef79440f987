"""Positions of the sites of a crystal, without their elements, as trained by the encoder ``geometry-network``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.graphs import NEIGHBOURS
from matscout.data.elements import N_ELEMENTS
from matscout.represent.array_encoder import CrystalArrayEncoder
from matscout.represent.array_layers import ModuleWeights, Singles, prelu
from matscout.represent.crystal_arrays import CrystalArrays

REACH, STEP = 8.0, 0.2
"""Å: neighbours are seen up to there, by Gaussians so far apart and so wide."""

KNOT = 0.0025
"""Å. Before the first round all sites are alike, so what it makes of a bond depends on the length only. It is computed
at lengths so far apart and read off by cubic interpolation: a fifth less work, and errors of some 1e-5.
"""


class GeometryNetworkInference(CrystalArrayEncoder):
    """Rounds of messages between sites that all begin alike."""

    def __init__(self, settings: Mapping[str, Any], weights: ModuleWeights) -> None:
        super().__init__(settings, weights)
        self._site = weights.array("site")
        self._first = _RoundArrays(weights.within("first"))
        self._others = [_RoundArrays(weights.within(f"others.{place}")) for place in range(settings["layers"] - 1)]
        self._crystal: Callable[[Singles], Singles] = (
            weights.linear("crystal") if weights.has("crystal") else np.asarray
        )
        self._knots = self._after_first_round(weights)

    @property
    def listed(self) -> NDArray[np.bool_]:
        """All, as elements are not seen."""
        return np.ones(N_ELEMENTS, dtype=np.bool_)

    def _after_first_round(self, weights: ModuleWeights) -> Singles:
        """What the first round makes of bonds between sites that are alike, one knot before the length 0 and so on."""
        centres = np.arange(0.0, REACH + STEP / 2, STEP, dtype=np.float32)
        # Two knots after the last length.
        knots = np.float32(KNOT) * np.arange(-1, round(REACH / KNOT) + 3, dtype=np.float32)
        first, last = weights.linear("bond.0"), weights.linear("bond.2")
        gaussians = np.exp(-(((knots[:, None] - centres) / np.float32(STEP)) ** 2))
        bonds = last(prelu(first(gaussians), weights.array("bond.1.weight")))
        return self._first.bonds_changed(self._site, bonds)

    def batch(self, crystals: CrystalArrays) -> Singles:
        """Vectors of n crystals, [n, width]."""
        lengths = crystals.places.distances
        counted = np.float32(NEIGHBOURS) * (crystals.places.shares * (lengths <= REACH))[:, None]
        places = np.asarray(np.minimum(lengths, np.float32(REACH)) / np.float32(KNOT), dtype=np.float32)
        bonds = _interpolated(self._knots, places)
        sites = np.tile(self._site, (len(crystals.row_species), 1))
        sites = self._first.sites_changed(sites, crystals.places.sums(bonds * counted))
        for one in self._others:
            bonds = one.bonds_between(sites, bonds, crystals)
            sites = one.sites_changed(sites, crystals.places.sums(bonds * counted))
        return self._crystal(crystals.means(sites))


def _interpolated(values: Singles, places: Singles) -> Singles:
    """Cubic interpolation at places [k] between values [m, width] at -1, 0, 1, ..., [k, width]."""
    below = np.floor(places)
    t, first = places - below, below.astype(np.int64)
    # Lagrange's polynomials of the four values around a place.
    shares = (
        -t * (t - 1) * (t - 2) / 6,
        (t + 1) * (t - 1) * (t - 2) / 2,
        -(t + 1) * t * (t - 2) / 2,
        (t + 1) * t * (t - 1) / 6,
    )
    read = np.zeros((len(places), values.shape[1]), dtype=np.float32)
    for knot, share in enumerate(shares):
        read += share[:, None] * values[first + knot]
    return read


class _RoundArrays:
    """One round of messages."""

    def __init__(self, weights: ModuleWeights) -> None:
        self._receiver, self._sender = weights.linear("receiver"), weights.linear("sender")
        self._between = weights.linear("between")
        self._joined = weights.linear("to_site.0")
        self._to_bond = _RestArrays(weights.within("to_bond"), 0)
        self._to_site = _RestArrays(weights.within("to_site"), 1)

    def bonds_changed(self, site: Singles, bonds: Singles) -> Singles:
        """Vectors of bonds [k, width] between sites with one vector [width]."""
        return bonds + self._to_bond(self._receiver(site) + self._sender(site) + self._between(bonds))

    def bonds_between(self, sites: Singles, bonds: Singles, crystals: CrystalArrays) -> Singles:
        """Vectors of bonds [k, width] between sites [r, width]."""
        hidden = self._between(bonds)
        hidden += self._receiver(sites)[crystals.places.rows]
        hidden += self._sender(sites)[crystals.site_rows[crystals.places.kinds]]
        return bonds + self._to_bond(hidden)

    def sites_changed(self, sites: Singles, sums: Singles) -> Singles:
        """Vectors of sites [r, width] with these sums over their bonds [r, width]."""
        return sites + self._to_site(self._joined(np.concatenate([sites, sums], axis=1)))


class _RestArrays:
    """What follows the first layer of a network; ``first`` is the number of its normalisation."""

    def __init__(self, weights: ModuleWeights, first: int) -> None:
        self._norm, self._slope = weights.norm(f"{first}"), weights.array(f"{first + 1}.weight")
        self._last = weights.linear(f"{first + 2}")

    def __call__(self, hidden: Singles) -> Singles:
        """[k, 2 width] -> [k, width]."""
        return self._last(prelu(self._norm(hidden), self._slope))
