"""Bonding: the weighted bonds of many crystals with what is known of the atoms at their ends."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.bonds import bond_weights
from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import Pairs, pairs_within
from matscout.crystal.site_pooling import SitePooling
from matscout.crystal.tables import own_table

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Bonding:
    """All pairs within a cutoff, s sites and p pairs of n crystals.

    Parameters
    ----------
    crystals, pairs
        Where the atoms are, and which are near.
    """

    crystals: Crystals
    pairs: Pairs

    @classmethod
    def within(cls, crystals: Crystals, cutoff: float) -> Bonding:
        """The bonds of pairs closer than ``cutoff`` (Å)."""
        return cls(crystals, pairs_within(crystals, cutoff))

    @cached_property
    def pool(self) -> SitePooling:
        """Statistics over sites."""
        return SitePooling.of(self.crystals)

    @cached_property
    def first(self) -> Integers:
        """The first site of each pair, [p]."""
        return self.pairs.first

    @cached_property
    def radius(self) -> Floats:
        """Covalent radius, Å, [s]."""
        return self.element("CovalentRadius") / 100.0

    @cached_property
    def electronegativity(self) -> Floats:
        """Pauling's, [s]."""
        return self.element("Electronegativity")

    @cached_property
    def mass(self) -> Floats:
        """In u, [s]."""
        return self.element("AtomicWeight")

    @cached_property
    def reference(self) -> Floats:
        """Sum of the covalent radii of each pair, Å, [p]."""
        return np.asarray(self.radius[self.first] + self.radius[self.pairs.second])

    @cached_property
    def presence(self) -> Floats:
        """Occupancy of the second site of each pair, [p]."""
        return np.asarray(self.pool.occupied[self.pairs.second])

    @cached_property
    def weights(self) -> Floats:
        """How much each pair is a bond of its first site, [p]; see :func:`~matscout.crystal.bonds.bond_weights`."""
        pairs = self.pairs
        weights = bond_weights(pairs.offsets, pairs.second, pairs.distances, self.radius, self.pool.occupied)
        return np.asarray(weights)

    @cached_property
    def coordination(self) -> Floats:
        """Effective coordination number, [s]; NaN without any neighbour."""
        return self.sums(self.weights)

    def element(self, name: str) -> Floats:
        """A property of Magpie's table as mean over what is on each site, [s]."""
        return self.crystals.site_means(own_table("magpie").column(name))

    def sums(self, values: Floats) -> Floats:
        """Sum over the neighbours of each site, [p] -> [s]; NaN without any neighbour."""
        totals = np.bincount(self.first, values, minlength=len(self.crystals.fractional))
        return np.asarray(np.where(np.diff(self.pairs.offsets) > 0, totals, np.nan))

    def means(self, values: Floats) -> Floats:
        """Mean over the bonds of each site, [p] -> [s]; NaN without any neighbour."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.sums(self.weights * values) / self.coordination)

    def extreme(self, values: Floats, *, largest: bool) -> Floats:
        """Largest or smallest over the neighbours of each site, [p] -> [s]; NaN without any neighbour."""
        extremes = np.full(len(self.crystals.fractional), np.nan)
        some = np.flatnonzero(np.diff(self.pairs.offsets))
        if len(some):
            reduce = np.maximum if largest else np.minimum
            extremes[some] = reduce.reduceat(values, self.pairs.offsets[some])
        return extremes

    def difference(self, values: Floats) -> Floats:
        """Value at the second site minus that at the first, [s] -> [p]."""
        return np.asarray(values[self.pairs.second] - values[self.first])
