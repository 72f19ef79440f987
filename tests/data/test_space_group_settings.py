"""Settings of space groups by symbol, against the tables of spglib, pymatgen and International Tables A."""

from __future__ import annotations

import numpy as np
import pytest
import spglib
from pymatgen.core import Lattice
from pymatgen.symmetry.groups import SpaceGroup

from matscout.data.space_group_settings import (
    allowed_by_cell,
    is_closed,
    metric_change,
    operations_of_texts,
    settings,
    settings_of_hall,
    settings_of_number,
    settings_of_symbol,
)
from matscout.data.structure_readings import StructureError

pytestmark = pytest.mark.filterwarnings("ignore:Set OLD_ERROR_HANDLING:DeprecationWarning")


def as_set(rotations, translations):
    shifts = np.round(np.asarray(translations) * 24).astype(int) % 24
    return {
        (tuple(map(int, np.ravel(turn))), tuple(map(int, shift))) for turn, shift in zip(rotations, shifts, strict=True)
    }


def test_every_hall_symbol_names_the_setting_of_spglib():
    for hall in range(1, 531):
        symbol = spglib.get_spacegroup_type(hall).hall_symbol
        assert hall in [setting.hall_number for setting in settings_of_hall(f" {symbol.upper()} ")]
        (first, *others) = settings_of_hall(symbol)
        stored = spglib.get_symmetry_from_database(hall)
        for setting in (first, *others):
            operations = setting.operations()
            assert as_set(operations.rotations, operations.translations) == as_set(
                stored["rotations"], stored["translations"]
            )


def test_every_full_symbol_with_its_choice_names_its_setting():
    for hall in range(1, 531):
        found = spglib.get_spacegroup_type(hall)
        choice = f":{found.choice}" if found.choice in ("1", "2", "H", "R") else ""
        # Settings 316 to 321 of C m m e share their symbols two by two.
        assert hall in [setting.hall_number for setting in settings_of_symbol(found.international_full + choice)]


@pytest.mark.parametrize("number", range(1, 231))
def test_the_first_setting_of_a_number_is_that_of_pymatgen(number):
    expected = SpaceGroup.from_int_number(number)
    operations = settings_of_number(number)[0].operations()
    assert as_set(operations.rotations, operations.translations) == as_set(
        [op.rotation_matrix.astype(int) for op in expected.symmetry_ops],
        [op.translation_vector for op in expected.symmetry_ops],
    )


@pytest.mark.parametrize(
    ("symbol", "halls"),
    [
        ("F d -3 m :2", {526}),
        ("Fd-3mZ", {526}),
        ("F d -3 m S", {525}),
        ("F d -3 m", {525, 526}),
        ("Fd3m", {525, 526}),
        ("R -3 m :H", {458}),
        ("R -3 m R", {459}),
        ("R-3m", {458, 459}),
        ("P 21/n", {82, 85, 88}),
        ("P 1 21/n 1", {82}),
        ("P2_1/c", {81, 89}),
        ("C m c a", {304}),
        ("C m c e", {304}),
        ("C m m b", {317}),
        ("A b a 2", {203}),
        ("P m -3 m :1", {517}),
        ("P n m a", {292}),
        ("F 4/m m m", set()),
        ("", set()),
        ("x", set()),
    ],
)
def test_symbols(symbol, halls):
    assert {setting.hall_number for setting in settings_of_symbol(symbol)} == halls


@pytest.mark.parametrize(
    ("symbol", "angles", "hall"),
    [
        ("P 21/n", (90, 95, 90), 82),
        ("P 21/n", (90, 90, 95), 85),
        ("P 21/n", (95, 90, 90), 88),
        ("P 21/n", (90, 90, 90), 82),
        ("P 21/n", (90, 90.6, 90), 82),
        ("P 21/c", (90, 100, 90), 81),
        ("P 21/c", (100, 90, 90), 89),
        ("B 1 1 2/m", (90, 90, 110), 67),
    ],
)
def test_the_cell_decides_the_axis(symbol, angles, hall):
    lattice = Lattice.from_parameters(6, 7, 8, *angles).matrix
    assert allowed_by_cell(settings_of_symbol(symbol), lattice)[0].hall_number == hall


def test_cells_that_no_setting_allows():
    cubic, skew = Lattice.cubic(4).matrix, Lattice.from_parameters(4, 5, 6, 80, 95, 105).matrix
    assert allowed_by_cell(settings_of_number(225), cubic)
    assert not allowed_by_cell(settings_of_number(225), skew)
    assert not allowed_by_cell(settings_of_symbol("P 21/c"), Lattice.from_parameters(6, 7, 8, 90, 90, 95).matrix)
    assert metric_change(settings_of_number(194)[0].operations().rotations, Lattice.hexagonal(3, 5).matrix) < 1e-12


def test_all_settings_are_groups_and_need_all_their_operations():
    for setting in settings()[::7]:
        assert is_closed(setting.operations())
    operations = settings_of_number(225)[0].operations()
    operations = type(operations)(operations.rotations[:-1], operations.translations[:-1])
    assert not is_closed(operations)


@pytest.mark.parametrize(
    ("text", "rotation", "shift"),
    [
        ("x,y,z", [[1, 0, 0], [0, 1, 0], [0, 0, 1]], [0, 0, 0]),
        ("-X+1/2, Y - 1/4, 0.5-Z", [[-1, 0, 0], [0, 1, 0], [0, 0, -1]], [0.5, 0.75, 0.5]),
        ("12 -y, x-y, z+0.333", [[0, -1, 0], [1, -1, 0], [0, 0, 1]], [0, 0, 1 / 3]),
        ("1/2+x,+y,z,-1", [[1, 0, 0], [0, 1, 0], [0, 0, 1]], [0.5, 0, 0]),
        ("1*x, y, z", [[1, 0, 0], [0, 1, 0], [0, 0, 1]], [0, 0, 0]),
    ],
)
def test_operations_from_text(text, rotation, shift):
    operations = operations_of_texts([text])
    np.testing.assert_array_equal(operations.rotations[0], rotation)
    np.testing.assert_allclose(operations.translations[0], shift)


@pytest.mark.parametrize("text", ["x,y", "x,y,q", "x,x,z", "x,y,z,w", "h,k,l", "", "x y z", "xy,y,z", "x,y,z,"])
def test_texts_that_are_no_operations(text):
    with pytest.raises(StructureError, match="not a symmetry operation"):
        operations_of_texts([text])
