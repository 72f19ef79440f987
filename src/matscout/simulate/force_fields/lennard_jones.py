"""Lennard-Jones: solid neon, argon, krypton, xenon and their mixtures; needs nothing, for tests and for teaching.

Depths and lengths are those of N. W. Ashcroft, N. D. Mermin, Solid State Physics (1976), table 20.1; between two
elements the geometric mean of the depths and the arithmetic mean of the lengths (Lorentz and Berthelot).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import Pairs
from matscout.data.elements import N_ELEMENTS
from matscout.simulate.force_field import PairForceField

Floats = NDArray[np.float64]

CUTOFF, ONSET = 12.0, 8.0
"""Å; between the two the energy of a pair goes smoothly to 0."""

DEPTHS = {10: 0.0031, 18: 0.0104, 36: 0.0140, 54: 0.0200}
"""eV, by atomic number."""

LENGTHS = {10: 2.74, 18: 3.40, 36: 3.65, 54: 3.98}
"""Å, by atomic number."""


class LennardJones(PairForceField):
    """4 e ((s / r)^12 - (s / r)^6) between all atoms within 12 Å, times a smooth step from 8 Å on.

    The step is that of ASE's calculator: (b^2 - r^2)^2 (b^2 + 2 r^2 - 3 a^2) / (b^2 - a^2)^3 from a to b.
    """

    title: ClassVar[str] = "Lennard-Jones"
    licence = "none needed"
    cutoff = CUTOFF
    elements = tuple(DEPTHS)
    computes = tuple(DEPTHS)
    sites_at_once: ClassVar[int] = 400

    def slopes(self, crystals: Crystals, pairs: Pairs) -> tuple[Floats, Floats]:
        """As the formula has it; half of each directed pair."""
        depths, lengths = (
            np.array([table.get(number, np.nan) for number in range(119)]) for table in (DEPTHS, LENGTHS)
        )
        first, second = crystals.atomic_numbers[pairs.first], crystals.atomic_numbers[pairs.second]
        depth, length = np.sqrt(depths[first] * depths[second]), (lengths[first] + lengths[second]) / 2.0
        sixth = (length / pairs.distances) ** 6
        bare = 2.0 * depth * (sixth**2 - sixth)
        bare_slope = 2.0 * depth * (-12.0 * sixth**2 + 6.0 * sixth) / pairs.distances
        step, step_slope = _step(pairs.distances)
        slope = bare_slope * step + bare * step_slope
        owners = crystals.owners[pairs.first]
        energy = np.bincount(owners, bare * step, len(crystals)).astype(np.float64)
        return energy, (slope / pairs.distances)[:, None] * pairs.vectors


def _by_number(table: Mapping[int, float]) -> Floats:
    return np.array([table.get(number, np.nan) for number in range(N_ELEMENTS + 1)])


def _step(r: Floats) -> tuple[Floats, Floats]:
    """The step, 1 to 0 between onset and cutoff, and its derivative."""
    squared, a, b = r**2, ONSET**2, CUTOFF**2
    inside = r < ONSET
    step = (b - squared) ** 2 * (b + 2.0 * squared - 3.0 * a) / (b - a) ** 3
    slope = 12.0 * r * (b - squared) * (a - squared) / (b - a) ** 3
    return np.where(inside, 1.0, step), np.where(inside, 0.0, slope)
