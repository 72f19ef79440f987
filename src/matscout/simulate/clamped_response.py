"""Moduli and optical vibrations of primitive cells whose atoms are not relaxed, from any energies and forces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.data.cells import standard_cells
from matscout.data.structures import Structures
from matscout.simulate.elastic_response import ElasticModuli, EnergiesOf, voigt_moduli
from matscout.simulate.gamma_phonons import ForcesOn, gamma_frequencies, optical

Floats = NDArray[np.float64]

MOST_SITES = 40
"""Vibrations of larger primitive cells are left blank: the time goes with the square of their number."""


@dataclass(frozen=True, eq=False)
class ClampedResponse:
    """How n crystals answer to strains and to moved atoms.

    Parameters
    ----------
    moduli
        Voigt's averages; NaN where there is no energy.
    optical
        float64 [n, 3], THz: the lowest, the mean and the highest optical frequency at the Gamma point. NaN where the
        primitive cell has one atom or more than :data:`MOST_SITES`.
    """

    moduli: ElasticModuli
    optical: Floats


def clamped_response(crystals: Crystals, energies: EnergiesOf, forces: ForcesOn) -> ClampedResponse:
    """The response of the primitive cells; atoms stay at their places in the cell when it is strained.

    Parameters
    ----------
    crystals
        n ordered crystals.
    energies, forces
        What gives the energies of cells and the forces on their sites, e.g. of a force field.
    """
    crystals = _primitive(crystals)
    moduli = voigt_moduli(crystals, energies)
    modes = [_spread(crystals[np.array([row])], forces) for row in range(len(crystals))]
    return ClampedResponse(moduli, np.array(modes, dtype=np.float64).reshape(-1, 3))


def _primitive(crystals: Crystals) -> Crystals:
    """The primitive cells of ordered crystals."""
    given = Structures(
        crystals.lattices,
        crystals.offsets,
        crystals.atomic_numbers.astype(np.uint8),
        crystals.fractional,
        crystals.occupancies,
        crystals.pbc,
    )
    return Crystals.from_structures(standard_cells(given, "primitive"))


def _spread(crystal: Crystals, forces: ForcesOn) -> tuple[float, float, float]:
    """Lowest, mean and highest optical frequency of one crystal, THz."""
    if not 1 < len(crystal.fractional) <= MOST_SITES:
        return (np.nan, np.nan, np.nan)
    frequencies = optical(gamma_frequencies(crystal, forces))
    return float(frequencies[0]), float(frequencies.mean()), float(frequencies[-1])
