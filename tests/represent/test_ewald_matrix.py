"""The Ewald matrix against DScribe's, and its sum against the Madelung constant of rock salt."""

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure
from pymatgen.io.ase import AseAtomsAdaptor

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.represent.descriptors.ewald_matrix import EwaldMatrix


def random_structure(seed: int) -> Structure:
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(3, 7, 3), *rng.uniform(70, 110, 3))
    symbols = rng.choice(["Li", "O", "Si", "Fe", "Bi"], rng.integers(1, 5))
    return Structure(lattice, symbols, rng.random((len(symbols), 3)))


def crystals(*structures: Structure) -> Crystals:
    return Crystals.from_structures(Structures.from_pymatgen(structures))


@pytest.mark.parametrize("accuracy", [1e-5, 1e-9])
def test_it_is_that_of_dscribe(accuracy):
    descriptors = pytest.importorskip("dscribe.descriptors")
    structures = [random_structure(seed) for seed in range(4)]
    reference = descriptors.EwaldSumMatrix(n_atoms_max=5, permutation="eigenspectrum")
    expected = [reference.create(AseAtomsAdaptor.get_atoms(one), accuracy=accuracy) for one in structures]
    found = EwaldMatrix(most_sites=5, accuracy=accuracy).vectors(crystals(*structures))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_charges_of_rock_salt_have_its_madelung_constant():
    """1.747565 (e.g. doi:10.1021/ic2023852) times 1 / distance is the energy of charges of 1 and -1."""
    salt = Structure(2.82 * (np.ones((3, 3)) - np.eye(3)), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    matrix = EwaldMatrix().matrix(crystals(salt), 0)
    charges = np.array([1.0, -1.0]) / [11.0, 17.0]
    energy = np.triu(matrix * charges[:, None] * charges).sum()
    assert -energy * 2.82 == pytest.approx(1.747565, abs=1e-6)


def test_the_lattice_vectors_do_not_matter():
    structure = random_structure(2)
    crooked = np.array([[1, 2, 0], [0, 1, -1], [0, 0, 1]]) @ structure.lattice.matrix
    other = Structure(crooked, structure.species, structure.cart_coords, coords_are_cartesian=True)
    one, two = EwaldMatrix().vectors(crystals(structure, other))
    np.testing.assert_allclose(one, two, rtol=1e-9)
