"""Bonds and angles against loops over the definition."""

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import Pairs, pairs_within
from matscout.data.structures import Structures
from matscout.simulate.chgnet_graph import bond_graph

REACH, SHORT = 5.0, 3.0


def random_structure(seed: int) -> Structure:
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(2.5, 5, 3), *rng.uniform(75, 105, 3))
    return Structure(lattice, ["Fe"] * 3, rng.random((3, 3)))


def pairs_of(*structures: Structure) -> Pairs:
    return pairs_within(Crystals.from_structures(Structures.from_pymatgen(structures)), REACH)


CASES = {
    "random": [random_structure(seed) for seed in range(3)],
    "one site, all bonds to itself": [Structure(Lattice.cubic(2.5), ["Fe"], [[0, 0, 0]])],
    "no bonds": [Structure(Lattice.cubic(9.0), ["Fe"], [[0, 0, 0]])],
    "none": [],
}


@pytest.mark.parametrize("structures", CASES.values(), ids=CASES)
def test_bonds_are_pairs_and_their_ways_back(structures):
    pairs = pairs_of(*structures)
    graph = bond_graph(pairs, SHORT)
    assert len(graph.pairs) * 2 == len(graph.bonds) == len(pairs.distances)
    assert (np.bincount(graph.bonds, minlength=len(graph.pairs)) == 2).all()
    np.testing.assert_array_equal(graph.bonds[graph.pairs], np.arange(len(graph.pairs)))
    np.testing.assert_array_equal(
        graph.ends[:, 0], np.repeat(np.arange(len(pairs.offsets) - 1), np.diff(pairs.offsets))
    )
    for bond in range(len(graph.pairs)):
        there, back = np.flatnonzero(graph.bonds == bond)
        assert there == graph.pairs[bond]
        np.testing.assert_array_equal(graph.ends[there], graph.ends[back][::-1])
        np.testing.assert_array_equal(pairs.shifts[there], -pairs.shifts[back])


@pytest.mark.parametrize("structures", CASES.values(), ids=CASES)
def test_angles_lie_between_two_short_bonds_of_a_site(structures):
    pairs = pairs_of(*structures)
    graph = bond_graph(pairs, SHORT)
    short = [pair for pair in range(len(pairs.distances)) if pairs.distances[pair] < SHORT]
    expected = {
        (graph.ends[left, 0], graph.bonds[left], left, graph.bonds[right], right)
        for left in short
        for right in short
        if left != right and graph.ends[left, 0] == graph.ends[right, 0]
    }
    assert {tuple(angle) for angle in graph.angles.tolist()} == expected
    assert graph.angles.shape == (len(expected), 5)
