"""Which crystals are equal: same reduced formula, and one can be mapped onto the other.

pymatgen's ``StructureMatcher`` decides (S. P. Ong et al., doi:10.1016/j.commatsci.2012.10.028), with its own tolerances
(0.2, 0.3, 5 degrees, primitive cells, scaled to one volume). Two crystals with the same orbits at nearly the same
places are equal without asking it. Nothing is different because its space group, its prototype or a digest is.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.space_groups import TOLERANCE
from matscout.crystal.symmetric_crystals import SymmetricCrystals
from matscout.crystal.symmetrising import symmetrised
from matscout.data.materials import Materials
from matscout.data.structures import Structures

if TYPE_CHECKING:
    from pymatgen.core import Structure

SAME_VOLUME = 0.02
"""Relative difference of the volumes per atom,"""
SAME_SHAPE = 0.05
"""of ratios of the axes and of angles,"""
SAME_PLACE = 0.05
"""and of coordinates of sites (parts of a cell vector), up to which crystals with the same orbits are equal."""

MOST_SITES = 60
"""Primitive cells with more sites are not mapped onto each other: a single pair can take minutes."""


@dataclass(eq=False)
class ComparedCrystals:
    """Crystals that are compared with others; what a comparison needs is made when it is first asked for.

    Parameters
    ----------
    materials
        n crystals.
    """

    materials: Materials
    _orbits: dict[int, SymmetricCrystals | None] = field(default_factory=dict, repr=False)
    _primitive: dict[int, Structure] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.keys: list[str] = self.materials.compositions.keys().tolist()
        self.rows_of: dict[str, list[int]] = defaultdict(list)
        for row, key in enumerate(self.keys):
            if self.materials.has_structure[row]:
                self.rows_of[key].append(row)

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def structures(self) -> Structures:
        """Those of the materials."""
        structures = self.materials.structures
        if structures is None:
            raise ValueError("crystals without structures cannot be compared")
        return structures

    def orbits(self, row: int) -> SymmetricCrystals | None:
        """One crystal by its symmetry; None if there is none to find."""
        if row not in self._orbits:
            equals = symmetrised(self.structures[row : row + 1], TOLERANCE).crystals
            self._orbits[row] = equals if len(equals) else None
        return self._orbits[row]

    def primitive(self, row: int) -> Structure:
        """Its reduced primitive cell, as ``StructureMatcher`` makes it."""
        if row not in self._primitive:
            whole = self.structures.to_pymatgen(row)
            self._primitive[row] = whole.get_reduced_structure(reduction_algo="niggli").get_primitive_structure()
        return self._primitive[row]


def are_equal(first: ComparedCrystals, row: int, second: ComparedCrystals, other: int) -> bool:
    """Whether a crystal of one batch equals a crystal of another; large cells that cannot be compared are different."""
    if first.keys[row] != second.keys[other]:
        return False
    if _have_equal_orbits(first.orbits(row), second.orbits(other)):
        return True
    one, two = first.primitive(row), second.primitive(other)
    if len(one) != len(two) or len(one) > MOST_SITES:
        return False
    from pymatgen.analysis.structure_matcher import StructureMatcher

    return bool(StructureMatcher(primitive_cell=False).fit(one, two, skip_structure_reduction=True))


def first_equals(crystals: ComparedCrystals) -> NDArray[np.int64]:
    """The first crystal to which each is equal, [n]; a crystal that is the first of its class has its own number.

    Crystals are compared with the first of each class only.
    """
    first = np.arange(len(crystals))
    for rows in crystals.rows_of.values():
        representatives: list[int] = []
        for row in rows:
            equal = (other for other in representatives if are_equal(crystals, row, crystals, other))
            first[row] = next(equal, row)
            representatives += [row] if first[row] == row else []
    return first


def known_as(crystals: ComparedCrystals, known: ComparedCrystals) -> NDArray[np.int64]:
    """The first known crystal to which each is equal, [n]; -1 where there is none."""
    equals = np.full(len(crystals), -1, dtype=np.int64)
    for row, key in enumerate(crystals.keys):
        if crystals.materials.has_structure[row]:
            equal = (other for other in known.rows_of.get(key, ()) if are_equal(crystals, row, known, other))
            equals[row] = next(equal, -1)
    return equals


def _have_equal_orbits(first: SymmetricCrystals | None, second: SymmetricCrystals | None) -> bool:
    """Whether two crystals have the same orbits, at nearly the same places of nearly the same cell."""
    if first is None or second is None or first.space_groups[0] != second.space_groups[0]:
        return False
    if len(first.letters) != len(second.letters) or (first.letters != second.letters).any():
        return False
    if (first.elements != second.elements).any():
        return False
    apart = first.first_positions - second.first_positions
    shapes = _shape(first) / _shape(second)
    return bool(
        abs(first.volumes[0] / second.volumes[0] - 1.0) < SAME_VOLUME
        and np.abs(shapes - 1.0).max() < SAME_SHAPE
        and np.abs(apart - np.round(apart)).max() < SAME_PLACE
    )


def _shape(crystals: SymmetricCrystals) -> NDArray[np.float64]:
    a, b, c, *angles = crystals.lattices[0]
    return np.array([b / a, c / a, *angles])
