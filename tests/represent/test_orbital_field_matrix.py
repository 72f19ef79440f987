"""The orbital field matrix against matminer's."""

import numpy as np
import pytest
from matminer.featurizers.structure.matrix import OrbitalFieldMatrix as Reference
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.represent.descriptors.orbital_field_matrix import OrbitalFieldMatrix, valence_shells

# matminer uses numpy.matrix and an old way of spglib.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning", "ignore::DeprecationWarning")
FACE_CENTRED = np.ones((3, 3)) - np.eye(3)
STRUCTURES = [
    Structure(2.82 * FACE_CENTRED, ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]),
    Structure(Lattice.cubic(3.9), ["Sr", "Ti", "O", "O", "O"],
              [[0.5, 0.5, 0.5], [0, 0, 0], [0.5, 0, 0], [0, 0.5, 0], [0, 0, 0.5]]),
    Structure(Lattice.hexagonal(3.19, 5.19), ["Gd", "Gd"], [[1 / 3, 2 / 3, 0.25], [2 / 3, 1 / 3, 0.75]]),
    Structure(Lattice.from_parameters(4.6, 5.3, 6.1, 81, 95, 103), ["Li", "Fe", "P", "O"],
              [[0.1, 0.1, 0.1], [0.6, 0.1, 0.2], [0.1, 0.6, 0.5], [0.55, 0.55, 0.85]]),
]  # fmt: skip


@pytest.mark.parametrize("periods", [False, True])
def test_elements_have_the_vectors_of_matminer(periods):
    reference, shells = Reference(period_tag=periods), valence_shells(periods)
    for number in range(1, 95):
        np.testing.assert_array_equal(shells[number - 1], np.asarray(reference.ohvs[number]).ravel())


@pytest.mark.parametrize("periods", [False, True])
def test_matrices_are_those_of_matminer(periods):
    crystals = Crystals.from_structures(Structures.from_pymatgen(STRUCTURES))
    found = OrbitalFieldMatrix(periods=periods).vectors(crystals)
    reference = Reference(period_tag=periods)
    for vector, structure in zip(found, STRUCTURES, strict=True):
        np.testing.assert_allclose(vector, reference.featurize(structure.copy()), atol=1e-6)


def test_columns_name_neighbour_and_site():
    crystals = Crystals.from_structures(Structures.from_pymatgen(STRUCTURES[:1]))
    maker = OrbitalFieldMatrix()
    found = dict(zip(maker.columns, maker.vectors(crystals)[0], strict=True))
    # The only valence shells here: sodium s1; chlorine s2 p5. Both sites have neighbours of the other kind only.
    assert {name for name, value in found.items() if value > 0} == {"s1 s2", "s1 p5", "s2 s1", "p5 s1"}


def test_there_is_no_vector_beyond_plutonium():
    heavy = Structure(Lattice.cubic(4.0), ["Cm"], [[0, 0, 0]])
    crystals = Crystals.from_structures(Structures.from_pymatgen([heavy, STRUCTURES[0]]))
    found = OrbitalFieldMatrix().vectors(crystals)
    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1]).all()
