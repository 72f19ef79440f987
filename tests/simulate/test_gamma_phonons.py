"""Frequencies against those of springs, whose dynamical matrix can be written down."""

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

pytest.importorskip("phonopy", reason="pip install 'matscout[mlff]'")

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.simulate.gamma_phonons import gamma_frequencies, optical

# `make slow` installs what they need.
pytestmark = pytest.mark.slow

SPRING = 5.0
"""eV/Å²."""

TO_TERAHERTZ = np.sqrt(1.602176634e-19 / 1e-20 / 1.66053906892e-27) / 2 / np.pi / 1e12
"""sqrt(eV/Å²/u) as a frequency; CODATA 2022."""


def springs(cells: Crystals) -> np.ndarray:
    """Forces of springs of equal strength between every pair of sites of a cell, however far, at rest as they were."""
    rest = REST.fractional @ REST.lattices[0]
    moved = (cells.positions.reshape(len(cells), -1, 3) - rest + 0.5) % 1.0 - 0.5
    return (SPRING * (moved.sum(axis=1, keepdims=True) - len(rest) * moved)).reshape(-1, 3)


REST = Crystals.from_structures(
    Structures.from_pymatgen(
        [Structure(Lattice.from_parameters(4.0, 4.3, 4.7, 90, 90, 90), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])]
    )
)


def test_two_atoms_on_a_spring():
    """Each of the three optical modes is that of the reduced mass, the others move the crystal as a whole."""
    found = gamma_frequencies(REST, springs)
    assert len(found) == 6
    reduced = 22.98977 * 35.453 / (22.98977 + 35.453)
    np.testing.assert_allclose(optical(found), np.sqrt(SPRING / reduced) * TO_TERAHERTZ, rtol=1e-4)
    np.testing.assert_allclose(np.sort(np.abs(found))[:3], 0.0, atol=1e-3)


def test_what_pushes_apart_is_imaginary():
    assert (optical(gamma_frequencies(REST, lambda cells: -springs(cells))) < -1.0).all()
