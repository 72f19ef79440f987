"""Variation of bond lengths and cell volumes from site to site, by Voronoi cells, in nine columns."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.site_pooling import SitePooling
from matscout.crystal.voronoi import all_closed, face_means, voronoi_faces
from matscout.represent.site_summary import SUMMARY, mean_deviation, summary
from matscout.represent.structure_representation import StructureRepresentation

Floats = NDArray[np.float64]


class StructuralHeterogeneity(StructureRepresentation):
    """L. Ward et al., Phys. Rev. B 96, 024104 (2017), doi:10.1103/PhysRevB.96.024104, as in matminer.

    The bond length of a site is the mean distance of its Voronoi neighbours, each with the area of the face between
    them. Everything is relative to the mean over the sites, so that a swollen crystal has the same vector.
    """

    takes_disorder: ClassVar[bool] = False
    intensive: ClassVar[bool] = True
    columns = (
        "mean absolute deviation of relative bond length",
        "largest relative bond length",
        "least relative bond length",
        *(f"{statistic} variation of neighbour distances" for statistic in SUMMARY),
        "mean absolute deviation of relative cell volume",
    )

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 9]."""
        faces, pool, owners = voronoi_faces(crystals), SitePooling.of(crystals), crystals.owners
        lengths = face_means(faces, faces.areas, faces.distances)
        spread = face_means(faces, faces.areas, np.abs(faces.distances - lengths[faces.first]))
        volumes = np.bincount(faces.first, faces.volumes, minlength=len(lengths)).astype(np.float64)
        volumes[np.isnan(lengths)] = np.nan
        relative = lengths / pool.mean(lengths)[owners]
        vectors = np.column_stack(
            [
                mean_deviation(pool, relative),
                pool.most(relative),
                pool.least(relative),
                summary(pool, spread / lengths),
                mean_deviation(pool, volumes) / pool.mean(volumes),
            ]
        )
        vectors[~all_closed(crystals, faces)] = np.nan
        return vectors
