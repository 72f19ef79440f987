"""Bond lengths and coordination numbers of a crystal, and the shares of sites with one, two, ... neighbours."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.bonding import Bonding
from matscout.crystal.crystal_nn import CrystalNeighbours, crystal_neighbours
from matscout.crystal.crystals import Crystals
from matscout.crystal.site_pooling import SitePooling
from matscout.represent.structure_representation import StructureRepresentation

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CUTOFF = 6.0
"""Å, for the effective coordination number."""

NUMBERS = range(1, 13)
"""Coordination numbers whose shares are told."""

EQUALLY_LIKELY = 1e-9

STATISTICS = ("mean", "deviation", "least", "largest")
SITE_COLUMNS = (
    "shortest bond (Å)",
    "mean bond (Å)",
    "longest bond (Å)",
    "coordination number",
    "effective coordination number",
)


class BondStatistics(StructureRepresentation):
    """Four statistics over the sites of what their bonds are like, and shares of the coordination numbers 1 to 12.

    A site has the most likely coordination number of pymatgen's ``CrystalNN``, the smallest of those equally likely,
    and bonds to so many neighbours (:mod:`~matscout.crystal.crystal_nn`). Where that is none, as in crystals of noble
    gases, the distance of the nearest site stands for the bond lengths. The effective coordination number is Hoppe's on
    distances over sums of radii (:func:`~matscout.crystal.bonds.bond_weights`).
    """

    takes_disorder: ClassVar[bool] = False
    intensive: ClassVar[bool] = True
    columns = (
        *(f"{statistic} {name}" for name in SITE_COLUMNS for statistic in STATISTICS),
        *(f"share of sites with coordination number {number}" for number in NUMBERS),
    )

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 32]."""
        neighbours, bonding = crystal_neighbours(crystals), Bonding.within(crystals, CUTOFF)
        numbers = _numbers(neighbours)
        pool = SitePooling.of(crystals)
        sites = np.stack([*_lengths(neighbours, numbers), numbers, bonding.coordination], axis=1)
        shares = [pool.mean(np.where(np.isnan(numbers), np.nan, numbers == number)) for number in NUMBERS]
        return np.column_stack([pool.spread(sites), *shares])


def _numbers(neighbours: CrystalNeighbours) -> Floats:
    """Most likely coordination number of each site, [s]; NaN where none is known."""
    likelihoods = neighbours.likelihoods
    likely = likelihoods >= likelihoods.max(axis=1, initial=0.0)[:, None] - EQUALLY_LIKELY
    return np.where(np.isnan(likelihoods[:, 0]), np.nan, likely.argmax(axis=1))


def _lengths(neighbours: CrystalNeighbours, numbers: Floats) -> tuple[Floats, Floats, Floats]:
    """Shortest, mean and longest bond of each site, Å, [s] each."""
    first, sites = neighbours.first, len(numbers)
    bonded = np.arange(len(first)) - neighbours.offsets[first] < numbers[first]
    ends, lengths = first[bonded], neighbours.distances[bonded]
    shortest, longest = np.full(sites, np.inf), np.full(sites, -np.inf)
    np.minimum.at(shortest, ends, lengths)
    np.maximum.at(longest, ends, lengths)
    mean = np.bincount(ends, lengths, minlength=sites) / np.maximum(numbers, 1.0)
    alone = np.where(np.isnan(numbers), np.nan, neighbours.nearest)
    shortest, mean, longest = (np.where(numbers > 0.0, of, alone) for of in (shortest, mean, longest))
    return shortest, mean, longest
