"""What a force field states about crystals: energies, forces, stresses, and why some have none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.data.read_only import lock
from matscout.errors import RowProblem
from matscout.shown import Shown

Floats = NDArray[np.float64]

GIGAPASCAL = 160.2176634
"""1 eV/Å³ in GPa."""


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


def joined_energies(parts: Sequence[Energies]) -> Energies:
    """Of several lists of crystals, one list after the other; the rows of their problems stay as they are."""
    return Energies(
        np.concatenate([one.energy for one in parts]),
        np.concatenate([one.forces for one in parts]),
        np.concatenate([one.stress for one in parts]),
        tuple(problem for one in parts for problem in one.problems),
    )
