"""Five statistics over the sites of each crystal, as L. Ward et al. took them (doi:10.1103/PhysRevB.96.024104)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.site_pooling import SitePooling

Floats = NDArray[np.float64]

SUMMARY = ("least", "largest", "range of", "mean", "mean absolute deviation of")
"""matminer calls them minimum, maximum, range, mean and avg_dev."""


def summary(pool: SitePooling, values: Floats) -> Floats:
    """The statistics in the order of ``SUMMARY``, [s] -> [n, 5]; NaN spreads."""
    least, largest = pool.least(values), pool.most(values)
    return np.stack([least, largest, largest - least, pool.mean(values), mean_deviation(pool, values)], axis=1)


def mean_deviation(pool: SitePooling, values: Floats) -> Floats:
    """Mean absolute deviation from the mean, [s] -> [n]."""
    return pool.mean(np.abs(values - pool.mean(values)[pool.crystals.owners]))
