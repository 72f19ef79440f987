"""Voronoi cells of the sites: kinds of faces, volumes, areas and distances, with statistics over the crystal."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.site_pooling import SitePooling
from matscout.crystal.voronoi import VoronoiFaces, voronoi_faces
from matscout.represent.structure_representation import StructureRepresentation

Floats = NDArray[np.float64]

EDGES = range(3, 11)
"""Faces with more edges are left out."""

OF_FACES = ("volume", "area", "distance")
STATISTICS = ("mean", "deviation", "least", "largest")
SITE_COLUMNS = (
    *(f"faces with {edges} edges" for edges in EDGES),
    *(f"share of faces with {edges} edges" for edges in EDGES),
    "cell volume (Å³)",
    "cell area (Å²)",
    *(f"{statistic} {what} of faces" for what in OF_FACES for statistic in STATISTICS),
)


class VoronoiFingerprint(StructureRepresentation):
    """As matminer's ``SiteStatsFingerprint`` of ``VoronoiFingerprint``: 30 numbers of each site, four statistics each.

    Two things differ. Where planes only touch a cell there is no face here; matminer's tessellation finds some of these
    as faces of next to no area, so that in symmetric crystals counts and least values may differ. And matminer looks no
    farther than 6.5 Å, so that the large cells of open structures are not closed there, or too large.
    """

    takes_disorder: ClassVar[bool] = False
    intensive: ClassVar[bool] = True
    columns = tuple(f"{statistic} {name}" for name in SITE_COLUMNS for statistic in STATISTICS)

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 120]."""
        return SitePooling.of(crystals).spread(_of_sites(voronoi_faces(crystals)))


def _of_sites(faces: VoronoiFaces) -> Floats:
    """The 30 numbers of each site, [s, 30]; NaN for one without a closed cell."""
    counted = faces.corners <= EDGES[-1]
    first, sites = faces.first[counted], len(faces.offsets) - 1
    edges = np.stack(
        [np.bincount(first[faces.corners[counted] == number], minlength=sites) for number in EDGES], axis=1
    ).astype(np.float64)
    number = np.where(np.diff(faces.offsets) > 0, np.bincount(first, minlength=sites), np.nan)
    measured = (faces.volumes[counted], faces.areas[counted], faces.distances[counted])
    sums = [np.bincount(first, values, minlength=sites) for values in measured[:2]]
    statistics = [column for values in measured for column in _statistics(values, first, number)]
    features = np.column_stack([edges, edges / number[:, None], *sums, *statistics])
    features[np.isnan(number)] = np.nan
    return features


def _statistics(values: Floats, first: NDArray[np.int64], number: Floats) -> list[Floats]:
    """Mean, standard deviation, least and largest over the faces of each site, [s] each."""
    sites = len(number)
    mean = np.bincount(first, values, minlength=sites) / number
    deviation = np.sqrt(np.bincount(first, (values - mean[first]) ** 2, minlength=sites) / number)
    least, largest = np.full(sites, np.inf), np.full(sites, -np.inf)
    np.minimum.at(least, first, values)
    np.maximum.at(largest, first, values)
    return [mean, deviation, least, largest]
