"""What stands beside and below columns of numbers: units, errors, second tables; the right values are given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.cases.written import FORMULAS, column, put, values, workbook

from matscout.data.columns import NoTargetError
from matscout.data.reading import read
from matscout.data.unit_columns import LongTableError, UnclearUnitsError
from matscout.errors import InputError
from matscout.remarks import codes
from matscout.workflow.check import check


@pytest.mark.parametrize(
    ("text", "target", "unit", "right"),
    [
        ("formula,conductivity,unit\nMgO,1,mS/cm\nCaO,2,S/cm\nNaCl,3,S/m\nZnO,4,S/cm\n", "conductivity", "S/cm",
         [0.001, 2, 0.03, 4]),
        ("formula,gap,gap_unit,rho\nMgO,7800,meV,1\nCaO,7,eV,2\nNaCl,8.5,eV,3\n", "gap", "eV", [7.8, 7, 8.5]),
        ("formula;Einheit;Leitfähigkeit\nMgO;S/m;1,5\nCaO;S/m;2,5\nNaCl;S/cm;0,5\n", "Leitfähigkeit", "S/m",
         [1.5, 2.5, 50]),
        ("formula,gap (eV),unit\nMgO,7800,meV\nCaO,7000,meV\nNaCl,8.5,eV\n", "gap", "eV", [7.8, 7, 8.5]),
        ("formula,T,sigma,单位\nMgO,300,1,S/cm\nCaO,300,2,S/cm\nNaCl,400,3,S/m\n", "sigma", "S/cm", [1, 2, 0.03]),
        ("formula,a,unit,b,unit\nMgO,1,nm,2,eV\nCaO,2,nm,3,eV\nNaCl,3,Å,4,meV\n", "b", "eV", [2, 3, 0.004]),
        ("formula,gap,unit of gap,x\nMgO,1,eV,1\nCaO,2,eV,1\nNaCl,300,meV,2\n", "gap", "eV", [1, 2, 0.3]),
    ],
)  # fmt: skip
def test_units_in_a_column_of_their_own(tmp_path: Path, text: str, target: str, unit: str, right: list[float]) -> None:
    dataset = read(put(tmp_path, text), target=target)
    np.testing.assert_allclose(values(dataset), right)
    assert dataset.target().unit == unit
    assert "unit-from-a-column" in codes(dataset.provenance.remarks)


def test_units_beside_conditions_and_errors(tmp_path: Path) -> None:
    text = "formula,T,T_unit,S,error,S unit\nMgO,25,°C,100,1,µV/K\nCaO,300,K,0.2,0.01,mV/K\nNaCl,30,°C,300,2,µV/K\n"
    dataset = read(put(tmp_path, text), target="S", context="T")
    np.testing.assert_allclose(dataset.materials.context["T"], [298.15, 300, 303.15])
    np.testing.assert_allclose(values(dataset), [100, 200, 300])
    assert not any("converted to °C" in remark for remark in dataset.provenance.remarks)


def test_units_of_nobody_are_asked_about(tmp_path: Path) -> None:
    path = put(tmp_path, "formula,gap,density,unit\nMgO,7.8,3.6,eV\nCaO,7,3.3,eV\nNaCl,8.5,2.2,eV\n")
    with pytest.raises(UnclearUnitsError, match=r"belong to gap, density.*units="):
        read(path, target="gap")
    assert read(path, target="gap", units={"gap": "eV"}).target().unit == "eV"


def test_a_unit_that_does_not_convert_leaves_its_row_out(tmp_path: Path) -> None:
    text = "formula,gap,unit\nMgO,7.8,eV\nCaO,7,eV\nNaCl,8.5,g/cm3\n"
    dataset = read(put(tmp_path, text), max_bad=0.5)
    assert values(dataset) == [7.8, 7]
    assert any("'g/cm3' in column 'unit'" in problem.reason for problem in dataset.problems)


@pytest.mark.parametrize(
    "text",
    [
        "compound,quantity,value,unit\nMgO,gap,7.8,eV\nMgO,density,3.58,g/cm3\nCaO,gap,7,eV\n",
        "formula,property,value\nMgO,gap,7.8\nMgO,density,3.58\nCaO,gap,7\n",
        "formula;Größe;Wert\nMgO;Lücke;7,8\nMgO;Dichte;3,58\nCaO;Lücke;7\n",
        "formula,value,unit\nMgO,7.8,eV\nMgO,3.58,g/cm3\nCaO,7,eV\n",
    ],
)
def test_long_tables_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(LongTableError, match="the table is long"):
        read(put(tmp_path, text))


def test_quantities_among_logarithms(tmp_path: Path) -> None:
    cells = ["-7.2", "1e-8 S/cm", "1e-6 S/m", "0.5 S/cm", "-3.8 S/m", "2"]
    dataset = read(put(tmp_path, column(cells, "log sigma (S/cm)")), max_bad=0.5)
    np.testing.assert_allclose(values(dataset), [-7.2, -8, -8, -5.8, 2])
    assert [problem.row for problem in dataset.problems if problem.dropped] == [5]
    dataset = read(put(tmp_path, column(["-3", "1e-8 S/cm ", "-2"], "ln(sigma) (S/cm)")))
    np.testing.assert_allclose(values(dataset), [-3, np.log(1e-8), -2])
    usual = read(put(tmp_path, column(["0.5 S/cm", "-1 S/cm", "-2 S/cm"], "log sigma (S/cm)")))
    assert values(usual) == [0.5, -1, -2]


def test_errors_of_the_other_kind_are_refused(tmp_path: Path) -> None:
    path = put(tmp_path, "formula,sigma (S/cm),log sigma err\nMgO,1e-8,0.2\nCaO,1e-7,0.1\nZnO,1e-3,0.1\n")
    with pytest.raises(
        InputError, match="contains plain values, but 'log sigma err' contains errors of their logarithm"
    ):
        read(path, target="sigma", error="log sigma err")


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("formula,gap (eV),error (%)\nMgO,8,5\nCaO,7,10\nZnO,-3,1\n", [0.4, 0.7, 0.03]),
        ("formula,gap (eV),gap error\nMgO,8,5 %\nCaO,7,0.1\nZnO,3,0.2\n", [0.4, 0.1, 0.2]),
        ("formula,gap (eV)\nMgO,8 ± 5 %\nCaO,7 ± 0.1\nZnO,3 (±0.2)\n", [0.4, 0.1, 0.2]),
        ("formula,yield (%),error (%)\nMgO,80,5\nCaO,70,10\nZnO,30,1\n", [5, 10, 1]),
    ],
)
def test_errors_in_percent(tmp_path: Path, text: str, right: list[float]) -> None:
    errors = read(put(tmp_path, text), target="yield" if "yield" in text else ()).target().errors
    assert errors is not None
    np.testing.assert_allclose(errors, right)


FIRST = "formula,gap (eV)\n" + "".join(f"{formula},{i}.5\n" for i, formula in enumerate(FORMULAS, start=1))


@pytest.mark.parametrize(
    ("below", "number"),
    [
        ("formula,gap (meV)\nCdTe,1500\n", 12),
        (",\ncompound,density (g/cm3)\nCdTe,5.8\n", 13),
        ("\nformula,gap [meV]\nCdTe,1500\nSi,1100\n", 13),
    ],
)
def test_a_second_table_is_not_read(tmp_path: Path, below: str, number: int) -> None:
    dataset = read(put(tmp_path, FIRST + below))
    assert values(dataset) == [i + 0.5 for i in range(1, 11)]
    assert any(f"second header in row {number} " in remark for remark in dataset.provenance.remarks)
    assert {problem.row for problem in dataset.problems} == set(range(number + 1, number + below.count("CdTe") + 1)) | (
        {number + 2} if "Si," in below else set()
    )


def test_a_header_that_is_repeated_is_skipped(tmp_path: Path) -> None:
    dataset = read(put(tmp_path, FIRST + "formula,gap (eV)\nCdTe,1.5\nFormula,Gap (eV)\nSi,1.1\n"), max_bad=0.0)
    assert values(dataset)[-2:] == [1.5, 1.1]
    assert any("2 repetitions of the header (row 12, 14)" in remark for remark in dataset.provenance.remarks)


@pytest.mark.parametrize(
    "text",
    [
        "formula   gap   density\nGaAs      1.42  5.3\nZnO             5.6\nCdTe      1.50\nMgO       7.8   3.6\n",
        "   formula     gap   density\n      GaAs    1.42       5.3\n       ZnO               5.6\n"
        "      CdTe    1.50\n       MgO     7.8       3.6\n",
    ],
)
def test_empty_cells_of_columns_of_fixed_width(tmp_path: Path, text: str) -> None:
    target = read(put(tmp_path, text, "t.txt"), target=["gap", "density"]).targets
    np.testing.assert_array_equal(target["gap"].values, [1.42, np.nan, 1.5, 7.8])
    np.testing.assert_array_equal(target["density"].values, [5.3, 5.6, np.nan, 3.6])


def test_uneven_lines_are_refused(tmp_path: Path) -> None:
    text = "formula gap density\nGaAs 1.42 5.3\nZnO 5.6\nCdTe 1.5\nMgO 7.8 3.6\n"
    with pytest.raises(InputError, match=r"3 words .*line 3 2 \(ZnO 5.6\)"):
        read(put(tmp_path, text, "t.txt"))


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("# gaps in eV\nMgO 7.8\nCaO 7.0\nZnO 3.3\n", None),
        ("# gaps in eV\nformula gap\nMgO 7.8\nCaO 7.0\nZnO 3.3\n", None),
        ("# formula gap\nMgO 7.8\nCaO 7.0\nZnO 3.3\n", None),
        ("| formula | gap (eV) |\n|:---|---:|\n| MgO | 7.8 |\n| CaO | 7.0 |\n| ZnO | 3.3 |\n", "eV"),
        ("Gaps of our lab,\n\nformula,gap\n,eV\nMgO,7.8\nCaO,7\nZnO,3.3\n", "eV"),
        ("formula,gap（eV）\nMgO,７．８\nCaO,７\nZnO,３．３\n", "eV"),
    ],
)
def test_lines_above_and_around(tmp_path: Path, text: str, unit: str | None) -> None:
    dataset = read(put(tmp_path, text, "t.txt"), max_bad=0.0)
    assert values(dataset) == [7.8, 7.0, 3.3]
    assert dataset.target().unit == unit


def test_units_and_errors_below_merged_cells(tmp_path: Path) -> None:
    head: list[list[object]] = [["formula", "Seebeck", None, "rho", None], [None, "(µV/K)", "±", "[mOhm cm]", "±"]]
    rows: list[list[object]] = [[formula, 100 + i, 1, 2 + i, 0.5] for i, formula in enumerate(FORMULAS)]
    path = workbook(tmp_path / "a.xlsx", [*head, *rows], ("A1:A2", "B1:C1", "D1:E1"))
    targets = read(path, target=["Seebeck", "rho"]).targets
    assert [target.unit for target in targets.values()] == ["µV/K", "mOhm cm"]
    assert [float(target.errors[0]) for target in targets.values() if target.errors is not None] == [1, 0.5]


@pytest.mark.parametrize("cell", ["3.25/3.75", "3.25; 3.75", "3.25 / 3.75 eV"])
def test_two_numbers_in_a_cell(tmp_path: Path, cell: str) -> None:
    dataset = read(put(tmp_path, column(["1.5", "2.5", cell, "3.5", "4.5"], "gap (eV)")), max_bad=0.5)
    assert values(dataset) == [1.5, 2.5, 3.5, 4.5]
    assert "two values" in next(problem.reason for problem in dataset.problems)


def test_partly_numeric_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(NoTargetError, match=r"column 'gap' holds numbers in 4 of 6 cells, and else 'metal' \(2\)"):
        read(put(tmp_path, column(["1.5", "metal", "2", "metal", "3", "4"], "gap")))


def test_materials_in_the_header(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the header of t.csv contains materials \(MgO, CaO, ZnO\)"):
        read(put(tmp_path, "property,MgO,CaO,ZnO\ngap,7.8,7,3.3\ndensity,3.6,3.3,5.6\n"))


def test_formulas_once_in_each_block(tmp_path: Path) -> None:
    text = "formula,S (uV/K)\nMgO,5\n,6\n,7\nCaO,5\n,6\n,8\n"
    dataset = read(put(tmp_path, text), max_bad=1.0)
    assert all("fill down" in problem.advice for problem in dataset.problems)


@pytest.mark.parametrize(("cell", "is_told"), [("9999", True), ("-999", True), ("999", True), ("9.99", False)])
def test_codes_for_no_value(tmp_path: Path, cell: str, is_told: bool) -> None:
    dataset = read(put(tmp_path, column(["1.5", "2", "3.5", cell], "gap (eV)")))
    assert len(dataset) == 4
    assert any("code for no value" in problem.reason for problem in dataset.problems) == is_told


def test_a_cell_is_shown_once(tmp_path: Path) -> None:
    summary = check(read(put(tmp_path, column(["1.1-1.3", "~2", "3.5"], "gap (eV)"))))
    assert [reading.row for reading in summary.readings] == [2, 3]
    assert not summary.problems
