"""The words that explain a rank."""

import math

import numpy as np
import pytest
from tests.foretold import foretold

from matscout.data.materials import Materials
from matscout.discover.base import Goal
from matscout.discover.goals import Aim
from matscout.discover.reasons import Nearest, prediction_words, reasons
from matscout.predict.base import ClassPredictions
from matscout.predict.domain import shown_similarity

RANGE = Aim(Goal("gap", 1.0, 2.0), 1.0, 2.0, 0.1, "eV")


def numbers(centre, width, inside=True):
    return foretold(centre, centre - width, centre + width, target="gap", level=0.8, inside=inside)


def words(formula, inside=True, condition="", copied=""):
    nearest = Nearest(np.array(["GaAs"]), np.array([0.876]), ["measured 1.42 eV"], [copied])
    materials = Materials.from_formulas([formula])
    (sentence,) = reasons(materials, [numbers(1.5, 0.2, inside)], [RANGE], nearest, [condition])
    return sentence.split("; ")


@pytest.mark.parametrize(
    ("formula", "charges", "elements"),
    [
        ("Fe2O3", "charge-balanced (Fe3+ O2-)", "abundant elements"),
        ("NaCl", "charge-balanced (Na+ Cl-)", "abundant elements"),
        ("Fe3O4", "charge-balanced (Fe2.67+ O2-)", "abundant elements"),
        ("TiO3Cl5", "not charge-balanced by known oxidation states", "abundant elements"),
        ("TaO2", "charge-balanced (Ta4+ O2-)", "uncommon in the crust: Ta"),
        ("GeTe", "charge-balanced (Ge2+ Te2-)", "scarce in the crust: Te, uncommon in the crust: Ge"),
        ("Cu2S", "charge-balanced (Cu+ S2-)", "abundant elements"),
        ("Cu3Au", "no usual oxidation states add up to zero, as in metals", "scarce in the crust: Au"),
        ("Sb", "an element", "scarce in the crust: Sb"),
    ],
)
def test_chemistry_in_words(formula, charges, elements):
    assert words(formula)[2:] == [charges, elements]


@pytest.mark.parametrize(
    ("formula", "left"),
    [("Pb0.98Na0.02Te", "-0.02"), ("La0.9Sr0.1MnO3", "-0.1"), ("Bi0.9Sr0.1CuSeO", "-0.1"), ("Sn0.98Bi0.02Se", "+0.02")],
)
def test_the_charge_of_doping_is_told(formula, left):
    """By hand: one electron less for each Na on a site of Pb, one more for each Bi on a site of Sn."""
    assert f"charge-balanced except for {left} per formula unit, as in doping (" in "; ".join(words(formula))


@pytest.mark.parametrize("formula", ["Bi2Te2.7Se0.3", "Cu0.5Ag0.5InSe2", "Ba0.3333Sr0.6667TiO3"])
def test_fractions_alone_are_no_doping(formula):
    assert any(part.startswith("charge-balanced (") for part in words(formula))


@pytest.mark.parametrize("formula", ["ZrNiSn", "TiCoSb", "NbFeSb", "YPtBi", "CoSi", "SmCo5", "Ni3Al", "PtSb2"])
def test_metals_have_no_oxidation_states(formula):
    """Half-Heusler and intermetallic compounds, whose charges chemists do not count as Zr2+ Ni2+ Sn4-."""
    assert "no usual oxidation states add up to zero, as in metals" in words(formula)


@pytest.mark.parametrize(
    "formula", ["Mg2Si", "Mg3Sb2", "CoSb3", "KMnO4", "CaO2", "OsO4", "FeS2", "TiC", "YBa2Cu3O7", "K3Bi"]
)
def test_rare_states_that_chemists_know_are_told(formula):
    """A Zintl phase, a skutterudite, a permanganate, a peroxide, a pyrite, a carbide."""
    assert any(part.startswith("charge-balanced (") for part in words(formula))


def test_a_hazard_is_named_once():
    assert words("CdS")[-3:] == [
        "scarce in the crust: Cd",
        "toxic: cadmium and its compounds",
        "restricted: cadmium",
    ]
    assert sum("radioactive" in part for part in words("UThO4")) == 1


def test_the_parts_come_in_order():
    assert words("NaCl", inside=False, condition="at temperature 600")[:3] == [
        "gap 1.5 eV (1.3 to 1.7 at 80 %), over 99 % chance of 1 to 2 eV",
        "at temperature 600",
        "nearest label GaAs (0.87 similar, measured 1.42 eV), outside the domain",
    ]


def test_a_near_copy_is_named_after_the_nearest_label():
    assert words("NaCl", copied="Na2Cl2")[2] == "near-duplicate of label Na2Cl2 (under 0.5 % of the atoms differ)"


def test_small_chances_and_classes():
    best = Aim(Goal("gap", math.inf, math.inf), 9.0, math.inf, 9.0, "eV")
    assert prediction_words(numbers(1.0, 0.1), best)[0].endswith("under 1 % chance of more than the best label, 9 eV")
    block = ClassPredictions("m", 0.9, ("a", "b"), np.array([[0.25, 0.75]]), np.ones((1, 2), bool), np.ones(1, bool))
    wanted = Aim(Goal("m", 1, 1), 1, 1, 0, None, ("a", "b"))
    assert prediction_words(block, wanted) == ["75 % chance of m = b"]


def test_what_is_the_same_is_similar_by_one():
    values = {0.99999976: "1", 0.999996: "0.99999", 0.9997: "0.9997", 0.9949: "0.994", 0.29: "0.29", 0.57: "0.57"}
    assert {value: shown_similarity(value) for value in values} == values
