"""Pairs against pymatgen's own search."""

import itertools

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.crystal.graphs import nearest_pairs
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


def test_slabs_chains_and_molecules_have_no_neighbours_along_axes_that_are_not_periodic():
    """Against all images that there are; sites also lie outside the cell."""
    rng = np.random.default_rng(7)
    for _ in range(30):
        lattice, fractional = rng.normal(size=(3, 3)) * 1.5 + 4.5 * np.eye(3), rng.uniform(-1.4, 2.4, (6, 3))
        pbc = rng.random(3) < 0.5
        atoms = Structure(Lattice(lattice, pbc=pbc.tolist()), ["Fe"] * 6, fractional)
        crystals, cutoff = Crystals.from_structures(Structures.from_pymatgen([atoms])), rng.uniform(2.5, 6.0)
        pairs = pairs_within(crystals, cutoff)
        cells = [range(-12, 13) if periodic else (0,) for periodic in pbc]
        cells = np.array(list(itertools.product(*cells)))
        vectors = (fractional[None, :, None] + cells - fractional[:, None, None]) @ lattice
        distances = np.linalg.norm(vectors, axis=-1)
        near = (distances <= cutoff) & (distances > 0)
        expected = {(first, second, *cells[cell]) for first, second, cell in np.argwhere(near)}
        assert set(map(tuple, np.column_stack([pairs.first, pairs.second, pairs.shifts]))) == expected
        nearest = nearest_pairs(crystals, 5, 20.0)
        for site in range(6):
            told = nearest.distances[nearest.offsets[site] : nearest.offsets[site + 1]]
            every = np.sort(distances[site][(distances[site] > 0) & (distances[site] < 20.0)])
            np.testing.assert_allclose(told, every[:5], atol=1e-9)
            its = slice(nearest.offsets[site], nearest.offsets[site + 1])
            ways = (fractional[nearest.second[its]] + nearest.shifts[its] - fractional[site]) @ lattice
            np.testing.assert_allclose(ways, nearest.vectors[its], atol=1e-9)
            assert not nearest.shifts[its][:, ~pbc].any()


def test_no_crystals_have_no_pairs():
    pairs = pairs_within(Crystals.from_structures(Structures.from_pymatgen([])), 5.0)
    assert pairs.offsets.tolist() == [0]
    assert pairs.vectors.shape == (0, 3)
