"""Densities against matminer's and handbook values; occupancies as weights."""

import numpy as np
import pytest
from matminer.featurizers.structure.order import DensityFeatures
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.represent.descriptors.density import Density

FACE_CENTRED = np.ones((3, 3)) - np.eye(3)
STRUCTURES = [
    Structure(2.82 * FACE_CENTRED, ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]),
    Structure(Lattice.hexagonal(3.19, 5.19), ["Gd", "Gd"], [[1 / 3, 2 / 3, 0.25], [2 / 3, 1 / 3, 0.75]]),
    Structure(Lattice.from_parameters(4.6, 5.3, 6.1, 81, 95, 103), ["Li", "Fe", "P", "O"],
              [[0.1, 0.1, 0.1], [0.6, 0.1, 0.2], [0.1, 0.6, 0.5], [0.55, 0.55, 0.85]]),
]  # fmt: skip


def vectors(*structures: Structure) -> np.ndarray:
    return Density().vectors(Crystals.from_structures(Structures.from_pymatgen(structures)))


def test_it_is_that_of_matminer():
    expected = [DensityFeatures().featurize(structure) for structure in STRUCTURES]
    np.testing.assert_allclose(vectors(*STRUCTURES), np.array(expected, dtype=float), rtol=1e-9)


def test_the_density_of_copper_is_in_handbooks():
    """8.96 g/cm³ at room temperature, where the edge of the cube is 3.615 Å."""
    copper = Structure(Lattice.cubic(3.615), ["Cu"] * 4, [[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    density, volume, _ = vectors(copper)[0]
    assert density == pytest.approx(8.96, abs=0.04)
    assert volume == pytest.approx(3.615**3 / 4)


def test_a_shared_site_weighs_what_is_on_it():
    cells = [Structure(Lattice.cubic(3.0), [species], [[0, 0, 0]]) for species in ("Cu", "Zn", {"Cu": 0.6, "Zn": 0.4})]
    copper, zinc, brass = vectors(*cells)
    np.testing.assert_allclose(brass, 0.6 * copper + 0.4 * zinc, rtol=1e-12)
    half = vectors(Structure(Lattice.cubic(3.0), [{"Cu": 0.5}], [[0, 0, 0]]))[0]
    np.testing.assert_allclose(half, copper * [0.5, 2.0, 0.5], rtol=1e-12)


def test_only_the_packing_of_an_element_without_radius_is_blank():
    found = vectors(Structure(Lattice.cubic(4.0), ["Xe"], [[0, 0, 0]]))[0]
    assert np.isnan(found).tolist() == [False, False, True]
