"""The sine matrix against DScribe's, and what all matrices of sites have in common."""

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure
from pymatgen.io.ase import AseAtomsAdaptor

from matscout.crystal.crystals import Crystals
from matscout.data.materials import Materials
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.represent.descriptors.sine_matrix import SineMatrix


def random_structure(seed: int) -> Structure:
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(4, 8, 3), *rng.uniform(65, 115, 3))
    symbols = rng.choice(["Li", "O", "Si", "Fe", "Bi"], rng.integers(1, 7))
    return Structure(lattice, symbols, rng.random((len(symbols), 3)))


STRUCTURES = [random_structure(seed) for seed in range(6)]


def vectors(maker: SineMatrix, structures: list[Structure]) -> np.ndarray:
    return maker.vectors(Crystals.from_structures(Structures.from_pymatgen(structures)))


@pytest.mark.filterwarnings("ignore:Please use atoms.calc:FutureWarning")
@pytest.mark.parametrize(("sorted_rows", "permutation"), [(False, "eigenspectrum"), (True, "sorted_l2")])
def test_it_is_that_of_dscribe(sorted_rows, permutation):
    descriptors = pytest.importorskip("dscribe.descriptors")
    reference = descriptors.SineMatrix(n_atoms_max=8, permutation=permutation)
    expected = [reference.create(AseAtomsAdaptor.get_atoms(structure)) for structure in STRUCTURES]
    found = vectors(SineMatrix(most_sites=8, sorted_rows=sorted_rows), STRUCTURES)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_columns_are_as_many_as_values():
    assert SineMatrix().columns[:2] == ("eigenvalue 1", "eigenvalue 2")
    assert SineMatrix().dim == 50
    assert SineMatrix(most_sites=2, sorted_rows=True).columns == (
        "element 1 1", "element 1 2", "element 2 1", "element 2 2",
    )  # fmt: skip


def test_one_atom_has_its_own_energy_and_zeros():
    found = vectors(SineMatrix(most_sites=3), [Structure(Lattice.cubic(3.0), ["Fe"], [[0.3, 0.2, 0.1]])])[0]
    assert found == pytest.approx([0.5 * 26**2.4, 0.0, 0.0])


def test_a_larger_crystal_is_refused_with_its_number_of_sites():
    structures = Structures.from_pymatgen([STRUCTURES[0], STRUCTURES[0] * (2, 1, 1)])
    sites = len(STRUCTURES[0])
    names = np.array(["a", "b"])
    embedding = SineMatrix(most_sites=sites).represent(Materials(names, names, compositions_of(structures), structures))
    assert embedding.rows.tolist() == [0]
    assert f"it has {2 * sites} sites" in embedding.problems[0].reason
    assert f"most_sites={2 * sites}" in embedding.problems[0].advice
