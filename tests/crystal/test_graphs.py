"""Nearest neighbours against pymatgen's search, and the fixed order of those that are equally far."""

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.crystal.graphs import nearest_pairs
from matscout.crystal.neighbours import Pairs
from matscout.data.structures import Structures

FACE_CENTRED = np.ones((3, 3)) - np.eye(3)
SALT = Structure(2.82 * FACE_CENTRED, ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])


def random_structure(seed: int) -> Structure:
    """Flat, long and skew cells of one to twelve sites, some of them written outside the cell."""
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(2, 14, 3), *rng.uniform(55, 125, 3))
    count = rng.integers(1, 13)
    return Structure(lattice, rng.choice(["Li", "O", "Fe"], count), rng.uniform(-2, 3, (count, 3)))


def crystals_of(*structures: Structure) -> Crystals:
    return Crystals.from_structures(Structures.from_pymatgen(structures))


def of_site(pairs: Pairs, site: int) -> slice:
    return slice(pairs.offsets[site], pairs.offsets[site + 1])


@pytest.mark.parametrize("number", [1, 12, 40])
def test_distances_are_the_smallest_of_those_that_pymatgen_finds(number):
    structures = [random_structure(seed) for seed in range(20)]
    crystals = crystals_of(*structures)
    pairs, site = nearest_pairs(crystals, number), 0
    for structure in structures:
        radius = pairs.distances[pairs.offsets[site] : pairs.offsets[site + len(structure)]].max() + 0.1
        for neighbours in structure.get_all_neighbors(radius):
            expected = np.sort([neighbour.nn_distance for neighbour in neighbours])[:number]
            np.testing.assert_allclose(np.sort(pairs.distances[of_site(pairs, site)]), expected, atol=2e-6)
            site += 1


def test_vectors_lead_from_the_first_site_to_the_second():
    crystals = crystals_of(*(random_structure(seed) for seed in range(20)))
    pairs = nearest_pairs(crystals)
    first = np.repeat(np.arange(len(crystals.fractional)), np.diff(pairs.offsets))
    lattices = crystals.lattices[crystals.owners[first]]
    ends = crystals.positions[pairs.second] + np.einsum("pi,pij->pj", pairs.shifts.astype(float), lattices)
    np.testing.assert_allclose(ends - crystals.positions[first], pairs.vectors, atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(pairs.vectors, axis=1), pairs.distances)
    np.testing.assert_array_equal(crystals.owners[first], crystals.owners[pairs.second])


def test_shells_have_a_fixed_order():
    """A crystal that is turned and moved has the same graph."""
    turn, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))
    moved = Structure(SALT.lattice.matrix @ turn, SALT.species, SALT.frac_coords + np.array([0.71, 0.13, 0.37]))
    here, there = (nearest_pairs(crystals_of(structure), 13) for structure in (SALT, moved))
    np.testing.assert_array_equal(here.second, there.second)
    np.testing.assert_array_equal(here.shifts, there.shifts)
    np.testing.assert_allclose(here.distances, there.distances)


def test_in_a_shell_the_lighter_element_is_first():
    caesium_chloride = Structure(Lattice.cubic(4.0), ["Cs", "F", "F", "Cl"],
                                 [[0, 0, 0], [0.5, 0, 0], [0, 0.5, 0], [0, 0, 0.5]])  # fmt: skip
    pairs = nearest_pairs(crystals_of(caesium_chloride), 6)
    assert pairs.second[of_site(pairs, 0)].tolist() == [1, 1, 2, 2, 3, 3]
    assert pairs.shifts[of_site(pairs, 0)][:2].tolist() == [[-1, 0, 0], [0, 0, 0]]


def test_a_graph_does_not_depend_on_the_others():
    structures = [random_structure(seed) for seed in range(5)]
    together = nearest_pairs(crystals_of(*structures))
    alone = [nearest_pairs(crystals_of(structure)) for structure in structures]
    np.testing.assert_array_equal(together.vectors, np.concatenate([pairs.vectors for pairs in alone]))


def test_empty_crystals_have_what_there_is_within_the_limit():
    empty = Structure(Lattice.orthorhombic(3.0, 25.0, 50.0), ["Xe"], [[0, 0, 0]])
    assert len(nearest_pairs(crystals_of(empty), farthest=8.0).second) == 4
    far = nearest_pairs(crystals_of(empty))
    np.testing.assert_allclose(np.sort(far.distances), [3, 3, 6, 6, 9, 9, 12, 12, 15, 15, 18, 18])
    alone = Structure(Lattice.cubic(80.0), ["Xe"], [[0, 0, 0]])
    assert np.diff(nearest_pairs(crystals_of(alone, SALT)).offsets).tolist() == [0, 12, 12]
    assert len(nearest_pairs(crystals_of(SALT)[np.arange(0)]).second) == 0
