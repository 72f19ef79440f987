"""Statistics over the sites of each crystal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SitePooling:
    """Means and deviations count a site as much as it is occupied; extremes count every site. NaN spreads."""

    crystals: Crystals
    occupied: Floats

    @classmethod
    def of(cls, crystals: Crystals) -> SitePooling:
        """For the sites of ``crystals``."""
        return cls(crystals, crystals.occupied)

    def total(self, values: Floats) -> Floats:
        """Sum of values [s] times occupancies, [n]."""
        totals = np.bincount(self.crystals.owners, values * self.occupied, minlength=len(self.crystals))
        return totals.astype(np.float64)

    def mean(self, values: Floats) -> Floats:
        """[s] -> [n]."""
        return np.asarray(self.total(values) / self.total(np.ones(len(values))))

    def deviation(self, values: Floats) -> Floats:
        """Standard deviation of the population, [s] -> [n]."""
        return np.asarray(np.sqrt(self.mean((values - self.mean(values)[self.crystals.owners]) ** 2)))

    def least(self, values: Floats) -> Floats:
        """Smallest, [s] -> [n]."""
        return np.minimum.reduceat(values, self.crystals.offsets[:-1]) if len(self.crystals) else np.zeros(0)

    def most(self, values: Floats) -> Floats:
        """Largest, [s] -> [n]."""
        return np.maximum.reduceat(values, self.crystals.offsets[:-1]) if len(self.crystals) else np.zeros(0)

    def spread(self, columns: Floats) -> Floats:
        """Mean, deviation, least and largest of each of k columns, column by column, [s, k] -> [n, 4 k]."""
        statistics = (self.mean, self.deviation, self.least, self.most)
        return np.stack([statistic(column) for column in columns.T for statistic in statistics], axis=1)
