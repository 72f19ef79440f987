"""Templates in slots, prototypes and votes, against plain loops."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from tests.generate.templates.known import CAESIUM_CHLORIDE, PEROVSKITE, ROCK_SALT, crystal

from matscout.crystal.symmetric_crystals import SymmetricCrystals
from matscout.generate.templates.likeness import property_kernel, role_likeness, role_pairs
from matscout.generate.templates.pool import TemplatePool
from matscout.generate.templates.slots import assignments, in_slots
from matscout.generate.templates.votes import SHARPNESS, vote

SALTS = [(11, 17), (19, 17), (11, 35), (12, 8), (3, 9)]
CHLORIDES = [(55, 17), (55, 35), (81, 17)]


@pytest.fixture(scope="module")
def pool() -> TemplatePool:
    made = [crystal(ROCK_SALT, *pair) for pair in SALTS] + [crystal(CAESIUM_CHLORIDE, *pair) for pair in CHLORIDES]
    made.append(crystal(PEROVSKITE))
    joined = SymmetricCrystals.joined(made)
    return TemplatePool.of(joined.structures(primitive=True), joined.space_groups.astype(np.int64))


def test_rows_of_a_key_are_sorted_into_prototypes(pool: TemplatePool) -> None:
    key = pool.at((1, 1))
    assert key is not None
    assert key.n_prototypes == 2
    groups = [{int(pool.space_groups[row]) for row in key.templates[key.prototypes == one]} for one in (0, 1)]
    assert groups == [{225}, {221}]
    assert pool.at((1, 2)) is None


def test_votes_are_those_of_a_plain_loop(pool: TemplatePool) -> None:
    key, likeness = pool.at((1, 1)), np.random.default_rng(0).normal(size=(118, 118))
    assert key is not None
    wanted, _ = in_slots(np.array([17, 37]), np.array([1, 1]))
    votes = vote(key, pool.formulas, wanted, likeness)
    expected = np.zeros(2)
    for row, pair in enumerate([*SALTS, *CHLORIDES]):
        scores = [
            np.mean([likeness[new - 1, old - 1] for new, old in zip(wanted, order, strict=True)])
            for order in itertools.permutations(pair)
        ]
        expected[0 if row < len(SALTS) else 1] += np.exp(max(scores) / SHARPNESS)
    np.testing.assert_allclose(votes.votes, expected)
    assert votes.templates.tolist() == [5, 3]


def test_a_formula_that_is_left_out_says_nothing(pool: TemplatePool) -> None:
    key = pool.at((1, 1, 3))
    assert key is not None
    votes = vote(key, pool.formulas, np.array([20, 22, 8]), np.zeros((118, 118)), int(pool.formulas[-1]))
    assert not len(votes.order)


def test_elements_in_the_same_role_are_alike(pool: TemplatePool) -> None:
    likeness = role_likeness(role_pairs(pool.all_keys()))
    assert likeness[10, 18] > likeness[10, 7]
    np.testing.assert_allclose(likeness, likeness.T)
    np.testing.assert_allclose(property_kernel().sum(axis=1), 1.0)


def test_assignments_permute_slots_of_equal_size() -> None:
    assert assignments((1, 1, 3)) == ((0, 1, 2), (1, 0, 2))
    assert len(assignments((1, 1, 1, 1))) == 24
    assert len(assignments((1, 1, 1, 1, 1))) == 1
