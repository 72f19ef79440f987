"""The Coulomb matrix against matminer's, and of a molecule in a large box against DScribe's."""

import numpy as np
import pytest
from matminer.featurizers.structure.matrix import ANG_TO_BOHR
from matminer.featurizers.structure.matrix import CoulombMatrix as Reference
from pymatgen.core import Lattice, Structure
from pymatgen.io.ase import AseAtomsAdaptor

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.represent.descriptors.coulomb_matrix import CoulombMatrix, nearest_images


def random_structure(seed: int) -> Structure:
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(3, 8, 3), *rng.uniform(50, 110, 3))
    symbols = rng.choice(["Li", "O", "Si", "Fe", "Bi"], 5)
    return Structure(lattice, symbols, rng.random((len(symbols), 3)))


def vectors(*structures: Structure, **options) -> np.ndarray:
    return CoulombMatrix(**options).vectors(Crystals.from_structures(Structures.from_pymatgen(structures)))


@pytest.mark.parametrize("seed", range(6))
def test_it_is_that_of_matminer_with_lengths_in_angstrom(seed):
    structure = random_structure(seed)
    (matrix,) = Reference(flatten=False).featurize(structure)
    own = np.diag(np.diag(matrix))
    expected = np.linalg.eigvalsh((matrix - own) * ANG_TO_BOHR + own)
    expected = expected[np.argsort(-np.abs(expected))]
    np.testing.assert_allclose(vectors(structure, most_sites=5)[0], expected, rtol=1e-9)


def test_nearest_images_of_a_crooked_cell_are_found():
    """The same lattice in vectors that are far from the shortest ones."""
    structure = random_structure(1)
    crooked = np.array([[1, 3, 0], [0, 1, -2], [0, 0, 1]]) @ structure.lattice.matrix
    fractional = structure.cart_coords @ np.linalg.inv(crooked)
    expected = structure.distance_matrix
    np.testing.assert_allclose(nearest_images(fractional, crooked), expected, rtol=1e-9, atol=1e-9)


def test_the_lattice_vectors_do_not_matter():
    structure = random_structure(2)
    crooked = np.array([[1, 50, 0], [0, 1, 40], [0, 0, 1]]) @ structure.lattice.matrix
    other = Structure(crooked, structure.species, structure.cart_coords, coords_are_cartesian=True)
    np.testing.assert_allclose(*vectors(structure, other), rtol=1e-9, atol=1e-9)


def test_a_molecule_in_a_box_has_the_matrix_of_dscribe():
    descriptors = pytest.importorskip("dscribe.descriptors")
    places = np.array([[0, 0, 0], [0.96, 0, 0], [-0.24, 0.93, 0]]) + 7.0
    water = Structure(Lattice.cubic(15.0), ["O", "H", "H"], places, coords_are_cartesian=True)
    reference = descriptors.CoulombMatrix(n_atoms_max=4, permutation="eigenspectrum")
    expected = reference.create(AseAtomsAdaptor.get_atoms(water))
    np.testing.assert_allclose(vectors(water, most_sites=4)[0], expected, rtol=1e-9)
