"""Crystals for wishes without a formula: neutral, of the wished elements, and with a likely structure."""

from __future__ import annotations

import numpy as np
import pytest

from matscout.crystal.charges import BALANCED, balance_charges
from matscout.errors import UsageError
from matscout.generate.crystal_generator import Drawn
from matscout.generate.crystal_generator_choice import usual_generator
from matscout.generate.crystal_generators.enumerated import LEAST_CHANCE, EnumeratedCrystals
from matscout.generate.crystal_wishes import CrystalWishes

WISHES = CrystalWishes(one_of=("S", "Se"), exclude=("Pb",), space_groups=("cubic",), atoms=(5, 5))


def test_first_crystals_are_neutral_and_as_wished() -> None:
    drawn = Drawn.joined([*EnumeratedCrystals().sample(WISHES, 20)])
    assert len(drawn) == 20
    assert len(set(drawn.materials.formulas.tolist())) == 20
    assert (np.exp(drawn.log_likelihoods) >= LEAST_CHANCE).all()
    assert (np.diff(drawn.structures.offsets) == 5).all()
    assert (balance_charges(drawn.materials.compositions).verdicts == BALANCED).all()
    for formula in drawn.materials.formulas.tolist():
        assert "Pb" not in formula
        assert "S" in formula


def test_a_small_system_gives_its_well_known_compounds() -> None:
    drawn = next(EnumeratedCrystals().sample(CrystalWishes(elements=("Na", "Cl")), 5))
    assert drawn.materials.formulas.tolist() == ["NaCl"]
    assert drawn.crystals is not None
    assert drawn.crystals.space_groups.tolist() == [225]


def test_what_it_cannot_make_is_refused_and_left_to_others() -> None:
    generator = EnumeratedCrystals()
    with pytest.raises(UsageError, match="any formula, and NaCl is given: use substitution"):
        generator.check(CrystalWishes(formula="NaCl"))
    with pytest.raises(UsageError, match="no neutral formula of a metal and other elements meets the wishes"):
        generator.check(CrystalWishes(elements=("Fe", "Al")))
    assert usual_generator(CrystalWishes(formula="NaCl")) == "substitution"
    assert usual_generator(WISHES) == "enumerated"
    assert usual_generator(CrystalWishes(elements=("Fe", "Al"))) == "random"
