"""Which column holds the formulas, in small tables whose answer a person knows."""

from __future__ import annotations

import pytest

from matscout.data.formula_columns import find_formula, refuse_names
from matscout.data.tables import table_from_columns
from matscout.errors import InputError, UsageError

FORMULAS = ["Si", "GaAs", "Fe2O3", "NaCl", "BiSb(Se0.92Br0.08)3", "TiO2"]


def table(**named):
    return table_from_columns("t", named)


def found(of):
    column = find_formula(of)
    return None if column is None else column.name


@pytest.mark.parametrize(
    "name", ["formula", "Composition", "chemical_formula", "Material", "compound", "pretty formula"]
)
def test_formula_by_name(name):
    assert found(table(**{"id": ["a"] * 6, name: FORMULAS, "dopant": ["Na", "K", "Li", "Cs", "Rb", "H"]})) == name


def test_formula_by_content():
    assert found(table(what=FORMULAS, note=["good", "bad", "ok", "fine", "hmm", "oh"], gap=["1"] * 6)) == "what"
    assert found(table(what=[*FORMULAS[:4], "?", "sample 3"])) is None


def test_formula_by_name_even_if_many_are_wrong():
    assert found(table(formula=["Foo", "Bar", "Si"], gap=["1", "2", "3"])) == "formula"


def test_yes_and_no_are_no_yttrium_and_nobelium():
    assert found(table(stable=["Y", "N", "Y", "Y", "N", "N"], gap=["1"] * 6)) is None


def test_two_formula_columns_are_asked_about():
    with pytest.raises(UsageError, match="host, guest"):
        found(table(host=FORMULAS, guest=FORMULAS[::-1]))
    assert found(table(formula=FORMULAS, formula_pretty=FORMULAS)) == "formula"


def test_a_column_of_numbers_is_no_formula_column_whatever_its_name():
    assert found(table(fold_formula=["1", "4", "2"], gap=["1", "2", "3"])) is None


@pytest.mark.parametrize(
    "name",
    ["Formel", "Summenformel", "Zusammensetzung", "Verbindung", "Formule_chimique", "Composé", "Fórmula", "Composición", "Composizione", "Composição", "Формула", "Состав", "化学式", "组成", "組成", "Skład", "Werkstoff", "材料"],
)
def test_names_that_labs_use(name):
    assert found(table(**{"Dotierung": ["Na", "K", "Li", "Cs", "Rb", "H"], name: FORMULAS})) == name


def test_a_column_of_names_is_no_formula_column():
    names = ["Cork", "Brick", "Titanium", "C", "Oak", "Concrete"]
    assert found(table(Material=names, density=["1"] * 6)) is None
    assert found(table(Material=names, what=FORMULAS)) == "what"
    with pytest.raises(InputError, match="column 'Material' of t holds names, not formulas: 1 of 6 cells are formulas"):
        refuse_names(table(Material=names), ())
    refuse_names(table(phase=names, material=["1", "2", "3", "4", "5", "6"]), ())


@pytest.mark.parametrize("times", [1, 2, 3, 6])
def test_of_two_columns_that_agree_the_first_is_taken(times):
    cells = [f"Na{times}Cl{times}", f"Ga{2 * times}As{2 * times}", f"Fe{2 * times}O{3 * times}"]
    both = table(cell=cells, reduced=["NaCl", "GaAs", "Fe2O3"])
    column = find_formula(both)
    assert column is not None
    assert column.name == "cell"
    assert column.remarks == ("Column 'reduced' says the same composition as 'cell' in every row.",)


def test_columns_that_differ_in_one_row_are_asked_about():
    with pytest.raises(UsageError, match="--formula a --context b a row is both"):
        found(table(a=["NaCl", "GaAs", "Fe2O3"], b=["NaCl", "GaAs", "Fe3O4"]))
