"""What two materials have in common, in words."""

from __future__ import annotations

import pytest

from matscout.data.materials import Materials
from matscout.discover.index.likeness import element_swaps, reasons


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"Pb": 1, "Te": 1}, {"Sn": 2, "Te": 2}, {"Pb": "Sn"}),
        ({"Pb": 1, "Te": 1}, {"Na": 1, "Cl": 1}, {"Pb": "Na", "Te": "Cl"}),
        ({"Ge": 1, "Te": 1}, {"Se": 1, "Pb": 1}, {"Ge": "Pb", "Te": "Se"}),
        ({"Fe": 2, "O": 3}, {"Al": 2, "S": 3}, {"Fe": "Al", "O": "S"}),
        ({"Fe": 2, "O": 3}, {"Al": 3, "S": 2}, {"O": "Al", "Fe": "S"}),
        ({"Fe": 2, "O": 3}, {"Fe": 3, "O": 2}, {}),
        ({"Fe": 2, "O": 3}, {"Fe": 3, "S": 2}, {}),
        ({"Fe": 1}, {"Fe": 1, "O": 1}, {}),
        ({"Pb": 1, "Te": 1}, {"Pb": 1, "Te": 1}, {}),
    ],
)
def test_elements_are_paired_by_amount_and_electronegativity(one, other, expected) -> None:
    first, second = ({symbol: amount / sum(of.values()) for symbol, amount in of.items()} for of in (one, other))
    assert element_swaps(first, second) == expected


def test_the_first_words_are_about_composition_then_prototype_then_descriptors() -> None:
    found = Materials.from_formulas(["Pb2Te2", "SnTe", "PbTe2", "Sb2Te3", "LiF"])
    told = reasons(Materials.from_formulas(["PbTe"]), found, "AB_1", ["AB_1", "AB_1", None, "A2B3_2", None])
    assert told[0].startswith("the same composition; the same prototype (AB_1); similar in ")
    assert told[1].startswith("Sn instead of Pb; the same prototype (AB_1)")
    assert told[2].startswith("the same elements in another ratio")
    assert told[3].startswith("shares Te")
    assert told[4] == "Li instead of Pb and F instead of Te"
    apart = reasons(Materials.from_formulas(["PbTe"]), Materials.from_formulas(["H2O"]), None, [None])
    assert apart == ["no element in common"]
