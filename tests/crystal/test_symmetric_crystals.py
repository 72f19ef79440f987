"""Crystals as orbits: back and forth for all space groups, and known crystals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matscout.crystal.symmetric_crystals import SymmetricCrystals
from matscout.crystal.symmetric_lattices import constrained, parameters_of, vectors_of
from matscout.crystal.symmetrising import symmetrised
from matscout.crystal.wyckoff import GROUPS, wyckoff
from matscout.data.structures import Structures

CELL = np.array([5.1, 6.3, 7.7, 83.0, 97.0, 105.0])


def crystals_on_every_position(seed: int = 0) -> SymmetricCrystals:
    """For each position of each group a crystal with sodium on it and chlorine on the general position."""
    random = np.random.default_rng(seed)
    groups, letters = [], []
    for number in range(1, GROUPS + 1):
        for position in wyckoff(number).positions:
            groups.append(number)
            letters += [position.letter, wyckoff(number).positions[-1].letter]
    n = len(groups)
    return SymmetricCrystals.of(
        groups,
        np.tile(CELL, (n, 1)),
        offsets=2 * np.arange(n + 1),
        letters=letters,
        elements=[11, 17] * n,
        free=random.random((2 * n, 3)),
    )


@pytest.mark.parametrize("primitive", [False, True])
def test_orbits_come_back_from_structures_of_all_groups(primitive: bool) -> None:
    drawn = crystals_on_every_position()
    back = symmetrised(drawn.structures(primitive=primitive), 1e-4)
    assert len(back.rows) >= len(drawn) - 3  # a few random sites lie too near to their images
    drawn = drawn[back.rows]
    assert back.crystals.space_groups.tolist() == drawn.space_groups.tolist()
    assert back.crystals.prototype_labels().tolist() == drawn.prototype_labels().tolist()
    assert np.allclose(back.crystals.volumes, drawn.volumes)
    counted = [one.compositions.amounts.tolist() for one in (back.crystals, drawn)]
    assert counted[0] == counted[1]


@given(st.integers(1, GROUPS), st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_orbits_that_came_back_come_back_unchanged(number: int, seed: int) -> None:
    """The second time the cell is the standard one already."""
    random, position = np.random.default_rng(seed), wyckoff(number).positions[-1]
    cells = CELL * [1, 1, 1, 1, 1, 1]
    drawn = SymmetricCrystals.of(
        [number],
        cells[None],
        offsets=np.array([0, 1]),
        letters=[position.letter],
        elements=[14],
        free=random.random((1, 3)),
    )
    once = symmetrised(drawn.structures(), 1e-5).crystals
    again = symmetrised(once.structures(), 1e-5).crystals
    assert np.allclose(again.lattices, once.lattices, atol=1e-4)
    assert again.letters.tolist() == once.letters.tolist()


def rock_salt(kind: int = 11) -> Structures:
    from pymatgen.core import Lattice, Structure

    cell = Lattice.cubic(5.64)
    return Structures.from_pymatgen([Structure.from_spacegroup(225, cell, [kind, 17], [[0, 0, 0], [0.5, 0.5, 0.5]])])


def test_rock_salt_is_described_as_textbooks_do() -> None:
    crystals = symmetrised(rock_salt()).crystals
    assert crystals.described(0) == "Na 4a, Cl 4b"
    assert crystals.prototype_labels().tolist() == ["AB_cF8_225_4m-3m_4m-3m"]
    assert crystals.primitive_sites.tolist() == [2]
    assert crystals.sites.tolist() == [8]
    assert np.allclose(crystals.lattices, [[5.64, 5.64, 5.64, 90, 90, 90]])
    assert crystals.volumes == pytest.approx(5.64**3 / 8)
    assert crystals.compositions.to_dict(0) == {"Na": 1.0, "Cl": 1.0}


def test_the_structures_match_those_that_went_in() -> None:
    from pymatgen.analysis.structure_matcher import StructureMatcher
    from pymatgen.core import Lattice, Structure

    cell = Lattice.orthorhombic(5.44, 7.64, 5.38)
    perovskite = Structure.from_spacegroup(
        62, cell, ["Ca", "Ti", "O", "O"], [[0.03, 0.25, 0.99], [0, 0, 0.5], [0.48, 0.25, 0.07], [0.29, 0.04, 0.71]]
    )
    ice = Structure.from_spacegroup(194, Lattice.hexagonal(3.0, 5.0), ["Mg"], [[1 / 3, 2 / 3, 0.25]])
    given_ones = Structures.from_pymatgen([perovskite, ice])
    made = symmetrised(given_ones).crystals
    for cells in (made.structures(), made.structures(primitive=True)):
        for row in range(2):
            assert StructureMatcher().fit(cells.to_pymatgen(row), given_ones.to_pymatgen(row))


def test_structures_without_symmetry_to_describe_are_problems() -> None:
    from dataclasses import replace

    salt = rock_salt()
    shared = replace(salt, occupancies=np.full(len(salt.occupancies), 0.5))
    slab = replace(salt, pbc=np.array([[True, True, False]]))
    twice = replace(salt, fractional_coordinates=np.zeros_like(salt.fractional_coordinates))
    read = symmetrised(Structures.joined([shared, slab, twice, salt]))
    assert read.rows.tolist() == [3]
    assert [one.row for one in read.problems] == [1, 2, 3]
    assert "partly occupied" in read.problems[0].reason
    assert "not periodic" in read.problems[1].reason
    assert "no space group" in read.problems[2].reason


def test_slices_and_joins_keep_the_orbits() -> None:
    crystals = crystals_on_every_position()
    parts = [crystals[:10], crystals[np.array([5, 700, 20])]]
    joined = SymmetricCrystals.joined(parts)
    assert joined.described(11) == crystals.described(700)
    assert len(joined) == 13
    assert np.array_equal(joined.first_positions[:20], crystals.first_positions[:20])


@given(st.lists(st.floats(2.0, 20.0), min_size=3, max_size=3), st.lists(st.floats(70.0, 110.0), min_size=3, max_size=3))
def test_parameters_come_back_from_vectors(lengths: list[float], angles: list[float]) -> None:
    parameters = np.array([[*lengths, *angles]])
    assert np.allclose(parameters_of(vectors_of(parameters)), parameters)


def test_lattices_keep_the_rules_of_their_groups() -> None:
    lattices = constrained(np.tile(CELL, (6, 1)), np.array([2, 14, 62, 139, 166, 225]))
    assert lattices.tolist() == [
        [5.1, 6.3, 7.7, 83, 97, 105],
        [5.1, 6.3, 7.7, 90, 97, 90],
        [5.1, 6.3, 7.7, 90, 90, 90],
        [5.1, 5.1, 7.7, 90, 90, 90],
        [5.1, 5.1, 7.7, 90, 90, 120],
        [5.1, 5.1, 5.1, 90, 90, 90],
    ]
