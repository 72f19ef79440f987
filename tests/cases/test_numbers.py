"""Numbers that were read wrong once, by the fault they show; the right values are those that stand in the cells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.cases.written import FORMULAS, column, put, reason, values, workbook

from matscout.data.quantities import UnclearNumbersError
from matscout.data.reading import read
from matscout.errors import InputError, UsageError
from matscout.remarks import codes
from matscout.workflow.labels import striking_values

NAN = np.nan


# Three decimals are no thousands


@pytest.mark.parametrize("delimiter", [";", "\t", ",", "|"])
@pytest.mark.parametrize(
    "cells",
    [
        ["7.874", "8.960", "10.501", "19.302", "2.329"],
        ["5.431", "5.658", "5.653", "5.869", "5.661"],
        ["-3.016", "-3.291", "-2.103", "-1.815", "-3.442"],
        ["1.234", "2.345", "3.456", "1.111", "2.222"],
        ["1.424", "1.344", "1.505", "1.121", "2.153", "2.264"],
        ["1.100", "2.200", "3.300", "4.400"],
        ["1.234 ± 0.012", "2.345", "3.456 eV"],
    ],
)
def test_three_decimals_are_decimals(tmp_path: Path, cells: list[str], delimiter: str) -> None:
    found = values(read(put(tmp_path, column(cells, "x (eV)", delimiter))))
    assert found == [float(cell.split()[0]) for cell in cells]


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["21.000", "28.500", "2.350", "15.200", "950", "1.700"], [21000, 28500, 2350, 15200, 950, 1700]),
        (["1.234.567", "950", "12.345"], [1234567, 950, 12345]),
        (["1.234,5", "950,0", "12.345"], [1234.5, 950, 12345]),
        (["1500", "950,5", "1.400"], [1500, 950.5, 1400]),
    ],
)
def test_thousands_are_read_where_the_column_shows_them(tmp_path: Path, cells: list[str], numbers: list[float]) -> None:
    dataset = read(put(tmp_path, column(cells, "hardness (MPa)", ";")))
    assert values(dataset) == numbers
    assert "groups-of-thousands" in codes(dataset.provenance.remarks)
    assert {reading.rule for reading in dataset.readings} & {"thousands", "decimal comma, thousands"}


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        (column(["1.234", "12.345", "950", "870"], "x", ";"), "three digits after a point are thousands"),
        (column(["1,234", "2,345", "3,456"], "x", "\t"), "three digits after a comma are thousands"),
        (column(['"1,234"', '"2,345"', '"3,456"'], "x"), "thousands="),
        (column(["1.234", "2,345", "3.456"], "x", ";"), "decimal=','"),
        ("formula;x;other\nMgO;1.234;0,5\nCaO;2.345;0,7\nZnO;3.456;1,5\n", "elsewhere numbers of the table"),
    ],
)
def test_what_nothing_decides_is_asked(tmp_path: Path, text: str, advice: str) -> None:
    with pytest.raises(UnclearNumbersError, match="can be read two ways") as raised:
        read(put(tmp_path, text), target="x")
    assert advice in str(raised.value)


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        ({"decimal": "."}, [1.234, 12.345, 950]),
        ({"decimal": ","}, [1234, 12345, 950]),
        ({"thousands": True}, [1234, 12345, 950]),
    ],
)
def test_the_user_decides(tmp_path: Path, options: dict[str, str | bool], numbers: list[float]) -> None:
    path = put(tmp_path, column(["1.234", "12.345", "950"], "x", ";"))
    assert values(read(path, **options)) == numbers
    with pytest.raises(UsageError, match="a point or a comma"):
        read(path, decimal=";")


@pytest.mark.parametrize(
    ("cells", "kept"),
    [
        (["0,683", "1.512", "3.1", "2.7"], [3.1, 2.7]),
        (["1,5", "2,5", "0.123", "1.984", "3,1"], [1.5, 2.5, 3.1]),
        (["0,75", "1,683", "0.91", "1.20", "2.5"], [0.91, 1.2, 2.5]),
        (["0,75", "1,68", "0,91", "1.234"], [0.75, 1.68, 0.91]),
        (["0.75", "1.68", "0.91", "1,234"], [0.75, 1.68, 0.91]),
    ],
)
def test_no_group_begins_with_zero_and_no_cell_is_guessed(tmp_path: Path, cells: list[str], kept: list[float]) -> None:
    dataset = read(put(tmp_path, column(cells, "ZT", ";")), max_bad=1.0)
    assert values(dataset) == kept
    assert all("may be" in problem.reason or "decimal sign" in problem.reason for problem in dataset.problems)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("8.7E-4", 8.7e-4),
        ("1.2x10-6", 1.2e-6),
        ("1,2e-3", 1.2e-3),
        ("1,2·10-3", 1.2e-3),
        ("1,234·10⁻³", 1.234e-3),
        ("1.234E-5", 1.234e-5),
        ("1,2 × 10^-3", 1.2e-3),
    ],
)
def test_exponents_among_decimal_commas(tmp_path: Path, cell: str, number: float) -> None:
    assert values(read(put(tmp_path, column(["0,5", "1,5", cell, "2,5"], "x", ";")))) == [0.5, 1.5, number, 2.5]


# Typed cells


@pytest.mark.parametrize("left", [0, 1, 3])
def test_numbers_of_a_spreadsheet_stay_numbers(tmp_path: Path, left: int) -> None:
    typed: list[object] = ["0,85", 0.123, 1.984, "1,2", "1,4", 0.456, "0,5", "0,9", 0.789, "0,6"]
    rows = [["formula", "ZT"], *([formula, cell] for formula, cell in zip(FORMULAS, typed, strict=True))]
    dataset = read(workbook(tmp_path / "t.xlsx", rows, left=left))
    assert values(dataset) == [0.85, 0.123, 1.984, 1.2, 1.4, 0.456, 0.5, 0.9, 0.789, 0.6]
    assert len(dataset.readings) == 6


def test_a_text_beside_numbers_of_a_spreadsheet_is_left_out_where_it_is_open(tmp_path: Path) -> None:
    cells: list[object] = [5.5, 6.5, "7,874", 8.5, 9.5, 10.25]
    rows = [["formula", "x"], *([formula, cell] for formula, cell in zip(FORMULAS, cells, strict=False))]
    dataset = read(workbook(tmp_path / "t.xlsx", rows))
    assert values(dataset) == [5.5, 6.5, 8.5, 9.5, 10.25]
    assert "may be 7.874 or 7874" in reason(dataset, 4)


@pytest.mark.parametrize(
    ("heading", "unit", "factor"), [("x", "%", 100), ("x (%)", "%", 100), ("x (fraction)", None, 1)]
)
def test_percent_formats_of_a_spreadsheet(tmp_path: Path, heading: str, unit: str | None, factor: float) -> None:
    cells = [(0.12,), (0.5,), (0.075,), (1.0,)]
    rows = [["formula", heading], *([formula, cell] for formula, cell in zip(FORMULAS, cells, strict=False))]
    dataset = read(workbook(tmp_path / "t.xlsx", rows))
    np.testing.assert_allclose(values(dataset), factor * np.array([0.12, 0.5, 0.075, 1.0]))
    assert dataset.target().unit == (unit or "fraction")
    assert [reading.rule for reading in dataset.readings].count("percent format") in (4, 0) or not unit
    assert "cells-read-by-format" in codes(dataset.provenance.remarks)


# Logarithms


@pytest.mark.parametrize(
    ("heading", "cell", "number"),
    [
        ("log sigma (S/cm)", "-3.8 S/m", -5.8),
        ("log10 conductivity (S/cm)", "-8 S/m", -10),
        ("lg(sigma) [S/m]", "-3 S/cm", -1),
        ("ln(kappa) (W/mK)", "-2 mW/mK", -2 - np.log(1000)),
        ("log2(x) (g)", "-1 kg", -1 + np.log2(1000)),
        ("log(sigma / S cm-1)", "-3.8 S/m", -5.8),
        ("-log10(k) (S/cm)", "-1 S/m", 1),
    ],
)
def test_a_logarithm_is_shifted(tmp_path: Path, heading: str, cell: str, number: float) -> None:
    dataset = read(put(tmp_path, column(["-3.5", "-1.9", cell, "-2.7", "-3.0"], heading)))
    np.testing.assert_allclose(values(dataset), [-3.5, -1.9, number, -2.7, -3.0])
    assert [reading.rule for reading in dataset.readings] == ["logarithm shifted"]


def test_what_may_be_a_logarithm_or_the_value_is_left_out(tmp_path: Path) -> None:
    dataset = read(put(tmp_path, column(["0.79", "0.41", "-0.69", "5.0 mW/mK", "4.09"], "ln(kappa) (W/mK)")))
    assert values(dataset) == [0.79, 0.41, -0.69, 4.09]
    assert dataset.target().unit == "W/mK"
    assert "may be the logarithm or the value itself" in reason(dataset, 5)


def test_an_error_with_a_unit_is_none_of_a_logarithm(tmp_path: Path) -> None:
    rows = "".join(f"{formula},-{i}.5,0.1\n" for i, formula in enumerate(FORMULAS))
    path = put(tmp_path, f"formula,log10(sigma) [S/cm],sigma error [S/m]\n{rows}")
    with pytest.raises(InputError, match="an error of log10 has no unit"):
        read(path, target="log10(sigma) [S/cm]", error="sigma error [S/m]")
    path = put(tmp_path, f"formula,log10(sigma) [S/cm],error\n{rows}")
    np.testing.assert_array_equal(read(path, target="log10(sigma) [S/cm]", error="error").target().errors, 0.1)


# Powers in units and names


@pytest.mark.parametrize(
    ("heading", "cell", "number"),
    [
        ("alpha (10-6 /K)", "5.9 x 10-6 /K", 5.9),
        ("alpha (10⁻⁶/K)", "5.9e-6 1/K", 5.9),
        ("alpha (x10-6 K-1)", "5.9·10⁻⁶ 1/K", 5.9),
        ("alpha (E-6 /K)", "5.9E-6 /K", 5.9),
        ("alpha (1e-6/K)", "5.9e-6 1/K", 5.9),
        ("S (10^-6 V/K)", "2.6 mV/K", 2600),
        ("alpha x 10^6 (1/K)", "2.6e-6 1/K", 2.6),
        ("10⁶ α (1/K)", "2.6e-6 1/K", 2.6),
        ("sigma·10^-3 (S/cm)", "2.6e3 S/cm", 2.6),
    ],
)
def test_powers_in_headers(tmp_path: Path, heading: str, cell: str, number: float) -> None:
    dataset = read(put(tmp_path, column(["20", "15", "30", cell, "5.9"], heading)))
    np.testing.assert_allclose(values(dataset), [20, 15, 30, number, 5.9])


def test_a_factor_in_a_name_and_a_unit_in_a_cell_are_a_question(tmp_path: Path) -> None:
    dataset = read(put(tmp_path, column(["20", "15", "30", "20 1/K", "5.9"], "alpha x 10^6 (1/K)")))
    assert values(dataset) == [20, 15, 30, 5.9]
    assert "multiplied by 1e+06" in reason(dataset, 5)


# Notes, words, outliers


WORDS = (
    *("k. A.", "k.A.", "nicht gemessen", "n.g.", "non mesuré", "sin dato", "s/d", "non misurato", "não medido"),
    *("无", "无数据", "нет данных", "н/д", "brak danych", "b.d.", "#DIV/0!", "#NV", "なし", "未測定", "없음"),
)


@pytest.mark.parametrize("word", WORDS)
def test_words_for_no_value(tmp_path: Path, word: str) -> None:
    dataset = read(put(tmp_path, column(["1.5", word, "2.5", "3.5"], "x")))
    np.testing.assert_array_equal(dataset.target().values, [1.5, NAN, 2.5, 3.5])
    assert not dataset.problems
    assert [(reading.written, reading.read_as) for reading in dataset.readings] == [(word, "no value")]


@pytest.mark.parametrize(
    ("cell", "number", "error"),
    [
        ("8E-4 (disputed)", 8e-4, NAN),
        ("1.2 (5 K)", 1.2, NAN),
        ("1.2 [12]", 1.2, NAN),
        ("1.2 (ref. 5)", 1.2, NAN),
        ("1.234(5)", 1.234, 0.005),
        ("1.2 ± 0.1 (film)", 1.2, 0.1),
    ],
)
def test_notes_in_brackets(tmp_path: Path, cell: str, number: float, error: float) -> None:
    dataset = read(put(tmp_path, column(["1.5", cell, "2.5"], "x (eV)")))
    target = dataset.target()
    assert values(dataset) == [1.5, number, 2.5]
    assert (target.errors is None and np.isnan(error)) or target.errors[1] == pytest.approx(error)


def test_a_second_value_in_brackets_is_no_note(tmp_path: Path) -> None:
    dataset = read(put(tmp_path, column(["1.5", "1.2 (1.3 eV)", "2.5", "3", "4"], "x (eV)")))
    assert values(dataset) == [1.5, 2.5, 3, 4]
    assert "two values" in reason(dataset, 3)


@pytest.mark.parametrize(
    ("cells", "rows"),
    [
        (["0.5", "1.1", "0.8", "1984", "0.9", "1.2"], [5]),
        (["300", "310", "290", "305", "300000"], [6]),
        (["-2.1", "-1.9", "-2345", "-2.2", "-2.0"], [4]),
        (["1e-9", "1e-7", "1e-5", "1e-3", "1e-2", "1e-8"], []),
        (["1", "2", "3", "4", "5"], []),
        (["0", "0", "0", "0", "5"], []),
    ],
)
def test_values_far_from_the_rest_are_remarked(tmp_path: Path, cells: list[str], rows: list[int]) -> None:
    dataset = read(put(tmp_path, column(cells, "x")))
    told = [f"in row {problem.row}," for problem in dataset.problems if "times the median" in problem.reason]
    told += striking_values(dataset)
    assert len(told) == len(rows)  # once, though two rules may find it
    assert all(f"in row {row}," in text for row, text in zip(rows, told, strict=True))
    assert len(dataset) == len(cells)
