"""Charge balance: compounds whose oxidation states are in textbooks, and readings that are none."""

from __future__ import annotations

import pytest

from matscout.data.formula_charges import Balance, balance
from matscout.data.formulas import parse_formula


@pytest.mark.parametrize(
    "formula",
    [
        "NaCl",
        "Fe2O3",
        "Cu2O",
        "CuSO4",
        "KAl(SO4)2",
        "BaTiO3",
        "NH3",
        "KSCN",
        "K4Fe(CN)6",
        "PbTe",
        "Bi2Te3",
        "UO2",
        "TiN",
    ],
)
def test_compounds_of_whole_states_balance(formula):
    assert balance(parse_formula(formula)) == Balance.WHOLE


@pytest.mark.parametrize("formula", ["Fe3O4", "Co3O4", "Mn3O4", "Cu1.8S", "Fe0.95O"])
def test_compounds_of_mixed_valence_balance_on_average(formula):
    assert balance(parse_formula(formula)) == Balance.MIXED


@pytest.mark.parametrize("formula", ["CuS8", "FeTe8", "Na2SiO2.2", "Ca12Al24O44.4", "Ni3Al", "Fe", "NaCl2"])
def test_what_no_charges_hold_together_does_not_balance(formula):
    assert balance(parse_formula(formula)) == Balance.NONE


def test_rare_states_count_only_where_asked_for():
    titanium_monoxide = {"Ti": 1.0, "O": 1.0}
    assert balance(titanium_monoxide) == Balance.WHOLE
    assert balance(titanium_monoxide, rare=False) == Balance.NONE
