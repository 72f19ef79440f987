"""Element properties of the sites and of their Voronoi neighbours, and the differences between them, over all sites."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.site_pooling import SitePooling
from matscout.crystal.tables import own_table
from matscout.crystal.voronoi import all_closed, face_means, voronoi_faces
from matscout.represent.site_summary import SUMMARY, summary
from matscout.represent.structure_representation import StructureRepresentation

Floats = NDArray[np.float64]

QUANTITIES = ("difference to neighbours' {}", "{}", "neighbours' {}")


class SiteStatistics(StructureRepresentation):
    """L. Ward et al., Phys. Rev. B 96, 024104 (2017), doi:10.1103/PhysRevB.96.024104, for Magpie's 22 properties.

    Three numbers of each site, five statistics each: the mean absolute difference to the neighbours, the property of
    the site, and the mean of the neighbours. A neighbour counts as much as the face of the Voronoi cell that it shares
    has area. The differences are matminer's ``SiteStatsFingerprint``, preset ``LocalPropertyDifference_ward-prb-2017``,
    with ``impute_nan=False``: what the table leaves blank (electronegativity of neon) is blank here.

    A site that several species share has the mean of their properties; a neighbour also counts as much as it is
    occupied. Units are those of ``magpie``: radii in pm, temperatures in K, masses in u.
    """

    takes_disorder: ClassVar[bool] = True
    intensive: ClassVar[bool] = True

    @property
    def columns(self) -> tuple[str, ...]:
        """Property by property for each of the three numbers, 330 in all."""
        return tuple(
            f"{statistic} {quantity.format(name)}"
            for quantity in QUANTITIES
            for name in own_table("magpie").properties
            for statistic in SUMMARY
        )

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 330]."""
        faces, pool = voronoi_faces(crystals), SitePooling.of(crystals)
        first, second = faces.first, faces.second
        weights = faces.areas * pool.occupied[second]
        own = [crystals.site_means(column) for column in own_table("magpie").values.T]
        differences = [face_means(faces, weights, np.abs(values[second] - values[first])) for values in own]
        near = [face_means(faces, weights, values[second]) for values in own]
        vectors = np.hstack([summary(pool, values) for values in (*differences, *own, *near)])
        vectors[~all_closed(crystals, faces)] = np.nan
        return vectors

    def unknown_elements(self) -> NDArray[np.bool_]:
        """Those of which the table is blank somewhere, [118]."""
        return np.asarray(np.isnan(own_table("magpie").values).any(axis=1))
