"""Nearest atoms, against the neighbours that vesin finds."""

from __future__ import annotations

import numpy as np
import pytest

from matscout.crystal.closest_pairs import FARTHEST, closest_pairs, covalent_radii
from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import pairs_within
from matscout.data.structures import Structures


def random_structures(n: int) -> Structures:
    random = np.random.default_rng(4)
    counts = random.integers(1, 8, n)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    lattices = random.normal(size=(n, 3, 3)) + 4.0 * np.eye(3)
    numbers = random.integers(1, 84, offsets[-1]).astype(np.uint8)
    return Structures(lattices, offsets, numbers, random.random((offsets[-1], 3)) * 3 - 1, np.ones(offsets[-1]))


def test_nearest_atoms_are_those_of_a_list_of_neighbours() -> None:
    structures = random_structures(60)
    found = closest_pairs(structures)
    crystals = Crystals.from_structures(structures)
    pairs, radii = pairs_within(crystals, FARTHEST), covalent_radii()[structures.atomic_numbers.astype(np.int64)]
    owners = np.repeat(np.arange(60), np.diff(structures.offsets))[pairs.first]
    distances, ratios = np.full(60, np.inf), np.full(60, np.inf)
    np.minimum.at(distances, owners, pairs.distances)
    np.minimum.at(ratios, owners, pairs.distances / (radii[pairs.first] + radii[pairs.second]))
    assert np.allclose(found.distances, distances)
    assert np.allclose(found.ratios, ratios)


def test_rock_salt_and_an_atom_alone() -> None:
    from pymatgen.core import Lattice, Structure

    salt = Structure.from_spacegroup(225, Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    alone = Structure(Lattice.cubic(30.0), ["Ar"], [[0, 0, 0]])
    found = closest_pairs(Structures.from_pymatgen([salt, alone]))
    assert found.distances[0] == pytest.approx(2.82)
    assert found.ratios[0] == pytest.approx(2.82 / (1.66 + 1.02))
    assert np.isinf(found.distances[1])
