"""Compressed SOAP against sums over DScribe's uncompressed one."""

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure
from pymatgen.io.ase import AseAtomsAdaptor

from matscout.crystal.crystals import Crystals
from matscout.data.materials import Materials
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.errors import UsageError
from matscout.represent.descriptors.soap import Soap

descriptors = pytest.importorskip("dscribe.descriptors")
CRYSTAL = Structure(Lattice.from_parameters(3.6, 4.3, 5.1, 81, 95, 103), ["Li", "Fe", "Li", "Fe"],
                    [[0.1, 0.1, 0.1], [0.6, 0.1, 0.3], [0.1, 0.6, 0.6], [0.55, 0.55, 0.9]])  # fmt: skip
SIZE = {"r_cut": 6.0, "n_max": 3, "l_max": 2, "sigma": 0.5}


def vectors(*structures: Structure, **options) -> np.ndarray:
    return Soap(**options).vectors(Crystals.from_structures(Structures.from_pymatgen(structures)))


def uncompressed() -> tuple[np.ndarray, dict[tuple[str, str], np.ndarray]]:
    """Means over sites: of iron with iron and lithium, [degree, function of iron, function of the other]."""
    maker = descriptors.SOAP(species=["Li", "Fe"], periodic=True, average="outer", **SIZE)
    whole = maker.create(AseAtomsAdaptor.get_atoms(CRYSTAL))
    same = whole[maker.get_location(("Fe", "Fe"))].reshape(3, 6)
    square = np.zeros((3, 3, 3))
    rows, columns = np.triu_indices(3)
    square[:, rows, columns] = square[:, columns, rows] = same
    mixed = whole[maker.get_location(("Li", "Fe"))].reshape(3, 3, 3)
    return square, mixed.transpose(0, 2, 1)


def of_iron(vector: np.ndarray, columns: tuple[str, ...]) -> np.ndarray:
    return vector[[column.startswith("Fe ") for column in columns]]


def test_mu1nu1_is_the_sum_over_the_other_element():
    iron, lithium = uncompressed()
    found = of_iron(vectors(CRYSTAL)[0], Soap().columns)
    np.testing.assert_allclose(found.reshape(3, 3, 3), iron + lithium, rtol=1e-6, atol=1e-8)


def test_crossover_is_the_element_with_itself():
    iron, _ = uncompressed()
    found = of_iron(vectors(CRYSTAL, compression="crossover")[0], Soap(compression="crossover").columns)
    rows, columns = np.triu_indices(3)
    np.testing.assert_allclose(found.reshape(3, 6), iron[:, rows, columns], rtol=1e-6, atol=1e-8)


def test_elements_that_are_not_there_have_zeros():
    found = vectors(CRYSTAL)[0]
    there = [column.split()[0] in {"Li", "Fe"} for column in Soap().columns]
    assert (found[np.logical_not(there)] == 0.0).all()
    assert np.abs(found[there]).min() > 0.0


def test_what_is_heavier_than_plutonium_is_refused_by_name():
    heavy = Structure(Lattice.cubic(4.0), ["Cm", "O"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    structures, names = Structures.from_pymatgen([heavy, CRYSTAL]), np.array(["a", "b"])
    embedding = Soap().represent(Materials(names, names, compositions_of(structures), structures))
    assert embedding.rows.tolist() == [1]
    assert "not defined for Cm" in embedding.problems[0].reason


def test_an_unknown_compression_is_told_the_known_ones():
    with pytest.raises(UsageError, match="mu1nu1, crossover"):
        _ = Soap(compression="mu3").columns
