"""The ordering against matminer's, and on alloys whose shells are in textbooks."""

import numpy as np
import pytest
from matminer.featurizers.structure.order import ChemicalOrdering as Reference
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.represent.descriptors.chemical_ordering import ChemicalOrdering

ROCK_SALT = Structure(2.82 * (np.ones((3, 3)) - np.eye(3)), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])


def random_structure(seed: int) -> Structure:
    """Small cells too, in which an atom neighbours images of itself."""
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(3, 5, 3), *rng.uniform(70, 110, 3))
    symbols = ["Li", "O", "Fe", "Fe"][: seed % 3 + 2]
    return Structure(lattice, symbols, rng.random((len(symbols), 3)))


def vectors(*structures: Structure) -> np.ndarray:
    return ChemicalOrdering().vectors(Crystals.from_structures(Structures.from_pymatgen(structures)))


@pytest.mark.parametrize("seed", range(3))
def test_it_is_that_of_matminer(seed):
    structure = random_structure(seed)
    found, expected = vectors(structure)[0], Reference().featurize(structure)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def test_rock_salt_alternates_from_shell_to_shell():
    """Every odd step ends on the other kind, every even one on the same: the shares are 0 and 1, the halves 1/2."""
    np.testing.assert_allclose(vectors(ROCK_SALT)[0], [1.0, 1.0, 1.0])


def test_the_first_shell_of_the_cuau_structure():
    """Unrelaxed CuAu: twelve equal faces, eight to the other kind, four to the same: abs(1 - 2/3 * 2) = 1/3."""
    ordered = Structure(Lattice.tetragonal(2.8, 2.8 * np.sqrt(2)), ["Cu", "Au"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    assert vectors(ordered)[0, 0] == pytest.approx(1 / 3)


def test_an_element_is_as_random_as_can_be():
    element = Structure(2.0 * (np.ones((3, 3)) - np.eye(3)), ["Cu"], [[0, 0, 0]])
    lonely = Structure(Lattice.cubic(60.0), ["H"], [[0, 0, 0]])
    found = vectors(lonely, element, ROCK_SALT)
    assert np.isnan(found[0]).all()
    np.testing.assert_allclose(found[1:], [[0, 0, 0], [1, 1, 1]], atol=1e-9)
