"""Pairs against pymatgen's own search."""

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import pairs_within
from matscout.data.structures import Structures

STRUCTURES = [
    Structure.from_spacegroup("Fd-3m", Lattice.cubic(5.43), ["Si"], [[0, 0, 0]]),
    Structure(
        Lattice.from_parameters(3.1, 4.2, 9.7, 71, 85, 113), ["Fe", "O", "S"], np.random.default_rng(0).random((3, 3))
    ),
    Structure(Lattice.cubic(30.0), ["H"], [[0.5, 0.5, 0.5]]),
    Structure(Lattice.cubic(2.0), ["Po"], [[0.1, 0.2, 1.3]]),
]


@pytest.mark.parametrize("cutoff", [2.5, 6.1])
def test_the_pairs_are_those_of_pymatgen(cutoff):
    crystals = Crystals.from_structures(Structures.from_pymatgen(STRUCTURES))
    pairs = pairs_within(crystals, cutoff)
    site = 0
    for structure in STRUCTURES:
        start = site
        for neighbours in structure.get_all_neighbors(cutoff):
            mine = slice(pairs.offsets[site], pairs.offsets[site + 1])
            expected = np.array(sorted((start + n.index, n.nn_distance) for n in neighbours)).reshape(-1, 2)
            order = np.lexsort((pairs.distances[mine], pairs.second[mine]))
            np.testing.assert_array_equal(pairs.second[mine][order], expected[:, 0])
            np.testing.assert_allclose(pairs.distances[mine][order], expected[:, 1], atol=1e-6)
            site += 1
    assert site == len(pairs.offsets) - 1


def test_vectors_lead_to_the_cell_that_the_shifts_name():
    crystals = Crystals.from_structures(Structures.from_pymatgen(STRUCTURES))
    pairs = pairs_within(crystals, 5.0)
    first = np.repeat(np.arange(len(crystals.fractional)), np.diff(pairs.offsets))
    lattices = crystals.lattices[crystals.owners[first]]
    images = crystals.positions[pairs.second] + np.einsum("pi,pij->pj", pairs.shifts, lattices)
    np.testing.assert_allclose(images - crystals.positions[first], pairs.vectors, atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(pairs.vectors, axis=1), pairs.distances)


def test_no_crystals_have_no_pairs():
    pairs = pairs_within(Crystals.from_structures(Structures.from_pymatgen([])), 5.0)
    assert pairs.offsets.tolist() == [0]
    assert pairs.vectors.shape == (0, 3)
