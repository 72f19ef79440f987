"""Elastic moduli of a crystal whose atoms follow the cell (clamped ions), from energies of strained cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pymatgen.core import Structure

Floats = NDArray[np.float64]
Energy = Callable[["Structure"], float]
"""Energy of a cell, eV, e.g. of a force field. In single precision strains below .005 drown in rounding."""

STRAIN = 0.01
GIGAPASCAL = 160.2176634
"""1 eV/Å³ in GPa."""

_PLACES = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))
"""Voigt's order."""


@dataclass(frozen=True)
class ElasticModuli:
    """Of a polycrystal of randomly turned grains, GPa; negative where the crystal is not stable."""

    bulk: float
    shear: float


def voigt_moduli(structure: Structure, energy: Energy, strain: float = STRAIN) -> ElasticModuli:
    """Voigt's averages, for which 15 energies are enough in any crystal system.

    They need but sums of the stiffness tensor: the curvature along six single strains, and along an expansion.

    Parameters
    ----------
    structure
        The cell as it is; it need not be free of stress.
    energy
        Energy of a cell, eV.
    strain
        Size of the strains; the error goes with its square.
    """
    curvature = _Curvature(structure, energy, strain)
    single = np.array([curvature.along(direction) for direction in np.eye(6)])
    bulk = curvature.along(np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])) / 9.0
    return ElasticModuli(float(bulk), float((single[:3].sum() - 3.0 * bulk) / 10.0 + single[3:].sum() / 5.0))


def stiffness_tensor(structure: Structure, energy: Energy, strain: float = STRAIN) -> Floats:
    """All 21 stiffnesses from 43 energies: second derivatives by the Lagrangian strain in Voigt's order, [6, 6], GPa.

    Parameters are those of :func:`voigt_moduli`.
    """
    curvature = _Curvature(structure, energy, strain)
    basis = np.eye(6)
    tensor = np.diag([curvature.along(direction) for direction in basis])
    for first in range(6):
        for second in range(first):
            both = curvature.along(basis[first] + basis[second])
            tensor[first, second] = (both - tensor[first, first] - tensor[second, second]) / 2.0
            tensor[second, first] = tensor[first, second]
    return tensor


def hill_moduli(stiffness: Floats) -> ElasticModuli:
    """Means of Voigt's and Reuss's averages; NaN where the crystal is not stable and Reuss's have no meaning.

    R. Hill, Proc. Phys. Soc. A 65, 349 (1952), doi:10.1088/0370-1298/65/5/307.
    """
    if np.linalg.eigvalsh(stiffness)[0] <= 0.0:
        return ElasticModuli(float("nan"), float("nan"))
    compliance: Floats = np.asarray(np.linalg.inv(stiffness), dtype=np.float64)
    bulk = (stiffness[:3, :3].sum() / 9.0 + 1.0 / compliance[:3, :3].sum()) / 2.0
    voigt = _shear_sum(stiffness) / 15.0 + stiffness.diagonal()[3:].sum() / 5.0
    reuss = 15.0 / (4.0 * _shear_sum(compliance) + 3.0 * compliance.diagonal()[3:].sum())
    return ElasticModuli(float(bulk), float((voigt + reuss) / 2.0))


def _shear_sum(tensor: Floats) -> float:
    """C11 + C22 + C33 - C12 - C13 - C23."""
    normal = tensor[:3, :3]
    return float(1.5 * np.trace(normal) - 0.5 * normal.sum())


class _Curvature:
    """Second derivatives of the energy per volume of one cell."""

    def __init__(self, structure: Structure, energy: Energy, strain: float) -> None:
        self._structure, self._energy, self._strain = structure, energy, strain
        self._at_rest = energy(structure)

    def along(self, direction: Floats) -> float:
        """By the strain along ``direction`` [6] in Voigt's order, by central differences, GPa."""
        there, back = (self._energy(strained(self._structure, sign * self._strain * direction)) for sign in (1.0, -1.0))
        per_cell = (there + back - 2.0 * self._at_rest) / self._strain**2
        return float(per_cell / self._structure.volume * GIGAPASCAL)


def strained(structure: Structure, strain: Floats) -> Structure:
    """The cell under a Lagrangian strain [6] in Voigt's order (shears doubled), atoms at the same fractions of it."""
    from pymatgen.core import Lattice, Structure

    tensor = np.zeros((3, 3))
    for place, component in zip(_PLACES, strain, strict=True):
        tensor[place] = tensor[place[::-1]] = component if place[0] == place[1] else component / 2.0
    squares, axes = np.linalg.eigh(np.eye(3) + 2.0 * tensor)
    stretch = axes @ np.diag(np.sqrt(squares)) @ axes.T
    lattice = Lattice(structure.lattice.matrix @ stretch)
    return Structure(lattice, structure.species_and_occu, structure.frac_coords)
