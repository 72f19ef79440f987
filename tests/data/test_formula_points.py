"""Points and raised dots: whatever signs stand between the parts or digits, the reading is right or refused."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pymatgen.core import Composition

from matscout.data.formulas import parse_formulas

PARTS = (
    "Na2O", "K2O", "CaO", "MgO", "SrO", "BaO", "ZnO", "PbO", "Al2O3", "Fe2O3", "Cr2O3", "B2O3", "La2O3", "SiO2", "TiO2",
    "ZrO2", "P2O5", "V2O5", "Nb2O5", "MoO3", "WO3", "NaCl", "KCl", "MgCl2", "CaCl2", "FeCl3", "CuSO4", "Na2SO4",
    "CaCO3", "NaF", "CaF2", "AlF3", "PbTe", "Sb2Te3", "Bi2Se3", "Ca3(PO4)2", "H2O", "NH3", "KAl(SO4)2", "FeO(OH)",
)  # fmt: skip
COEFFICIENTS = ("", "2", "3", "4", "6", "11", "0.5", "1.5", "0.33")

adducts = st.lists(
    st.tuples(st.sampled_from(COEFFICIENTS), st.sampled_from(PARTS)),
    min_size=2,
    max_size=4,
    unique_by=lambda part: part[1],
)


def total(parts: list[tuple[str, str]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for coefficient, part in parts:
        for symbol, amount in Composition(part).get_el_amt_dict().items():
            found[symbol] = found.get(symbol, 0.0) + amount * float(coefficient or 1)
    return found


@settings(max_examples=300)
@given(adducts, st.sampled_from([".", "·", "•", " · ", " . ", "*"]), st.sampled_from([".", "·", ","]))
@example([("", "CaSO4"), ("0.5", "H2O")], ".", ".")
@example([("", "CaSO4"), ("0.5", "H2O")], "·", "·")
@example([("3", "CaO"), ("2", "SiO2"), ("3", "H2O")], ".", ".")
def test_an_adduct_is_its_molar_sum_or_refused(parts, joint, decimal):
    text = joint.join(f"{coefficient.replace('.', decimal)}{part}" for coefficient, part in parts)
    parsed = parse_formulas([text])
    if len(parsed.rows):
        assert parsed.compositions.to_dict(0) == pytest.approx(total(parts)), text


@given(adducts, st.sampled_from(["·", "•", "∙", "⋅", "\\cdot ", "&middot;"]))
def test_an_adduct_with_raised_dots_is_read(parts, joint):
    text = joint.join(coefficient + part for coefficient, part in parts)
    assert parse_formulas([text]).compositions.to_dict(0) == pytest.approx(total(parts))


FRACTIONAL = (
    [("La", 0.7), ("Sr", 0.3), ("Mn", 1), ("O", 3)],
    [("Y", 1), ("Ba", 2), ("Cu", 3), ("O", 6.9)],
    [("Bi", 2), ("Te", 2.7), ("Se", 0.3)],
    [("Ni", 1.5), ("Co", 1.5), ("O", 4)],
    [("Li", 1), ("Mn", 1.5), ("Ni", 0.5), ("O", 4)],
    [("Ca", 2), ("Fe", 1.5), ("Cr", 0.5), ("O", 5)],
    [("Fe", 1.08), ("Te", 1)],
    [("Yb", 14), ("Mn", 1.2), ("Al", 0.8), ("Sb", 11)],
    [("Li", 5.5), ("P", 1), ("S", 4.5), ("Cl", 1.5)],
    [("Ba", 1), ("Fe", 1.8), ("Co", 0.2), ("As", 2)],
    [("Na", 3.4), ("Zr", 2), ("Si", 2.4), ("P", 0.6), ("O", 12)],
)


@pytest.mark.parametrize("amounts", FRACTIONAL)
@pytest.mark.parametrize("decimal", [".", "·", "•", ","])
def test_every_decimal_sign_is_read(amounts, decimal):
    text = "".join(
        f"{symbol}{'' if amount == 1 else f'{amount:g}'.replace('.', decimal)}" for symbol, amount in amounts
    )
    assert parse_formulas([text]).compositions.to_dict(0) == pytest.approx(dict(amounts))


def test_the_other_formulas_decide_what_charges_do_not():
    alone = parse_formulas(["Cu2O.5CuO"])
    assert [problem.dropped for problem in alone.problems] == [True]
    assert "Cu2O·5CuO" in alone.problems[0].reason
    among_adducts = parse_formulas(["Na2O.2SiO2", "Cu2O.5CuO"])
    assert among_adducts.compositions.to_dict(1) == pytest.approx({"Cu": 7, "O": 6})


def test_more_signs_than_can_be_tried_are_refused():
    text = "FeO1" + "·2FeO1" * 30
    (problem,) = parse_formulas([text]).problems
    assert problem.dropped
    assert "may be decimal signs" in problem.reason
