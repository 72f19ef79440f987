"""Structures that cannot be: each is refused with a reason, and what is only unusual is kept with a remark."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from matscout.data.structure_checks import check
from matscout.data.structures import Structures


def fault_of(structure: Structure):
    (fault,) = check(Structures.from_pymatgen([structure]))
    return fault


def rock_salt(length: float, second=(0.5, 0.5, 0.5)) -> Structure:
    return Structure(Lattice.cubic(length), ["Na", "Cl"], [[0, 0, 0], second])


def test_sound_structures_have_no_fault():
    assert fault_of(rock_salt(4.0)) is None
    osmium = Structure(Lattice.hexagonal(2.734, 4.317), ["Os", "Os"], [[1 / 3, 2 / 3, 0.25], [2 / 3, 1 / 3, 0.75]])
    assert fault_of(osmium) is None


def test_the_density_is_that_of_pymatgen():
    structure = rock_salt(1.2)
    assert f"{structure.density:.3g} g/cm³ is more than any solid has" in fault_of(structure).reason


def test_atoms_on_top_of_each_other_are_named():
    fault = fault_of(rock_salt(4.0, (0.0, 0.0, 0.92)))
    assert fault.fatal
    assert fault.reason == "its atoms Na (1) and Cl (2) are 0.32 Å apart"


def test_sites_that_are_never_filled_at_the_same_time_may_be_near():
    split = Structure(Lattice.cubic(4.0), [{"Na": 0.5}, {"Na": 0.5}, "Cl"], [[0, 0, 0], [0, 0, 0.05], [0.5, 0.5, 0.5]])
    assert fault_of(split) is None


def test_a_nearly_empty_cell_is_a_remark():
    fault = fault_of(rock_salt(20.0, (0.1, 0, 0)))
    assert not fault.fatal
    assert "nearly empty" in fault.reason


@pytest.mark.parametrize("flat", [np.diag([3.0, 3.0, 0.0]), np.diag([3.0, 3.0, np.nan])])
def test_cells_without_volume_and_without_numbers(flat):
    sound = Structures.from_pymatgen([rock_salt(4.0)])
    broken = Structures(
        flat[None], sound.offsets, sound.atomic_numbers, sound.fractional_coordinates, sound.occupancies
    )
    (fault,) = check(broken)
    assert fault.fatal
    assert "no volume" in fault.reason or "not a number" in fault.reason


def test_no_structures_have_no_faults():
    assert check(Structures.joined([])) == []
