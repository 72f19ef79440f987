"""Mass density, volume per atom and packing fraction of a crystal structure."""

from __future__ import annotations

from functools import cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.data.elements import N_ELEMENTS
from matscout.represent.structure_representation import StructureRepresentation

Floats = NDArray[np.float64]

GRAMS_PER_CUBIC_CENTIMETRE = 1.66053906892
"""One u/Å³ (CODATA 2022)."""


class Density(StructureRepresentation):
    """As matminer's ``DensityFeatures``, and with occupancies as weights where it has nothing: on shared sites.

    The packing fraction is the share of the volume that spheres with the atomic radii of J. C. Slater
    (doi:10.1063/1.1725697) fill, those that overlap counted twice. It is blank if an element has no radius there:
    noble gases but argon, astatine, francium, and what is heavier than americium.
    """

    takes_disorder: ClassVar[bool] = True
    intensive: ClassVar[bool] = True
    columns = ("density (g/cm³)", "volume per atom (Å³)", "packing fraction")

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 3]."""
        volumes = crystals.volumes
        owners = crystals.owners[crystals.site_of_species]
        measures = _masses_and_spheres()[crystals.atomic_numbers - 1] * crystals.occupancies[:, None]
        mass, spheres = (np.bincount(owners, values, minlength=len(crystals)) for values in measures.T)
        atoms = np.bincount(owners, crystals.occupancies, minlength=len(crystals))
        return np.stack([GRAMS_PER_CUBIC_CENTIMETRE * mass / volumes, volumes / atoms, spheres / volumes], axis=1)

    def unknown_elements(self) -> NDArray[np.bool_]:
        """Those without an atomic radius, [118]."""
        return np.asarray(np.isnan(_masses_and_spheres()).any(axis=1))


@cache
def _masses_and_spheres() -> Floats:
    """Mass (u) and volume of the sphere with the atomic radius (Å³) of each element, [118, 2]; NaN where unknown."""
    from pymatgen.core import Element

    elements = [Element.from_Z(number) for number in range(1, N_ELEMENTS + 1)]
    masses = [float(element.atomic_mass) for element in elements]
    radii = np.array([float(element.atomic_radius or np.nan) for element in elements])
    return np.stack([masses, 4.0 / 3.0 * np.pi * radii**3], axis=1)
