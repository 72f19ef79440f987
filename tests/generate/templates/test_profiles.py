"""Contact profiles: what they may not depend on, and what they tell apart."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.generate.templates.known import CAESIUM_CHLORIDE, PEROVSKITE, ROCK_SALT, crystal

from matscout.data.structures import Structures
from matscout.generate.templates.profiles import FIRST, STEP, contact_profiles, pair_of, pair_table


def profile(structures: Structures) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    elements, slots = np.unique(structures.atomic_numbers, return_inverse=True)
    return contact_profiles(
        structures.lattices, structures.offsets, structures.fractional_coordinates, slots, len(elements)
    )


def test_they_do_not_depend_on_cell_origin_and_size() -> None:
    made = crystal(PEROVSKITE)
    small, _ = profile(made.structures(primitive=True))
    whole = made.structures()
    turned = np.array([[2, 1, 0], [1, 1, 0], [0, 0, -1]])
    other = Structures(
        np.array([turned @ whole.lattices[0]]) * 1.3,
        whole.offsets,
        whole.atomic_numbers,
        (whole.fractional_coordinates + 0.137) @ np.linalg.inv(turned),
        whole.occupancies,
    )
    np.testing.assert_allclose(profile(other)[0], small, atol=1e-4)


def test_shortest_distances_are_those_of_the_structure() -> None:
    _, nearest = profile(crystal(ROCK_SALT).structures(primitive=True))
    length = (5.6**3 / 8) ** (1 / 3)
    np.testing.assert_allclose(nearest[0] * length, [5.6 / 2**0.5, 2.8, 5.6 / 2**0.5], rtol=1e-5)


def test_the_coordination_shell_is_where_it_should_be() -> None:
    profiles, _ = profile(crystal(CAESIUM_CHLORIDE).structures(primitive=True))
    distance = 3**0.5 / 2 * 2 ** (1 / 3)
    assert abs(FIRST + STEP * int(profiles[0, 1].argmax()) - distance) <= STEP


def test_prototypes_are_told_apart() -> None:
    salt, chloride = (profile(crystal(one).structures(primitive=True))[0] for one in (ROCK_SALT, CAESIUM_CHLORIDE))
    assert np.sqrt(((salt - chloride) ** 2).sum() / (salt**2).sum()) > 0.5


@pytest.mark.parametrize("slots", [1, 2, 3, 5])
def test_pairs_are_numbered_without_gaps(slots: int) -> None:
    table = pair_table(slots)
    assert (table == table.T).all()
    first, second = np.triu_indices(slots)
    assert [pair_of(int(a), int(b), slots) for a, b in zip(first, second, strict=True)] == [*range(len(first))]
