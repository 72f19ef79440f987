"""Which column holds the formulas, in small tables whose answer a person knows."""

from __future__ import annotations

import pytest

from matscout.data.formula_columns import find_formula, formula_share, refuse_names
from matscout.data.tables import table_from_columns
from matscout.errors import InputError, UsageError
from matscout.remarks import codes

FORMULAS = ["Si", "GaAs", "Fe2O3", "NaCl", "BiSb(Se0.92Br0.08)3", "TiO2"]


def table(**named):
    return table_from_columns("t", named)


def found(of):
    column = find_formula(of)
    return None if column is None else column.name


NAMES = (
    *("Formel", "Summenformel", "Zusammensetzung", "Verbindung", "Formule chimique", "Composé", "Fórmula", "Состав"),
    *("Alloy", "Legierung", "alliage", "合金", "Catalyst", "Katalysator"),
    *("Composición", "Composizione", "Composição", "Формула", "化学式", "组成", "組成", "Skład", "Werkstoff", "材料"),
)


@pytest.mark.parametrize("name", NAMES)
def test_names_that_labs_use(name):
    assert found(table(**{"Dotierung": ["Na", "K", "Li", "Cs", "Rb", "H"], name: FORMULAS})) == name


def test_a_column_of_names_is_no_formula_column():
    names = ["Cork", "Brick", "Titanium", "C", "Oak", "Concrete"]
    assert found(table(Material=names, density=["1"] * 6)) is None
    assert found(table(Material=names, what=FORMULAS)) == "what"
    with pytest.raises(
        InputError, match="column 'Material' of t contains names, not formulas: 1 of 6 cells are formulas"
    ):
        refuse_names(table(Material=names), ())
    refuse_names(table(phase=names, material=["1", "2", "3", "4", "5", "6"]), ())


@pytest.mark.parametrize("times", [1, 2, 3, 6])
def test_of_two_columns_that_agree_the_first_is_taken(times):
    cells = [f"Na{times}Cl{times}", f"Ga{2 * times}As{2 * times}", f"Fe{2 * times}O{3 * times}"]
    both = table(cell=cells, reduced=["NaCl", "GaAs", "Fe2O3"])
    column = find_formula(both)
    assert column is not None
    assert column.name == "cell"
    assert codes(column.remarks) == ["formula-columns-agree"]


def test_columns_that_differ_in_one_row_are_asked_about():
    with pytest.raises(UsageError, match="formula='a' context='b' a row is that material, with"):
        found(table(a=["NaCl", "GaAs", "Fe2O3"], b=["NaCl", "GaAs", "Fe3O4"]))


def test_alloys_of_several_principal_elements_are_formulas():
    alloys = ["CoCrFeMnNi", "Al0.3CoCrFeNi", "TiZrHfNbTa0.5", "NbMoTaW", "CoCrFeNiMo0.2", "AlCoCrFeNi2.1"]
    assert formula_share(alloys) == 1
    assert found(table(Alloy=alloys, sample=["a", "b", "c", "d", "e", "f"])) == "Alloy"
