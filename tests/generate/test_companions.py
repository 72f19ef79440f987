"""Likely oxidation states against smact's own look-up and known chemistry."""

from itertools import product

import numpy as np
import pytest
from smact import Species
from smact.oxidation_states import OxidationStateProbabilityFinder

from matscout.data.elements import ATOMIC_NUMBERS
from matscout.data.materials import Materials
from matscout.generate.companions import likely_states, pair_likelihoods


def likelihood(cation, charge, anion, anion_charge):
    numbers = [np.array([ATOMIC_NUMBERS[symbol]]) for symbol in (cation, anion)]
    charges = [np.array([float(value)]) for value in (charge, anion_charge)]
    return pair_likelihoods(numbers[0], charges[0], numbers[1], charges[1])[0]


FINDER = OxidationStateProbabilityFinder()


@pytest.mark.parametrize(
    ("cation", "anion"),
    list(product([("Cu", 1), ("Fe", 3), ("Mo", 6), ("Ru", 5), ("Eu", 2)], [("O", -2), ("Te", -2), ("I", -1)])),
)
def test_equal_to_smact(cation, anion):
    expected = FINDER.pair_probability(Species(*cation), Species(*anion))
    assert likelihood(*cation, *anion) == pytest.approx(expected)


def test_anions_that_reduce_copper():
    assert likelihood("Cu", 2, "O", -2) == pytest.approx(FINDER.pair_probability(Species("Cu", 2), Species("O", -2)))
    assert [likelihood("Cu", 2, anion, charge) for anion, charge in (("S", -2), ("Te", -2), ("P", -3))] == [0, 0, 0]
    assert likelihood("Cu", 1, "P", -3) == likelihood("Cu", 2, "P", 5) == 1


def test_what_the_table_does_not_know_is_not_held_against_anyone():
    assert likelihood("Ga", 3, "As", -3) == 1
    assert likelihood("As", 5, "S", -2) == 1
    assert likelihood("Fe", 2.5, "O", -2) == 1


def test_compounds():
    known = ["RuS2", "MoO3", "CuO", "CuInSe2", "GaAs", "Cu2ZnSnS4", "CsSnI3", "Fe3O4", "Bi2Te2.7Se0.3", "TiNiSn", "Si"]
    odd = ["Ru2S5", "Mo2S5", "CuI2", "EuI3", "CuGa2Te4", "Cu3P2"]
    assert likely_states(Materials.from_formulas(known).compositions).all()
    assert not likely_states(Materials.from_formulas(odd).compositions).any()
