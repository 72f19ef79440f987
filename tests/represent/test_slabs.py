"""Slabs, chains and molecules: a representation is defined for them whatever their vacuum, or it refuses them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from matscout import registry
from matscout.data.materials import Materials
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.represent.base import Embedding
from matscout.represent.structure_representation import StructureRepresentation

PLUG_INS = {
    one.name: made
    for one in registry.plug_ins("representations")
    if issubclass(made := registry.load_class("representations", one.name), StructureRepresentation) and made.at_hand()
}
TAKE = [name for name, made in PLUG_INS.items() if made.takes_slabs]
REFUSE = [name for name, made in PLUG_INS.items() if not made.takes_slabs]
FAR = 60.0
"""Å; no descriptor sees so far."""


def slabs() -> Structures:
    """Three of no symmetry, and one whose vacuum is so thin that it could be a crystal."""
    rng, made = np.random.default_rng(4), []
    for count in (3, 5, 6):
        lattice = Lattice.from_parameters(*rng.uniform(3.5, 5, 2), 20, 90, 90, rng.uniform(75, 105))
        places = np.column_stack([rng.random((count, 2)), 0.1 + 1.9 / 20 * np.arange(count)])
        symbols = rng.choice(["Fe", "O", "Si"], count)
        symbols[:2] = "Sr", "O"
        made.append(Structure(Lattice(lattice.matrix, pbc=(True, True, False)), symbols, places))
    layers = [[0, 0, place / 6] for place in range(6)]
    made.append(Structure(Lattice(np.diag([2.9, 2.9, 15.6]), pbc=(True, True, False)), ["Fe", "O"] * 3, layers))
    return Structures.from_pymatgen(made)


def with_third_vector(structures: Structures, vector: list[float]) -> Structures:
    """The atoms where they are, in Å, in a cell with another third vector."""
    owners = np.repeat(np.arange(len(structures)), np.diff(structures.offsets))
    positions = np.einsum("si,sij->sj", structures.fractional_coordinates, structures.lattices[owners])
    lattices = structures.lattices.copy()
    lattices[:, 2] = vector
    fractional = np.einsum("si,sij->sj", positions, np.linalg.inv(lattices)[owners])
    return replace(structures, lattices=lattices, fractional_coordinates=fractional)


def represented(name: str, structures: Structures) -> Embedding:
    names = np.arange(len(structures)).astype(np.str_)
    return PLUG_INS[name]().represent(Materials(names, names, compositions_of(structures), structures))


@pytest.mark.parametrize("name", TAKE)
def test_the_vector_of_a_slab_is_that_of_layers_far_apart_and_knows_no_vacuum(name):
    given = slabs()
    expected = represented(name, replace(with_third_vector(given, [0, 0, FAR]), pbc=np.ones((len(given), 3), bool)))
    assert len(expected.rows) == len(given), expected.problems
    for vector in ([0, 0, FAR], [0.7, -1.1, 31.0], [0.0, 0.0, 15.6], [0.0, 0.0, 4.0]):
        found = represented(name, with_third_vector(given, vector))
        assert found.rows.tolist() == expected.rows.tolist(), found.problems
        tolerance = max(PLUG_INS[name].tolerance, 1e-6)
        np.testing.assert_allclose(found.vectors, expected.vectors, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", REFUSE)
def test_what_is_defined_for_crystals_only_says_so(name):
    found = represented(name, slabs())
    assert len(found.rows) == 0
    assert all("periodic along 2 of 3 axes" in problem.reason for problem in found.problems)
    assert all(problem.advice for problem in found.problems)


@pytest.mark.parametrize("name", PLUG_INS)
def test_no_representation_reads_columns_or_charges(name):
    """Columns may hold what is to be predicted."""
    lattice = Lattice.from_parameters(4.1, 4.4, 5.0, 80, 95, 100)
    structure = Structure(lattice, ["Sr", "Ti", "O", "O"], [[0, 0, 0], [0.5, 0.5, 0.45], [0.5, 0, 0.5], [0, 0.5, 0.5]])
    plain = Structures.from_pymatgen([structure])
    more = replace(plain, site_columns={"forces": np.ones((4, 3))}, columns={"energy": np.array([-7.0])})
    np.testing.assert_array_equal(represented(name, plain).vectors, represented(name, more).vectors)
