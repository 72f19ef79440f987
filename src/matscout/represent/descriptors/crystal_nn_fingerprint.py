"""Likelihood of each coordination number of a site, and similarity of its neighbours to tetrahedra, octahedra, ..."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.crystal.crystal_nn import MOST, CrystalNeighbours, crystal_neighbours
from matscout.crystal.crystals import Crystals
from matscout.crystal.order_parameters import MOST as LARGEST_MOTIF
from matscout.crystal.order_parameters import MOST_MOTIFS, MOTIFS, geometry_of, order_parameters
from matscout.crystal.site_pooling import SitePooling
from matscout.represent.structure_representation import StructureRepresentation

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

STATISTICS = ("mean", "deviation", "least", "largest")
SITE_COLUMNS = tuple(
    f"coordination {number}{motif and f' {motif}'}"
    for number in range(1, MOST + 1)
    for motif in ("", *MOTIFS.get(number, ()))
)


class CrystalNNFingerprint(StructureRepresentation):
    """As matminer's ``SiteStatsFingerprint`` of ``CrystalNNFingerprint`` ("ops"): 61 numbers, four statistics each.

    N. E. R. Zimmermann, A. Jain, RSC Adv. 10, 6063 (2020), doi:10.1039/C9RA07755C. Two things differ. Where planes only
    touch a Voronoi cell there is no face here. And the order parameter of the body-centered cubic motif depends on the
    order of the neighbours: where these count alike it is the mean over both orders here, chance in matminer.
    """

    takes_disorder: ClassVar[bool] = False
    intensive: ClassVar[bool] = True
    columns = tuple(f"{statistic} {name}" for name in SITE_COLUMNS for statistic in STATISTICS)

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 244]."""
        return SitePooling.of(crystals).spread(site_fingerprints(crystal_neighbours(crystals)))


def site_fingerprints(neighbours: CrystalNeighbours) -> Floats:
    """The 61 numbers of each site, [s, 61]; NaN where no likelihoods are known."""
    likelihoods = neighbours.likelihoods
    directions = neighbours.vectors / neighbours.distances[:, None]
    parameters = _parameters(neighbours.offsets, directions, neighbours.weights, likelihoods)
    columns = []
    for number in range(1, MOST + 1):
        columns.append(likelihoods[:, number])
        for place in range(len(MOTIFS.get(number, ()))):
            columns.append(likelihoods[:, number] * parameters[:, number, place])
    return np.stack(columns, axis=1)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _parameters(offsets: Integers, directions: Floats, weights: Floats, likelihoods: Floats) -> Floats:
    """Order parameters of the first one, two, ... neighbours of each site where so many are likely, [s, 13, 5]."""
    parameters = np.zeros((len(offsets) - 1, LARGEST_MOTIF + 1, MOST_MOTIFS))
    for site in range(len(offsets) - 1):
        start, stop = offsets[site], min(offsets[site + 1], offsets[site] + LARGEST_MOTIF)
        geometry = geometry_of(directions[start:stop])
        for number in range(1, stop - start + 1):
            if likelihoods[site, number] > 0.0:
                parameters[site, number] = order_parameters(geometry, number, weights[start:stop])
    return parameters
