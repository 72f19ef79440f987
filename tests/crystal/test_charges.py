"""Charge balance against smact's own check, and against chemistry every textbook states."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.core import Composition
from smact.screening import ICSD24FilterConfig, smact_validity

from matscout.crystal.charges import BALANCED, MIXED_VALENCE, NOT_IONIC, UNBALANCED, balance_charges
from matscout.data.compositions import Compositions

SYMBOLS = [
    "H",
    "Li",
    "C",
    "N",
    "O",
    "F",
    "Na",
    "Al",
    "Si",
    "P",
    "S",
    "Cl",
    "Ti",
    "Fe",
    "Cu",
    "Zn",
    "Ga",
    "As",
    "Se",
    "Sn",
]

PLAUSIBLE = ICSD24FilterConfig(commonality=0.3)


def balance(amounts):
    compositions = Compositions.from_dicts([amounts])
    result = balance_charges(compositions)
    return int(result.verdicts[0]), dict(zip(compositions.to_dict(0), result.charges, strict=True))


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(SYMBOLS), st.integers(1, 4), min_size=2, max_size=4))
def test_whole_amounts_agree_with_smact(amounts):
    verdict, charges = balance(amounts)
    assert (verdict == BALANCED) == smact_validity(Composition(amounts), include_alloys=False, icsd_filter=PLAUSIBLE)
    if verdict in (BALANCED, MIXED_VALENCE):
        assert sum(charges[symbol] * amount for symbol, amount in amounts.items()) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ({"Ga": 1, "As": 1}, {"Ga": 3, "As": -3}),
        ({"Cu": 1, "In": 1, "Se": 2}, {"Cu": 1, "In": 3, "Se": -2}),
        ({"Cs": 1, "Sn": 1, "I": 3}, {"Cs": 1, "Sn": 2, "I": -1}),
        ({"Ca": 1, "Ti": 1, "O": 3}, {"Ca": 2, "Ti": 4, "O": -2}),
    ],
)
def test_charges_are_the_textbook_ones(amounts, expected):
    verdict, charges = balance(amounts)
    assert verdict == BALANCED
    assert charges == expected


@pytest.mark.parametrize(
    ("amounts", "symbol", "mean_charge"),
    [
        ({"Fe": 3, "O": 4}, "Fe", 8 / 3),
        ({"Y": 1, "Ba": 2, "Cu": 3, "O": 7}, "Cu", 7 / 3),
        ({"La": 0.7, "Sr": 0.3, "Mn": 1, "O": 3}, "Mn", 3.3),
    ],
)
def test_mixed_valence_is_an_average_state(amounts, symbol, mean_charge):
    verdict, charges = balance(amounts)
    assert verdict in (BALANCED, MIXED_VALENCE)
    assert charges[symbol] == pytest.approx(mean_charge)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("Cu2.5Sn0.5As0.5Se3.5", {"Cu": 1, "Sn": 4, "As": 5, "Se": -2}),
        ("Cu2.5Sn0.5Sb0.5Se3.5", {"Cu": 1, "Sn": 4, "Sb": 5, "Se": -2}),
        ("Cu3Sn0.15Sb0.85Se4", {"Cu": 1, "Sn": 4, "Sb": 5, "Se": -2}),
        ("Cu12Sb4S13", {"Cu": 14 / 12, "Sb": 3, "S": -2}),
        ("Cu26V2Ge6S32", {"Cu": 30 / 26, "V": 5, "Ge": 4, "S": -2}),
        ("Li2V2P3O12", {"Li": 1, "V": 3.5, "P": 5, "O": -2}),
        ("Cs3Mo4P3O16", {"Cs": 1, "Mo": 3.5, "P": 5, "O": -2}),
        ("LiMn2O4", {"Li": 1, "Mn": 3.5, "O": -2}),
    ],
)
def test_an_average_is_taken_only_where_whole_states_are_far_rarer(formula, expected):
    verdict, charges = balance(Composition(formula).get_el_amt_dict())
    assert verdict in (BALANCED, MIXED_VALENCE)
    assert charges == pytest.approx(expected)


@pytest.mark.parametrize(
    "formula",
    [
        *("Cu3SbSe4", "Ag2CuSbSe4", "Cu5SnAsSe7", "Cu2ZnSnS4", "CuFeS2", "PbTe", "Cu3SbS4", "Cu2SnSe3", "AgSbTe2"),
        *("Cr2FeSe4", "Ce3CuGeS7", "La4Cu6Mo9O36", "KTb2CuMo4O16", "InCuMo2O8", "TmCuW2O8", "La5Ti2CuS5O7"),
        *("U3Cu2S7", "Cs5V5FeCl6O13", "BaCe2FeS5", "Tl3Cr4AgO14", "Ag4TeSO4", "Fe2TiO4", "LiFePO4"),
    ],
)
def test_whole_states_agree_with_pymatgen(formula):
    composition = Composition(formula)
    verdict, charges = balance(composition.get_el_amt_dict())
    assert verdict == BALANCED
    assert charges == composition.oxi_state_guesses()[0]


def test_doping_may_miss_neutrality_but_whole_amounts_may_not():
    assert balance({"Na": 0.02, "Pb": 0.98, "Te": 1})[0] == BALANCED
    assert balance({"Na": 0.04, "Ca": 0.96, "O": 1})[0] == BALANCED
    assert balance({"Na": 0.4, "Ca": 0.6, "O": 1})[0] == UNBALANCED
    assert balance({"Na": 1, "Cl": 2})[0] == UNBALANCED


def test_metals_and_elements_are_not_judged_by_charge():
    assert balance({"Si": 1})[0] == NOT_IONIC
    assert balance({"Cu": 3, "Au": 1})[0] == NOT_IONIC
    _, charges = balance({"Cu": 3, "Au": 1})
    assert all(np.isnan(charge) for charge in charges.values())


def test_a_composition_of_many_elements_ends_in_bounded_time():
    many = dict.fromkeys(("Cr", "Mn", "Fe", "Co", "Ni", "Cu", "V", "Mo", "W", "Re", "O"), 1)
    verdict, _ = balance(many)
    assert verdict in (UNBALANCED, BALANCED, MIXED_VALENCE)


def test_scaling_does_not_change_the_verdict():
    compositions = Compositions.from_dicts([{"Al": 2, "O": 3}, {"Al": 4, "O": 6}])
    result = balance_charges(compositions)
    assert result.verdicts.tolist() == [BALANCED, BALANCED]
    assert result.charges[:2].tolist() == result.charges[2:].tolist()
