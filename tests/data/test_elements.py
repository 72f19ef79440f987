"""Masses of elements and the numbers of isotopes, against what laboratories label with and Moessbauer spectra show."""

from __future__ import annotations

import pytest
from pymatgen.core import Element

from matscout.data.elements import SYMBOLS, add_amounts, atomic_mass, is_element, is_mass_number

USED = (
    "6Li 7Li 10B 11B 13C 14C 15N 17O 18O 29Si 33S 34S 44Ca 54Fe 57Fe 65Cu 77Se 119Sn 125Te 151Eu 161Dy 207Pb 235U 238U"
)


@pytest.mark.parametrize("isotope", USED.split())
def test_isotopes_that_are_used(isotope: str) -> None:
    number = int(isotope.rstrip("".join(SYMBOLS)))
    assert is_mass_number(number, isotope.removeprefix(str(number)))


@pytest.mark.parametrize("symbol", ["C", "O", "Si", "Fe", "Pb"])
def test_numbers_of_atoms_are_none(symbol: str) -> None:
    assert not any(is_mass_number(number, symbol) for number in range(1, 9))
    assert not is_mass_number(12, "X")


def test_every_element_has_the_mass_of_its_mean_isotope() -> None:
    for symbol in SYMBOLS:
        assert atomic_mass(symbol) == float(Element(symbol).atomic_mass)
        assert is_mass_number(round(atomic_mass(symbol)), symbol)


def test_symbols_of_isotopes_are_elements() -> None:
    assert [is_element(symbol) for symbol in ("D", "T", "H", "J", "d")] == [True, True, True, False, False]


def test_amounts_are_added() -> None:
    total = {"Na": 1.0}
    add_amounts(total, {"Na": 0.5, "Cl": 1.5}, 2.0)
    assert total == {"Na": 2.0, "Cl": 3.0}
