"""What a force field states about crystals: energies, forces, stresses, and why some have none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.data.read_only import lock
from matscout.errors import RowProblem
from matscout.shown import Shown

Floats = NDArray[np.float64]

GIGAPASCAL = 160.2176634
"""1 eV/Å³ in GPa."""

EnergyScheme = Literal["corrected-mp2020", "uncorrected-pbe", "r2scan", "unknown"]
"""Which energies a number belongs to; those of two schemes must not meet in one hull.

``corrected-mp2020``: PBE and PBE+U of the Materials Project with its corrections of 2020 (A. Wang et al., Sci. Rep. 11,
15496 (2021), doi:10.1038/s41598-021-94550-5). ``uncorrected-pbe``: the same without them. ``r2scan``: the functional of
that name. ``unknown``: anything else.
"""


@dataclass(frozen=True, eq=False, repr=False)
class Energies(Shown):
    """Energies, forces and stresses of n crystals with s sites.

    Parameters
    ----------
    energy
        float64 [n], eV, of each cell; NaN where there is a problem.
    forces
        float64 [s, 3], eV/Å.
    stress
        float64 [n, 3, 3], GPa, the derivative of the energy by a strain over the volume: positive on the diagonal where
        the crystal pulls inwards, as in ASE.
    problems
        One for each crystal without an energy; ``row`` is the position from 1.
    """

    energy: Floats
    forces: Floats
    stress: Floats
    problems: tuple[RowProblem, ...] = ()

    def __post_init__(self) -> None:
        if self.stress.shape != (len(self.energy), 3, 3):
            raise ValueError(f"stress {self.stress.shape} does not fit {len(self.energy)} energies")
        lock(self)

    def __len__(self) -> int:
        return len(self.energy)

    def in_a_line(self) -> str:
        """How many, and how many are missing."""
        missing = f", {counted(len(self.problems), 'crystal')} without" if self.problems else ""
        return f"{counted(len(self.energy) - len(self.problems), 'energy', 'energies')}{missing}"
