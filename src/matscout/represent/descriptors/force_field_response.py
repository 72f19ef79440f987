"""Elastic moduli and vibrations computed with CHGNet, trained on DFT energies (needs chgnet and phonopy; slow).

Not label-free: CHGNet was trained on energies, forces and stresses of most of the Materials Project (see
``force-field-chgnet``), though on no modulus and no frequency. It is systematically too soft (B. Deng et al., npj
Comput. Mater. 11, 9 (2025), doi:10.1038/s41524-024-01500-6); a model that learns from these columns corrects that.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.represent.atom_feature_representation import LearntFromEnergies
from matscout.simulate.chgnet_network import chgnet
from matscout.simulate.clamped_response import clamped_response
from matscout.simulate.force_fields.chgnet import Chgnet

Floats = NDArray[np.float64]

SOFTEST = 1.0
"""GPa; softer moduli, and those below 0 of crystals that are not stable, count as this."""


class ForceFieldResponse(LearntFromEnergies):
    """Voigt's bulk and shear modulus from 15 energies, and the spread of the optical modes, of the primitive cell.

    Atoms are not relaxed, and stay at their places in the cell when it is strained (clamped ions). A crystal with one
    atom in its primitive cell has no optical modes: they are blank.
    """

    takes_disorder: ClassVar[bool] = False
    intensive: ClassVar[bool] = True
    tolerance: ClassVar[float] = 0.05
    costly: ClassVar[bool] = True
    title = "CHGNet"
    packages: ClassVar[tuple[str, ...]] = ("chgnet", "phonopy")
    extra = "mlff"

    @property
    def columns(self) -> tuple[str, ...]:
        """Two moduli and three frequencies; imaginary ones are negative."""
        return (
            "log10 clamped-ion bulk modulus (log10 GPa)",
            "log10 clamped-ion shear modulus (log10 GPa)",
            "lowest optical frequency (THz)",
            "mean optical frequency (THz)",
            "highest optical frequency (THz)",
        )

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 5], of the primitive cells."""
        network = chgnet()
        response = clamped_response(crystals, network.energies, lambda moved: Chgnet().evaluate(moved).forces)
        moduli = np.stack([response.moduli.bulk, response.moduli.shear], axis=1)
        vectors = np.concatenate([np.log10(np.maximum(moduli, SOFTEST)), response.optical], axis=1)
        vectors[np.isnan(response.moduli.bulk)] = np.nan
        return np.asarray(vectors, dtype=np.float64)
