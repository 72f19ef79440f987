"""Pair distribution function g(r) up to 10 Å, plain and weighted with electronegativity, mass or valence electrons."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import pairs_within
from matscout.crystal.site_pooling import SitePooling
from matscout.crystal.tables import own_table
from matscout.represent.gaussian_bins import REACH, gaussian_shares
from matscout.represent.structure_representation import StructureRepresentation

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

WEIGHTS = {
    "electronegativity": "Electronegativity",
    "mass": "AtomicWeight",
    "valence electrons": "NValence",
}
"""What pairs are weighted with, and what Magpie's table calls it."""

SITES_AT_ONCE = 1_000
"""Long lists of pairs: a site has hundreds of neighbours within 10 Å."""


class RadialDistribution(StructureRepresentation):
    """Number of pairs at a distance per site and volume of the shell, relative to the number density: 1 without order.

    In the weighted functions a pair counts as the product of the properties of its sites, relative to the squared mean
    (compare M. Fernandez et al., J. Phys. Chem. C 117, 14095 (2013), doi:10.1021/jp404287t). Every distance is a
    Gaussian, so that nothing jumps at the edges of the bins. With ``broadening=0`` the first function is that of
    matminer's ``RadialDistributionFunction`` with the same cutoff and bins, divided by the number of sites, with which
    that one grows. Pairs of shared sites count as much as these are occupied.

    Parameters
    ----------
    cutoff
        Å.
    step
        Å, width of the bins.
    broadening
        Å, standard deviation of the Gaussians.
    """

    takes_disorder: ClassVar[bool] = True
    intensive: ClassVar[bool] = True

    def __init__(self, cutoff: float = 10.0, step: float = 0.1, broadening: float = 0.1) -> None:
        self.cutoff = cutoff
        self.step = step
        self.broadening = broadening

    @property
    def edges(self) -> Floats:
        """Of the bins, Å."""
        return np.asarray(self.step * np.arange(round(self.cutoff / self.step) + 1))

    @property
    def columns(self) -> tuple[str, ...]:
        """g(r) at the middles of the bins, then the same for each weight."""
        middles = [f"g({middle:.4g} Å)" for middle in (self.edges[1:] + self.edges[:-1]) / 2.0]
        return (*middles, *(f"{middle} of {weight}" for weight in WEIGHTS for middle in middles))

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 400]."""
        return np.concatenate([self._of_few(part) for part in crystals.in_parts(SITES_AT_ONCE)])

    def _of_few(self, crystals: Crystals) -> Floats:
        pool, edges = SitePooling.of(crystals), self.edges
        own = [np.ones(len(pool.occupied)), *(crystals.site_means(column) for column in _weights())]
        means = np.stack([pool.mean(values) for values in own], axis=1)
        pairs = pairs_within(crystals, edges[-1] + REACH * self.broadening)
        bins = _DistanceBins(crystals.owners, len(crystals), len(edges) - 1, self.step, self.broadening)
        counts = _histograms(
            pairs.offsets, pairs.second, pairs.distances, np.stack(own, axis=1) * pool.occupied[:, None], bins
        )
        density = pool.total(own[0]) ** 2 / crystals.volumes
        expected = density[:, None] * 4.0 / 3.0 * np.pi * np.diff(edges**3)
        return np.asarray((counts / expected[:, None, :] / means[:, :, None] ** 2).reshape(len(crystals), -1))


def _weights() -> list[Floats]:
    return [own_table("magpie").column(name) for name in WEIGHTS.values()]


class _DistanceBins(NamedTuple):
    """Where pairs are counted.

    The crystal of each site [s] of n crystals; number, width and smearing of the bins.
    """

    owners: Integers
    crystals: int
    number: int
    step: float
    broadening: float


@njit(cache=True)  # type: ignore[untyped-decorator]
def _histograms(offsets: Integers, second: Integers, distances: Floats, weights: Floats, bins: _DistanceBins) -> Floats:
    """Sums over the directed pairs of each crystal of the products of k weights [s, k], [n, k, bins]."""
    kinds = weights.shape[1]
    sums, shares = np.zeros((bins.crystals, kinds, bins.number)), np.zeros(bins.number)
    for site in range(len(offsets) - 1):
        into = sums[bins.owners[site]]
        for pair in range(offsets[site], offsets[site + 1]):
            other = second[pair]
            if other < site:
                continue
            times = 1.0 if other == site else 2.0
            first, last = gaussian_shares(distances[pair], bins.step, bins.broadening, shares)
            for kind in range(kinds):
                weight = times * weights[site, kind] * weights[other, kind]
                for place in range(first, last):
                    into[kind, place] += weight * shares[place]
    return sums
