"""Share of the volume inside the largest sphere around each site that fits in its Voronoi cell."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import pairs_within
from matscout.crystal.site_pooling import SitePooling
from matscout.crystal.voronoi import CUTOFFS
from matscout.represent.structure_representation import StructureRepresentation

Floats = NDArray[np.float64]


class MaximumPackingEfficiency(StructureRepresentation):
    """L. Ward et al., Phys. Rev. B 96, 024104 (2017), doi:10.1103/PhysRevB.96.024104, as in matminer.

    The nearest face of a Voronoi cell is that of the nearest neighbour, so the radius is half the distance to it. An
    atom that is farther than 52 Å from any other has none.
    """

    takes_disorder: ClassVar[bool] = False
    intensive: ClassVar[bool] = True
    columns = ("maximum packing efficiency",)

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 1]."""
        volumes = np.pi / 6.0 * SitePooling.of(crystals).total(_nearest(crystals) ** 3)
        return np.asarray(volumes / crystals.volumes)[:, None]


def _nearest(crystals: Crystals) -> Floats:
    """Distance of the nearest neighbour of each site, Å, [s]; NaN without one."""
    distances = np.full(len(crystals.fractional), np.nan)
    waiting = np.arange(len(crystals))
    for cutoff in CUTOFFS:
        chosen, sites = crystals[waiting], np.flatnonzero(np.isin(crystals.owners, waiting))
        pairs = pairs_within(chosen, cutoff)
        some = np.flatnonzero(np.diff(pairs.offsets))
        if len(some):
            distances[sites[some]] = np.minimum.reduceat(pairs.distances, pairs.offsets[some])
        waiting = np.unique(crystals.owners[np.isnan(distances)])
        if not len(waiting):
            break
    return distances
