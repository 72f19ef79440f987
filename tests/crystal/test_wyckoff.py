"""Wyckoff positions, against PyXtal's tables and spglib's letters."""

from __future__ import annotations

import numpy as np
import pytest
import spglib

from matscout.crystal.wyckoff import GROUPS, LETTERS, read_position, wyckoff
from matscout.data.spglib_calls import ask_spglib
from matscout.errors import UsageError


def apart(places: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Largest coordinate difference to the nearest of the others, over borders."""
    differences = places[:, None] - others
    return np.abs(differences - np.round(differences)).max(axis=2).min(axis=1)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_positions_are_those_of_pyxtal() -> None:
    symmetry = pytest.importorskip("pyxtal.symmetry")
    free = np.array([0.1379, 0.2713, 0.0617])
    for number in range(1, GROUPS + 1):
        ours, theirs = wyckoff(number), symmetry.Group(number)
        assert [f"{one.multiplicity}{one.letter}" for one in reversed(ours.positions)] == [
            theirs[place].get_label() for place in range(len(ours))
        ]
        for place, position in enumerate(reversed(ours.positions)):
            sites = np.array([operation.operate(free) for operation in theirs[place].ops]) % 1.0
            assert apart(position.sites(free), sites).max() < 1e-6


def test_operations_of_spglib_bring_sites_of_a_position_onto_one_another() -> None:
    free = np.array([0.1379, 0.2713, 0.0617])
    for number in range(1, GROUPS + 1):
        group = wyckoff(number)
        operations = ask_spglib(spglib.get_symmetry_from_database, group.hall_number)
        for position in group.positions:
            sites = position.sites(free)
            moved = operations["rotations"] @ sites[0] + operations["translations"]
            assert apart(moved, sites).max() < 1e-6
            assert apart(sites, moved).max() < 1e-6


def test_a_free_coordinate_stands_in_its_own_place() -> None:
    places = np.random.default_rng(0).random((5, 3))
    for number in range(1, GROUPS + 1):
        for position in wyckoff(number).positions:
            first = position.first(places)
            assert np.allclose(first[:, position.free], places[:, position.free])
            assert position.on_first(first).max() < 1e-9
            assert np.allclose(position.sites(places)[:, 0], first)


def test_the_first_sites_are_those_of_a_primitive_cell() -> None:
    free = np.array([0.1379, 0.2713, 0.0617])
    for number in range(1, GROUPS + 1):
        group = wyckoff(number)
        into = np.linalg.inv(group.primitive)
        assert (group.multiplicities % group.centring == 0).all()
        for position, count in zip(group.positions, group.primitive_multiplicities, strict=True):
            in_primitive = position.sites(free) @ into
            assert apart(in_primitive, in_primitive[:count]).max() < 1e-6
            assert len({tuple(one) for one in np.round(in_primitive[:count] % 1.0, 6) % 1.0}) == count


def test_numbers_and_letters_that_do_not_exist_are_refused() -> None:
    with pytest.raises(UsageError, match="1 to 230; got 231"):
        wyckoff(231)
    with pytest.raises(UsageError, match=r"space group 225 has no Wyckoff position 'm'; it has a to l"):
        wyckoff(225)["m"]
    assert wyckoff(47)["A"].multiplicity == 8
    assert len(LETTERS) == max(len(wyckoff(number)) for number in range(1, GROUPS + 1))


def test_positions_are_read_as_they_are_written() -> None:
    matrix, shift = read_position("x, 2x-y, -z+3/4")
    assert matrix.tolist() == [[1, 0, 0], [2, -1, 0], [0, 0, -1]]
    assert shift.tolist() == [0.0, 0.0, 0.75]
    assert read_position("-1/4,1/2,0")[1].tolist() == [0.75, 0.5, 0.0]


@pytest.mark.parametrize("text", ["x,y", "x,y,", "x,y,w", "x,y,1/2x", "x,y,__import__('os')"])
def test_texts_of_no_position_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no position"):
        read_position(text)
