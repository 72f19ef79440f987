"""Kinds of elements and stoichiometries, against what a chemist reads from the formula."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matscout.crystal.element_kinds import KINDS, holds_any, stoichiometry
from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.data.formulas import parse_formulas

NOBLE = {"He", "Ne", "Ar", "Kr", "Xe", "Rn"}
COMPOSITION = st.dictionaries(st.sampled_from(SYMBOLS[:94]), st.floats(0.1, 9.0), min_size=1, max_size=5)


def compositions(*formulas: str) -> Compositions:
    return parse_formulas(list(formulas)).compositions


@pytest.mark.parametrize(
    ("kind", "holding", "others"),
    [
        ("metal", ["Li3PS4", "GeTe", "Sb2Te3", "UO2"], ["SI3Br3", "SiC", "B4C", "PH3"]),
        ("alkali metal", ["NaCl", "CsI"], ["MgO", "HCl"]),
        ("rare earth", ["ScN", "Y2O3", "LaPb3", "Lu"], ["HfO2", "UO2"]),
        ("transition metal", ["ZnO", "HfO2", "TiO2"], ["Al2O3", "LaB6", "PbTe"]),
        ("chalcogen", ["PbTe", "Bi2Se3", "MgO"], ["LaPb3", "Mg3Sb2", "NaCl"]),
        ("pnictogen, chalcogen or halogen", ["Mg3Sb2", "GaN", "CuI"], ["LaPb3", "SiC", "Mg2Si"]),
    ],
)
def test_kinds_are_those_of_a_solid_state_chemist(kind: str, holding: list[str], others: list[str]) -> None:
    assert holds_any(compositions(*holding, *others), KINDS[kind]).tolist() == [True] * len(holding) + [False] * len(
        others
    )


def test_all_symbols_of_kinds_are_elements() -> None:
    assert all(set(symbols) <= set(SYMBOLS) for symbols in KINDS.values())


def test_the_example_of_its_docstring_holds() -> None:
    np.testing.assert_allclose(stoichiometry(compositions("Bi2Te2.7Se0.3")), [[0.0, 0.4, 0.54, 0.06, 0.0]])


@given(COMPOSITION)
def test_shares_of_roles_add_up_to_one_but_for_noble_gases(amounts: dict[str, float]) -> None:
    noble = sum(amount for symbol, amount in amounts.items() if symbol in NOBLE)
    total = stoichiometry(Compositions.from_dicts([amounts])).sum()
    assert total == pytest.approx(1.0 - noble / sum(amounts.values()))


def test_an_exchange_within_a_role_changes_nothing() -> None:
    shares = stoichiometry(compositions("LiCl", "CsF", "LaO", "FeO"))
    np.testing.assert_allclose(shares[:3], shares[[0, 0, 0]])
    assert np.abs(shares[3] - shares[0]).sum() == pytest.approx(1.0)
