"""Target and context columns: tasks, units, errors, bounds; expected values worked out by hand or from scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import constants

from matscout.data.measurements import read_condition, read_target
from matscout.data.tables import table_from_columns
from matscout.errors import InputError
from matscout.remarks import codes


def table(**columns):
    return table_from_columns("t", columns)


def test_numbers_with_errors_bounds_and_gaps():
    found = read_target(table(**{"gap (eV)": ["1.1 ± 0.1", "<0.2", "n/a", "3", "oops"]}), "gap (eV)")
    target = found.target
    assert (target.name, target.unit, target.task) == ("gap", "eV", "regression")
    np.testing.assert_array_equal(target.values, [1.1, 0.2, np.nan, 3, np.nan])
    np.testing.assert_array_equal(target.errors, [0.1, np.nan, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(target.censored, [0, -1, 0, 0, 0])
    np.testing.assert_array_equal(found.unusable, [False, False, False, False, True])
    assert [(problem.row, problem.value) for problem in found.problems] == [(5, "oops")]


def test_nothing_special_leaves_errors_and_bounds_out():
    target = read_target(table(gap=["1", "2"]), "gap").target
    assert target.errors is None
    assert target.censored is None
    assert target.unit is None


def test_units_in_cells_are_converted_to_the_header_unit():
    found = read_target(
        table(**{"gap (eV)": ["1.1", "660 meV", "1 kJ/mol", "3 K", "4 (theory)", "500(20) meV"]}), "gap (eV)"
    )
    per_molecule = 1e3 / constants.N_A / constants.eV
    np.testing.assert_allclose(found.target.values, [1.1, 0.66, per_molecule, np.nan, 4, 0.5])
    np.testing.assert_allclose(found.target.errors[5], 0.02)
    np.testing.assert_array_equal(found.unusable, [False, False, False, True, False, False])
    assert codes(found.remarks).count("values-converted") == 2
    assert any("2 values in meV" in remark for remark in found.remarks)


def test_without_a_unit_in_the_header_the_most_frequent_one_counts():
    found = read_target(table(gap=["1.1 eV", "1 eV", "500 meV", "2"]), "gap")
    assert found.target.unit == "eV"
    np.testing.assert_allclose(found.target.values, [1.1, 1, 0.5, 2])
    assert "values-without-unit" in codes(found.remarks)


def test_the_given_unit_goes_before_the_header():
    found = read_target(table(**{"gap (eV)": ["1100", "0.5 eV"]}), "gap (eV)", unit="meV")
    assert found.target.unit == "meV"
    np.testing.assert_allclose(found.target.values, [1100, 500])
    assert "given-unit-replaces-header" in codes(found.remarks)


def test_an_unknown_unit_is_kept_as_a_label_and_said():
    found = read_target(table(gap=["1", "2"]), "gap", unit="parsec")
    assert found.target.unit == "parsec"
    assert codes(found.remarks) == ["unknown-unit", "values-of-target"]
    assert codes(read_target(table(gap=["1", "2"]), "gap", unit="eV").remarks) == ["values-of-target"]


def test_errors_from_a_column_in_another_unit():
    mine = table(**{"gap (eV)": ["1", "2", "3", "4"], "gap error (meV)": ["100", "0", "", "bad"]})
    found = read_target(mine, "gap (eV)", error="gap error (meV)")
    np.testing.assert_allclose(found.target.errors, [0.1, np.nan, np.nan, np.nan])
    assert {problem.row for problem in found.problems} == {2, 4}
    assert not any(problem.dropped for problem in found.problems)
    with pytest.raises(InputError, match="give both in one unit"):
        read_target(table(**{"gap (eV)": ["1"], "err (K)": ["1"]}), "gap (eV)", error="err (K)")


@pytest.mark.parametrize(
    ("cells", "classes", "values"),
    [
        (["0", "1", "1", "0"], ("0", "1"), [0, 1, 1, 0]),
        (["0.0", "1.0", "1", ""], ("0", "1"), [0, 1, 1, np.nan]),
        ([True, False, None, True], ("false", "true"), [1, 0, np.nan, 1]),
        (["Yes", "no", "yes", "NO"], ("no", "yes"), [1, 0, 1, 0]),
        (["film", "bulk", "film", "bulk"], ("bulk", "film"), [1, 0, 1, 0]),
    ],
)
def test_classes(cells, classes, values):
    target = read_target(table(kind=cells), "kind").target
    assert (target.task, target.classes) == ("classification", classes)
    np.testing.assert_array_equal(target.values, values)


@pytest.mark.parametrize("cells", [["1", "2", "3", "1", "2"], ["0", "0", "0"], ["0", "1", "2"]])
def test_other_whole_numbers_are_numbers(cells):
    assert read_target(table(n=cells), "n").target.task == "regression"


def test_text_that_is_neither_is_refused():
    with pytest.raises(InputError, match=r"neither numbers nor classes \(4 different texts in 4 rows, such as 'a'"):
        read_target(table(note=list("abcd")), "note")
    with pytest.raises(InputError, match="contains no values"):
        read_target(table(note=["", "-"]), "note")


def test_numeric_context_in_kelvin_and_its_missing_rows():
    found = read_condition(
        table(**{"T (°C)": ["25", "", "-273.15", "hot", "<5", "6", "7", "8", "9", "77 K"]}), "T (°C)"
    )
    assert (found.name, found.unit) == ("T", "K")
    np.testing.assert_allclose(found.values[[0, 2, 9]], [298.15, 0, 77], atol=1e-9)
    np.testing.assert_array_equal(np.flatnonzero(found.unusable), [1, 3, 4])
    assert sorted(problem.row for problem in found.problems) == [2, 4, 5]


def test_categorical_context():
    found = read_condition(table(route=["film", " bulk", "", "film"]), "route")
    np.testing.assert_array_equal(found.values[[0, 1, 3]], ["film", "bulk", "film"])
    np.testing.assert_array_equal(found.unusable, [False, False, True, False])


def test_errors_of_classes_are_said_to_be_unused():
    found = read_target(table(phase=["a", "b"] * 3, err=["1"] * 6), "phase", error="err")
    assert "errors-of-classes-not-used" in codes(found.remarks)


def test_what_a_comma_means_is_said():
    assert codes(read_target(table(a=["1,5", "2"]), "a").remarks)[:-1] == ["decimal-comma"]
    assert codes(read_target(table(a=["1,500", "250.5"]), "a").remarks)[:-1] == ["groups-of-thousands"]


def test_placeholders_are_pointed_out():
    cells = ["-999", "1.5", "-999", "1e30", "-950", "9.97e36", "2e19", "-0.5", "-0.5"]
    found = read_target(table(gap=cells), "gap")
    assert [(problem.row, problem.dropped) for problem in found.problems] == [
        (1, False),
        (3, False),
        (4, False),
        (6, False),
    ]
    assert all("looks like a code for no value" in problem.reason for problem in found.problems)
    assert not found.unusable.any()


@pytest.mark.parametrize(("heading", "room"), [("T (°C)", 298.15), ("T (K)", 298.15), ("temperature [°F]", 298.15)])
def test_room_temperature_is_a_number(heading: str, room: float) -> None:
    read = read_condition(table(**{heading: ["100", "rt", "60", "R.T.", "room temperature"]}), heading)
    assert read.unit == "K"
    np.testing.assert_allclose(read.values[[1, 3, 4]], room, atol=0.01)
    assert "room temperature, in 3 rows, was read as" in " ".join(read.remarks)
    plain = read_condition(table(method=["rt", "hot", "rt"]), "method")
    assert plain.values.tolist() == ["rt", "hot", "rt"]


def test_what_was_not_detected_has_no_value_and_advice() -> None:
    found = read_target(table(**{"yield (%)": ["10", "20", "n.d."]}), "yield (%)")
    assert np.isnan(found.target.values).tolist() == [False, False, True]
    assert found.problems[0].reason == "not detected, but no limit is given: the row has no value"
    assert found.problems[0].advice.startswith("write 0 if that was measured")


def test_remarks_in_brackets_behind_a_unit_are_not_part_of_it():
    cells = ["81 % (isolated)", "45 %", "95 % (99% ee)", "12 [%]"]
    found = read_target(table(**{"yield": cells}), "yield")
    assert found.target.unit == "%"
    np.testing.assert_array_equal(found.target.values, [81, 45, 95, 12])
    assert "brackets-not-read" in codes(found.remarks)
    assert any("in 2 cells" in remark for remark in found.remarks)


def test_room_temperature_is_known_beside_units_in_the_cells():
    found = read_condition(table(temperature=["25 °C", "rt", "80 °C", "60 °C"]), "temperature")
    np.testing.assert_allclose(found.values, [298.15, 298.15, 353.15, 333.15])
    assert not found.unusable.any()


@pytest.mark.parametrize(
    ("yes", "no"), [("да", "нет"), ("有", "无"), ("あり", "なし"), ("있음", "없음"), ("var", "yok")]
)
def test_no_is_an_answer_among_words_and_no_value_among_numbers(yes: str, no: str) -> None:
    target = read_target(table(metal=[yes, no, yes, no, "n/a"]), "metal").target
    assert set(target.classes) == {yes, no}
    np.testing.assert_array_equal(target.known, [True, True, True, True, False])
    np.testing.assert_array_equal(read_condition(table(film=[yes, no, yes]), "film").unusable, False)
    np.testing.assert_array_equal(read_target(table(gap=["1.5", no, "2.5"]), "gap").target.values, [1.5, np.nan, 2.5])
