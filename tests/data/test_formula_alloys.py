"""Alloys named by shares: what declares the shares, and what the other formulas of a list tell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymatgen.core import Composition

from matscout.data.formulas import parse_formula, parse_formulas
from matscout.data.reading import read_materials

ADDITIONS = ("Zn", "Sn", "Al", "Ni", "Mn", "Si")
shares = st.dictionaries(st.sampled_from(ADDITIONS), st.integers(1, 12), min_size=1, max_size=4)


def by_weight(weights: dict[str, float]) -> dict[str, float]:
    found = Composition.from_weight_dict(weights)
    return {element.symbol: 100 * found.get_atomic_fraction(element) for element in found}


@given(shares, st.sampled_from(["CuZn37", "Cu-37Zn"]))
def test_alloys_by_weight_are_what_pymatgen_makes_of_the_weights(additions, form):
    dashed = "-" in form
    text = "Cu" + "".join(f"-{share}{symbol}" if dashed else f"{symbol}{share}" for symbol, share in additions.items())
    expected = by_weight({"Cu": 100 - sum(additions.values()), **additions})
    assert parse_formulas([text], alloys="wt%").compositions.to_dict(0) == pytest.approx(expected)
    assert parse_formula(f"{text} (wt%)") == pytest.approx(expected)


@pytest.mark.parametrize(
    "header", ["alloy (wt%)", "alloy [wt.%]", "alloy, wt%", "alloy (mass%)", "alloy (weight percent)"]
)
def test_the_header_may_declare_the_shares(tmp_path, header):
    table = tmp_path / "alloys.csv"
    table.write_text(f'"{header}",hardness\nCuZn37,1\nTi6Al4V,2\nNi80Cr20,3\n', encoding="utf-8")
    materials = read_materials(table).materials
    assert materials.compositions.to_dict(0) == pytest.approx(by_weight({"Cu": 63, "Zn": 37}))
    assert materials.compositions.to_dict(2) == pytest.approx(by_weight({"Ni": 80, "Cr": 20}))


def test_the_cell_goes_before_the_header_and_the_option():
    parsed = parse_formulas(["CuZn37 (at%)", "CuZn37"], alloys="wt%")
    assert parsed.compositions.to_dict(0) == pytest.approx({"Cu": 63, "Zn": 37})
    assert parsed.compositions.to_dict(1) == pytest.approx(by_weight({"Cu": 63, "Zn": 37}))


def test_among_many_formulas_that_count_the_atoms_of_metals_an_alloy_counts_them_too():
    intermetallics = [f"Ti{n}Ni{m}" for n in range(1, 5) for m in range(1, 5)]
    parsed = parse_formulas([*intermetallics, "Fe15Co"])
    assert len(parsed.rows) == len(intermetallics) + 1
    (remark,) = parsed.problems
    assert remark.value == "Fe15Co"
    assert "--alloys=wt%" in remark.reason


def test_beside_alloys_by_weight_a_doubtful_name_is_one_too():
    assert len(parse_formulas(["AlMg3", "Mg17Al12"]).rows) == 2
    parsed = parse_formulas(["AlMg3", "AlSi10Mg0.35", "CuZn37"])
    assert not len(parsed.rows)


def test_words_behind_an_alloy_are_a_note():
    parsed = parse_formulas(["Ti-6Al-4V (grade 5)"], alloys="wt%")
    assert parsed.compositions.to_dict(0) == pytest.approx(by_weight({"Ti": 90, "Al": 6, "V": 4}))
    assert "grade 5" in parsed.problems[0].reason


def test_alloys_by_weight_keep_a_formula_that_says_what_they_are():
    materials = read_materials(["CuZn37"], alloys="wt%").materials
    again = parse_formulas(materials.formulas.tolist(), counts_atoms=True)
    assert again.problems == ()
    assert again.compositions.to_dict(0) == pytest.approx(by_weight({"Cu": 63, "Zn": 37}), rel=1e-5)


@pytest.mark.parametrize("text", ["CuZn37", "Ti6Al4V", "KVWO", "InGaAs", "MgCl2.6NH3"])
def test_formulas_that_are_known_to_count_atoms_are_not_doubted(text):
    parsed = parse_formulas([text], counts_atoms=True)
    assert parsed.problems == ()
    assert parsed.compositions.to_dict(0) == pytest.approx(Composition(text).get_el_amt_dict())


@pytest.mark.parametrize("formula", ["Fe3W3C", "Fe6W6C", "Fe3Mo3C", "Fe4Mo2C4"])
def test_carbides_of_iron_are_no_steels(formula: str) -> None:
    """With more carbon than austenite dissolves (2.1 % by weight); the eta carbides are compounds."""
    parsed = parse_formulas([formula])
    assert parsed.compositions.to_dict(0) == Composition(formula).as_dict()
    assert parsed.problems == ()


@pytest.mark.parametrize("steel", ["Fe12Cr1C", "Fe12Cr2C", "Fe18Cr8Ni", "Fe1Cr0.5C"])
def test_steels_are_asked_about(steel: str) -> None:
    assert "alloy by weight" in parse_formulas([steel]).problems[0].reason
