"""Wishes for crystals: what they mean, and which are refused."""

from __future__ import annotations

import math

import pytest

from matscout.errors import UsageError
from matscout.generate.crystal_wishes import CrystalWishes, formula_unit, numbers_of


def test_a_formula_is_tried_with_the_usual_numbers_of_formula_units() -> None:
    wishes = CrystalWishes(formula="Li2FeO3")
    assert [sum(cell.values()) for cell in wishes.cells] == [6, 12, 18, 24, 36]
    assert wishes.cells[1] == {"Li": 4, "Fe": 2, "O": 6}
    assert wishes.asked == {"formula"}
    assert wishes.allowed == ("Li", "O", "Fe")


def test_a_number_of_atoms_decides_how_many_formula_units_there_are() -> None:
    assert CrystalWishes(formula="NaCl", atoms=(10, 10)).cells == ({"Na": 5, "Cl": 5},)
    assert CrystalWishes(formula="Ca10P6O26").cells[0] == {"Ca": 5, "P": 3, "O": 13}
    with pytest.raises(UsageError, match="no cell has 3 to 3 atoms: allow a multiple of 2"):
        CrystalWishes(formula="NaCl", atoms=(3, 3))


def test_crystal_systems_and_numbers_name_groups() -> None:
    assert CrystalWishes(space_groups=("cubic",)).group_numbers == tuple(range(195, 231))
    assert CrystalWishes(space_groups=("Trigonal", 225, "62")).group_numbers == (62, *range(143, 168), 225)
    assert len(CrystalWishes().group_numbers) == 230
    assert numbers_of("monoclinic") == range(3, 16)


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"elements": ("Li", "Xx")}, "'Xx' in elements is not the symbol"),
        ({"must": ("Li",), "exclude": ("Li",)}, "both name Li"),
        ({"must": ("Li",), "elements": ("Na",)}, "which elements does not allow"),
        ({"space_groups": (231,)}, "231 is no space group"),
        ({"space_groups": ("round",)}, "'round' is no space group"),
        ({"atoms": (5, 3)}, "fewest and the most"),
        ({"formula": "PbTe", "exclude": ("Pb",)}, "PbTe holds Pb"),
        ({"formula": "PbTe", "must": ("Na",)}, "does not hold Na"),
        ({"formula": "Bi2Te2.7Se0.3"}, "whole numbers of atoms"),
        ({"properties": {"gap": (2.0, 1.0)}}, "from low to high"),
        ({"properties": {"gap": (math.inf, math.inf)}}, "from low to high"),
    ],
)
def test_wishes_that_nothing_can_meet_are_refused(wishes: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        CrystalWishes(**wishes)  # type: ignore[arg-type]


def test_formula_units_are_in_lowest_terms() -> None:
    assert formula_unit("Fe4O6") == {"Fe": 2, "O": 3}
    assert formula_unit("Ca(OH)2") == {"Ca": 1, "O": 2, "H": 2}
