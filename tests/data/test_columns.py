"""Which column is which, in small tables whose answer a person knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from matscout.data import column_names, columns
from matscout.data.columns import structure_path
from matscout.data.tables import table_from_columns
from matscout.errors import InputError, UsageError

FORMULAS = ["Si", "GaAs", "Fe2O3", "NaCl", "BiSb(Se0.92Br0.08)3", "TiO2"]


def table(**named):
    return table_from_columns("t", named)


def test_a_named_column_is_found_in_any_case_with_or_without_unit():
    names = ["formula", "Band gap (eV)", "T_K", "t (s)"]
    assert column_names.find_column("Band gap (eV)", names, "target") == "Band gap (eV)"
    assert column_names.find_column("band GAP (ev)", names, "target") == "Band gap (eV)"
    assert column_names.find_column("band gap", names, "target") == "Band gap (eV)"
    assert column_names.find_column("Band gap [meV]", names, "target") == "Band gap (eV)"
    assert column_names.find_column("band_gap", names, "target") == "Band gap (eV)"
    with pytest.raises(UsageError, match="matches several columns: T_K, t"):
        column_names.find_column("T", names, "context")


def test_an_unknown_column_is_answered_with_near_ones_and_all():
    with pytest.raises(
        UsageError, match=r"no column 'bandgap' for the target; did you mean band_gap\? .*are formula, band_gap"
    ):
        column_names.find_column("bandgap", ["formula", "band_gap"], "target")


CIF = "data_Si\n_cell_length_a 5.43\n_cell_length_b 5.43\nloop_\n"


def test_structure_by_content(tmp_path):
    assert columns.find_structure(table(formula=FORMULAS, geometry=[CIF] * 6)) == "geometry"
    (tmp_path / "a.cif").write_text(CIF, encoding="utf-8")
    paths = table(formula=["Si"], where=[str(tmp_path / "a.cif")])
    assert columns.find_structure(paths) == "where"
    assert columns.find_structure(table(formula=["Si"], where=["nowhere.cif"])) is None
    assert columns.find_structure(table(formula=["Si"], note=["two\nlines"], json=['{"a": 1}'])) is None


def test_id_by_name_if_unique():
    assert columns.find_id(table(material_id=["a", "b"], formula=["Si", "Ge"]), {"formula"}) == "material_id"
    assert columns.find_id(table(Sample=["a", "a"], formula=["Si", "Ge"]), {"formula"}) is None
    assert columns.find_id(table(acid=["a", "b"], formula=["Si", "Ge"]), {"formula"}) is None


def test_it_is_said_why_no_column_names_the_rows() -> None:
    twice = table(formula=["Si", "Ge", "C"], id=["b", "a", "a"])
    assert columns.why_no_id(twice) == "column 'id' holds 'a' in row 2 and in row 3"
    assert columns.why_no_id(table(Sample=["a", "b", None])) == "column 'Sample' is blank in row 3"
    assert columns.why_no_id(table(acid=["a"])) == "no column identifies each of them"


@pytest.mark.parametrize(
    "name",
    [
        "sigma_gap",
        "gap_error",
        "gap error (eV)",
        "gap_std",
        "gap uncertainty",
        "error of gap",
        "Gap_err",
        "std gap",
        "delta gap",
        "gap Fehler (eV)",
        "Unsicherheit gap",
        "erreur gap",
        "gap 误差",
        "погрешность gap",
    ],
)
def test_error_column_by_name(name):
    assert columns.find_errors(["gap (eV)"], ["formula", "gap (eV)", "T", name]) == {"gap (eV)": name}


@pytest.mark.parametrize("name", ["±", "+/-", "error (eV)", "uncertainty", "Fehler (eV)", "écart type", "誤差"])
def test_nameless_error_column_belongs_to_its_left_neighbour(name):
    assert columns.find_errors(["gap (eV)"], ["formula", "gap (eV)", name, "T"]) == {"gap (eV)": name}
    assert columns.find_errors(["gap (eV)"], ["formula", name, "gap (eV)", "T"]) == {}


@pytest.mark.parametrize("name", ["Temperatur (°C)", "Druck (bar)", "температура", "温度 (K)", "T (K)", "Durée"])
def test_conditions_are_known_by_what_labs_call_them(name):
    assert column_names.is_called_condition(name)
    assert not column_names.is_called_condition("Zeitung")


def test_the_conductivity_sigma_is_no_error():
    assert columns.find_errors(["gap"], ["gap", "sigma", "sigma (S/m)", "gap_max"]) == {}


def test_the_only_numeric_column_is_the_target():
    mine = table(
        formula=FORMULAS,
        gap=["1", "2", "-", "<3", "4 eV", "5"],
        gap_error=["1"] * 6,
        fold=["1"] * 6,
        doi=["10"] * 6,
        no=list("123456"),
    )
    assert columns.find_target(mine, {"formula"}) == "gap"


def test_classes_are_a_target_if_nothing_is_numeric():
    mine = table(
        formula=FORMULAS,
        phase=["a", "b", "a", "b", "a", "b"],
        note=["u", "v", "w", "x", "y", "z"],
        source=["p", "p", "q", "q", "p", "q"],
    )
    assert columns.find_target(mine, {"formula"}) == "phase"


def test_a_column_called_target_wins():
    assert columns.find_target(table(target=["1", "2"], other=["3", "4"]), set()) == "target"


def test_labels_and_dates_are_no_numbers():
    assert not columns.is_numeric(["1a", "2b, acid", "3c"])
    assert not columns.is_numeric(["2014-12-22 15:48:30.000", "2015-01-02 15:48:30.000"])
    assert columns.is_numeric(["1 widget", "2 widget", "3 widget", "4"])
    assert columns.is_numeric(["1 eV", "<2 meV", "3(1)", "n.d."])


def test_ids_are_no_targets_even_if_they_repeat():
    mine = table(formula=FORMULAS, condition_id=["1", "1", "2", "2", "3", "3"], gap=["1", "2", "3", "4", "5", "6"])
    assert columns.find_target(mine, {"formula"}) == "gap"


def test_several_or_no_targets_are_answered():
    with pytest.raises(UsageError, match=r"several columns could be the target: T \(K\), ZT.*context="):
        columns.find_target(table(**{"T (K)": ["1", "2"], "ZT": ["3", "4"]}), set())
    with pytest.raises(InputError, match="no column with a measured property"):
        columns.find_target(table(formula=FORMULAS), {"formula"})


def test_a_cell_too_long_for_the_name_of_a_file_names_none(tmp_path: Path) -> None:
    assert structure_path("x" * 400, tmp_path) is None
