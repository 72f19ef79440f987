"""The nine columns against matminer's, and on a crystal in which every site is the same."""

import numpy as np
import pytest
from matminer.featurizers.structure.bonding import StructuralHeterogeneity as Reference
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.represent.descriptors.structural_heterogeneity import StructuralHeterogeneity

ROCK_SALT = Structure(2.82 * (np.ones((3, 3)) - np.eye(3)), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])


def random_structure(seed: int) -> Structure:
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(4, 7, 3), *rng.uniform(70, 110, 3))
    return Structure(lattice, ["Fe"] * (seed + 2), rng.random((seed + 2, 3)))


def vectors(*structures: Structure) -> np.ndarray:
    return StructuralHeterogeneity().vectors(Crystals.from_structures(Structures.from_pymatgen(structures)))


@pytest.mark.parametrize("seed", range(5))
def test_it_is_that_of_matminer(seed):
    structure = random_structure(seed)
    np.testing.assert_allclose(vectors(structure)[0], Reference().featurize(structure), rtol=1e-6, atol=1e-6)


def test_nothing_varies_in_rock_salt():
    np.testing.assert_allclose(vectors(ROCK_SALT)[0], [0, 1, 1, 0, 0, 0, 0, 0, 0], atol=1e-9)


def test_a_swollen_crystal_is_as_heterogeneous():
    structure = random_structure(2)
    swollen = Structure(structure.lattice.matrix * 1.3, structure.species, structure.frac_coords)
    found = vectors(structure, swollen)
    np.testing.assert_allclose(found[0], found[1], atol=1e-9)


def test_an_atom_without_neighbours_has_no_vector():
    found = vectors(Structure(Lattice.cubic(60.0), ["H"], [[0, 0, 0]]), ROCK_SALT)
    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1]).all()
