"""Lengths, angles and volume of the Niggli-reduced primitive cell of a crystal structure."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.site_pooling import SitePooling
from matscout.crystal.space_groups import TOLERANCE, niggli_reduced, space_group
from matscout.represent.structure_representation import StructureRepresentation

Floats = NDArray[np.float64]


class Lattice(StructureRepresentation):
    """The shape of the smallest cell, whichever cell the structure is written in.

    The lengths are those of the three shortest independent lattice vectors, a <= b <= c, and change little with the
    structure. Angles are those of lines, at most 90°: in Niggli's cell all are acute or none is, and where one is 90°
    the last digit decides which. They may still jump where other vectors become equally short, that is near symmetry:
    two that are equal change places, and from three times 60° in a face-centred cubic lattice it is a small way to 60°,
    90° and 90°. Where atoms are within the tolerance of a smaller cell, that one counts.

    Parameters
    ----------
    symmetry_tolerance
        Å between the atoms of two cells that count as equal (``symprec`` of spglib).
    """

    takes_disorder: ClassVar[bool] = True
    intensive: ClassVar[bool] = True
    columns = (
        "a (Å)", "b (Å)", "c (Å)", "angle of b and c (°)", "angle of a and c (°)", "angle of a and b (°)",
        "b / a", "c / a", "c / b", "primitive volume (Å³)", "volume per atom (Å³)",
    )  # fmt: skip

    def __init__(self, symmetry_tolerance: float = TOLERANCE) -> None:
        self.symmetry_tolerance = symmetry_tolerance

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 11]."""
        reduced = np.full((len(crystals), 3, 3), np.nan)
        for row in range(len(crystals)):
            group = space_group(crystals, row, self.symmetry_tolerance)
            if group is not None:
                reduced[row] = niggli_reduced(group.primitive_lattice)
        lengths, angles = _lengths(reduced), _angles(reduced)
        a, b, c = lengths.T
        per_atom = crystals.volumes / SitePooling.of(crystals).total(np.ones(len(crystals.fractional)))
        per_atom[np.isnan(a)] = np.nan
        volumes = np.abs(np.linalg.det(reduced))
        return np.column_stack([lengths, angles, b / a, c / a, c / b, volumes, per_atom])


def _lengths(lattices: Floats) -> Floats:
    """Å, [n, 3, 3] -> [n, 3]."""
    return np.asarray(np.sqrt((lattices**2).sum(axis=2)))


def _angles(lattices: Floats) -> Floats:
    """Degrees between the lines of each two lattice vectors, [n, 3, 3] -> [n, 3]."""
    directions = lattices / _lengths(lattices)[:, :, None]
    cosines = (np.roll(directions, -1, axis=1) * np.roll(directions, -2, axis=1)).sum(axis=2)
    return np.asarray(np.degrees(np.arccos(np.clip(np.abs(cosines), 0.0, 1.0))))
