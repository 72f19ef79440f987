"""Steinhardt's bond-orientational parameters q1 to q10 of the Voronoi neighbours, their statistics over the sites."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.site_pooling import SitePooling
from matscout.crystal.voronoi import all_closed, voronoi_faces
from matscout.represent.site_summary import SUMMARY, summary
from matscout.represent.structure_representation import StructureRepresentation

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

HIGHEST = 10
"""The highest order."""


class BondOrientational(StructureRepresentation):
    """P. J. Steinhardt et al., Phys. Rev. B 28, 784 (1983), doi:10.1103/PhysRevB.28.784.

    A neighbour counts as much as the face of the Voronoi cell that it shares takes of the solid angle (compare W.
    Mickel et al., J. Chem. Phys. 138, 044501 (2013), doi:10.1063/1.4774084), so that nothing jumps where atoms move.
    The parameters are those of matminer's ``BondOrientationalParameter``.
    """

    takes_disorder: ClassVar[bool] = False
    intensive: ClassVar[bool] = True
    columns = tuple(f"{statistic} q{order}" for order in range(1, HIGHEST + 1) for statistic in SUMMARY)

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 50]."""
        faces, pool = voronoi_faces(crystals), SitePooling.of(crystals)
        directions = faces.vectors / faces.distances[:, None]
        of_sites = _steinhardt(faces.offsets, directions, faces.solid_angles)
        vectors = np.hstack([summary(pool, column) for column in of_sites.T])
        vectors[~all_closed(crystals, faces)] = np.nan
        return vectors


@njit(cache=True)  # type: ignore[untyped-decorator]
def _steinhardt(offsets: Integers, directions: Floats, weights: Floats) -> Floats:
    """q1 to q10 of each site, [s, 10]; NaN without neighbours.

    By the addition theorem of spherical harmonics, q_l^2 is the weighted mean of the Legendre polynomial P_l over the
    cosines between all pairs of neighbours.
    """
    parameters = np.full((len(offsets) - 1, HIGHEST), np.nan)
    for site in range(len(offsets) - 1):
        sums, total = np.zeros(HIGHEST), 0.0
        for one in range(offsets[site], offsets[site + 1]):
            total += weights[one]
            for two in range(offsets[site], offsets[site + 1]):
                cosine, before, here = 0.0, 1.0, 0.0
                for axis in range(3):
                    cosine += directions[one, axis] * directions[two, axis]
                here = cosine
                for order in range(1, HIGHEST + 1):
                    sums[order - 1] += weights[one] * weights[two] * here
                    before, here = here, ((2 * order + 1) * cosine * here - order * before) / (order + 1)
        if total > 0.0:
            parameters[site] = np.sqrt(np.maximum(sums, 0.0)) / total
    return parameters
