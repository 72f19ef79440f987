"""Orbital field matrix: products of the valence shells of atoms and their Voronoi neighbours, averaged over sites."""

from __future__ import annotations

from functools import cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.voronoi import all_closed, voronoi_faces
from matscout.represent.structure_representation import StructureRepresentation

Floats = NDArray[np.float64]

ANGSTROM_IN_BOHR = 1.8897543773133647
"""As matminer has it, which takes the angstrom star for the angstrom: 1.5e-5 more than there are."""
HEAVIEST = 94
"""Plutonium: beyond it there is no vector."""

SUBSHELLS = tuple(f"{shell}{electrons}" for shell, most in zip("spdf", (2, 6, 10, 14), strict=True)
                  for electrons in range(1, most + 1))  # fmt: skip
"""Which subshells of the valence hold how many electrons: s1, s2, p1, ... f14."""

PERIODS = tuple(f"period {number}" for number in range(1, 8))


class OrbitalFieldMatrix(StructureRepresentation):
    """T. L. Pham et al., Sci. Technol. Adv. Mater. 18, 756 (2017), doi:10.1080/14686996.2017.1378060, as in matminer.

    An atom is a vector of zeros and ones for the subshells of its valence. The matrix of a site is the sum of the outer
    products (neighbour, site) over the faces of its Voronoi cell, each with the solid angle of the face, relative to
    the largest of the site, divided by the distance in Bohr radii; that of a crystal is the mean over its sites.

    Parameters
    ----------
    periods
        Also tell the periods of the elements: 39 rows and columns in place of 32.
    """

    takes_disorder: ClassVar[bool] = False
    intensive: ClassVar[bool] = True

    def __init__(self, periods: bool = False) -> None:
        self.periods = periods

    @property
    def columns(self) -> tuple[str, ...]:
        """``"<subshell of the neighbour> <subshell of the site>"``, row by row."""
        names = SUBSHELLS + (PERIODS if self.periods else ())
        return tuple(f"{neighbour} {site}" for neighbour in names for site in names)

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 1024] or [n, 1521]."""
        faces = voronoi_faces(crystals)
        largest = np.zeros(len(crystals.fractional))
        np.maximum.at(largest, faces.first, faces.solid_angles)
        weights = faces.solid_angles / largest[faces.first] / faces.distances / ANGSTROM_IN_BOHR
        shells = valence_shells(self.periods)
        vectors = np.empty((len(crystals), self.dim))
        for row in range(len(crystals)):
            sites = slice(crystals.offsets[row], crystals.offsets[row + 1])
            of_row = slice(faces.offsets[sites.start], faces.offsets[sites.stop])
            of_site, of_neighbour = (
                shells[crystals.atomic_numbers[ends[of_row]] - 1] for ends in (faces.first, faces.second)
            )
            matrix = (of_neighbour * weights[of_row, None]).T @ of_site / (sites.stop - sites.start)
            vectors[row] = matrix.ravel()
        vectors[~all_closed(crystals, faces)] = np.nan
        return vectors


@cache
def valence_shells(periods: bool) -> Floats:
    """The vector of each element, [118, 32 or 39]; NaN beyond plutonium.

    Of the electrons outside the noble gas those count that are in s and p subshells of the highest shell, d of the one
    below, and f of the two below.
    """
    from pymatgen.core import Element

    names = SUBSHELLS + (PERIODS if periods else ())
    vectors = np.full((118, len(names)), np.nan)
    for number in range(1, HEAVIEST + 1):
        element = Element.from_Z(number)
        subshells = element.full_electronic_structure
        highest = subshells[-1][0]
        depth = {"s": 0, "p": 0, "d": 1, "f": 2}
        valence = {f"{kind}{electrons}" for shell, kind, electrons in subshells if shell >= highest - depth[kind]}
        # Lanthanides and actinides stand in rows of their own there.
        period = f"period {element.row - 2 if element.row > 7 else element.row}"
        vectors[number - 1] = [name in valence or name == period for name in names]
    return vectors
