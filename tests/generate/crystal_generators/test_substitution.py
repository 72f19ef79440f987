"""Guesses for formulas that the shipped model has not seen, against what everyone knows."""

from __future__ import annotations

import numpy as np
import pytest

from matscout.errors import UsageError
from matscout.generate.crystal_generators.substitution import SubstitutionCrystals
from matscout.generate.crystal_wishes import CrystalWishes

WELL_KNOWN = {
    "NaCl": 225,
    "CsCl": 221,
    "SrTiO3": 221,
    "ZnS": 216,
    "MgAl2O4": 227,
    "CaTiO3": 62,
}
"""Formula, left out when the model was fitted, and space group of its common form."""


@pytest.fixture(scope="module")
def generator() -> SubstitutionCrystals:
    return SubstitutionCrystals()


@pytest.mark.parametrize(("formula", "space_group"), WELL_KNOWN.items())
def test_well_known_crystals_are_among_the_first_five(
    generator: SubstitutionCrystals, formula: str, space_group: int
) -> None:
    drawn = next(generator.sample(CrystalWishes(formula=formula), 5))
    assert drawn.crystals is not None
    assert space_group in drawn.crystals.space_groups.tolist()


def test_rock_salt_has_about_its_volume(generator: SubstitutionCrystals) -> None:
    drawn = next(generator.sample(CrystalWishes(formula="NaCl", space_groups=(225,)), 1))
    assert drawn.crystals is not None
    assert drawn.crystals.volumes[0] == pytest.approx(5.64**3 / 8, rel=0.1)
    assert "votes" in drawn.origins[0]
    assert drawn.log_likelihoods[0] < 0


def test_templates_of_a_user_are_named(generator: SubstitutionCrystals, tmp_path) -> None:  # type: ignore[no-untyped-def]
    salt = next(generator.sample(CrystalWishes(formula="KCl", space_groups=(225,)), 1))
    salt.structures.to_pymatgen(0).to(str(tmp_path / "my_salt.cif"), fmt="cif")
    own = SubstitutionCrystals(tmp_path)
    drawn = next(own.sample(CrystalWishes(formula="RbBr"), 20))
    assert any("my_salt" in origin and "Rb for K" in origin for origin in drawn.origins.tolist())


def test_chances_fall(generator: SubstitutionCrystals) -> None:
    drawn = next(generator.sample(CrystalWishes(formula="LiFePO4"), 20))
    assert (np.diff(drawn.log_likelihoods) <= 0).all()


def test_without_a_formula_or_a_prototype_it_says_what_to_do(generator: SubstitutionCrystals) -> None:
    with pytest.raises(UsageError, match="give one"):
        generator.check(CrystalWishes(elements=("Li", "O")))
    with pytest.raises(UsageError, match="no known prototype has the stoichiometry"):
        generator.check(CrystalWishes(formula="Li7Fe11O29"))
