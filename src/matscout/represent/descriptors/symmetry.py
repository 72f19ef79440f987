"""Space group of a crystal structure: number, crystal system, centring, inversion, symmetry operations and orbits."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.space_groups import SYSTEMS, TOLERANCE, SpaceGroup, space_group
from matscout.data.materials import Materials
from matscout.represent.structure_representation import StructureRepresentation

Floats = NDArray[np.float64]

CENTRINGS = {"primitive": "P", "body-centred": "I", "face-centred": "F", "base-centred": "AC", "rhombohedral": "R"}
"""First letters of the symbols."""


class Symmetry(StructureRepresentation):
    """As matminer's ``GlobalSymmetryFeatures``, with one column for each crystal system, and more.

    Symmetry operations are counted in the primitive cell, as many as the point group has: matminer counts those of the
    cell as it is given, where a face-centred cubic one has four times 48. Symmetry is found or not: near the tolerance
    a small change of the structure may change the whole vector.

    Parameters
    ----------
    symmetry_tolerance
        Å that an atom may be away from the place which symmetry gives it (``symprec``). The default is that of pymatgen
        and matminer; the Materials Project takes 0.1.
    """

    takes_disorder: ClassVar[bool] = True
    intensive: ClassVar[bool] = True
    columns = (
        "space-group number",
        *SYSTEMS,
        *CENTRINGS,
        "centrosymmetric",
        "symmetry operations",
        "unique sites / sites",
    )

    def __init__(self, symmetry_tolerance: float = TOLERANCE) -> None:
        self.symmetry_tolerance = symmetry_tolerance

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 16]."""
        groups = (space_group(crystals, row, self.symmetry_tolerance) for row in range(len(crystals)))
        return np.array([_vector(group) for group in groups]).reshape(len(crystals), self.dim)

    def _undefined(self, materials: Materials, row: int) -> tuple[str, str]:
        atoms = np.diff(materials.structures.offsets)[row] if materials.structures is not None else 0
        what = f"spglib finds no space group for its {atoms} sites within {self.symmetry_tolerance:g} Å"
        return what, "check the structure for atoms that nearly overlap, or give another symmetry_tolerance"


def _vector(group: SpaceGroup | None) -> Floats:
    if group is None:
        return np.full(len(Symmetry.columns), np.nan)
    return np.array(
        [
            group.number,
            *(name == group.system for name in SYSTEMS),
            *(group.symbol[0] in letters for letters in CENTRINGS.values()),
            group.centrosymmetric,
            group.operations,
            group.unique_sites / group.sites,
        ],
        dtype=np.float64,
    )
