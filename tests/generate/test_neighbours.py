"""Neighbours against pairs whose verdict a chemist knows, and the scale against its publication."""

import numpy as np
import pytest

from matscout.data.elements import ATOMIC_NUMBERS
from matscout.generate.neighbours import neighbours


def pair(table, first, second):
    return bool(table[ATOMIC_NUMBERS[first] - 1, ATOMIC_NUMBERS[second] - 1])


@pytest.mark.parametrize(
    "known",
    ["Si Ge", "Si Sn", "Si Pb", "Te Se", "Te S", "Bi Sb", "Mg Ca", "La Lu", "Y Gd", "Ti Zr", "Nb Ta", "Cs Rb", "Br I"],
)
def test_partners_in_the_host(known):
    assert pair(neighbours().column_mates, *known.split())
    assert pair(neighbours().near, *known.split())


@pytest.mark.parametrize(
    "known", ["Mg Zn", "Mg Mn", "Fe Co", "Cr Mn", "Ni Cu", "Cu Ag", "Cd Zn", "Yb Lu", "Eu Ca", "Eu La"]
)
def test_partners_of_a_known_charge_or_as_dopant(known):
    assert pair(neighbours().near, *known.split())


@pytest.mark.parametrize(
    "odd",
    ["Si Ta", "Si Ti", "Si V", "Sn Mo", "Te Ru", "Sb Mo", "Bi Lu", "Sn Ba", "Se Pb", "Sb Br", "In Cr", "Ga La", "O S",
     "B Al", "C Pb", "Cs Na", "Mg Gd", "Sb Te"],
)  # fmt: skip
def test_strangers(odd):
    assert not pair(neighbours().near, *odd.split())


def test_ytterbium_and_europium_go_with_calcium_where_charges_decide_little():
    mates = neighbours().column_mates
    assert pair(mates, "Yb", "Ca") and pair(mates, "Eu", "Yb") and pair(mates, "Eu", "Sr")
    assert not pair(mates, "Yb", "Lu") and not pair(mates, "Eu", "La")


def test_mutual_never_itself_and_nothing_for_the_unknown():
    for table in (neighbours().near, neighbours().column_mates):
        assert np.array_equal(table, table.T)
        assert not table.diagonal().any()
        assert not table[ATOMIC_NUMBERS["Og"] - 1].any()
    assert not (neighbours().column_mates & ~neighbours().near).any()
