"""Layouts and roles that were read wrong once, by the fault they show; the right values stand in the cells."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cases.written import FORMULAS, column, put, values, workbook

from matscout.data.reading import read, read_materials
from matscout.errors import InputError, UsageError
from matscout.remarks import codes

# Layout


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("A   B   gap_eV\nGaAs  x1  1.42\nZnO   x2  3.37\nCdTe  x3  1.50\nMgO   x4  7.80\n", [1.42, 3.37, 1.5, 7.8]),
        ("formula gap\nGaAs 1.42\nZnO 3.37\nCdTe 1.50\n", [1.42, 3.37, 1.5]),
        ("formula   band gap (eV)\nGaAs   1,42\nZnO    3,37\nCdTe   1,50\n", [1.42, 3.37, 1.5]),
        (
            "  formula    T    gap\n  GaAs     300   1.42\n  ZnO      300   3.37\n  CdTe     300   1.50\n",
            [1.42, 3.37, 1.5],
        ),
        ("# by hand\nformula  gap\nGaAs  1e-3\nZnO  2e-3\nCdTe  4e-3\n", [1e-3, 2e-3, 4e-3]),
    ],
)
def test_blanks_between_columns(tmp_path: Path, text: str, numbers: list[float]) -> None:
    target = "gap" if "T " in text else ()
    assert values(read(put(tmp_path, text, "t.txt"), target=target)) == numbers


@pytest.mark.parametrize("text", ["formula\nNaCl\nKCl\nMgO\n", "formula,note\nNaCl,a b c\nKCl,d e f\nMgO,g h i\n"])
def test_other_blanks_divide_nothing(tmp_path: Path, text: str) -> None:
    assert list(read_materials(put(tmp_path, text, "t.txt")).materials.formulas) == ["NaCl", "KCl", "MgO"]


def test_quotation_marks_around_cells(tmp_path: Path) -> None:
    rows = ["Li7La3Zr2O12,1", '"""(Li2S)0.7 (P2S5)0.3""",2', "'Li3N',3", "“LiTi2(PO4)3”,4", "«Li2SO4»,5", "„Li2O“,6"]
    dataset = read(put(tmp_path, "\n".join(["composition,x", *rows])), max_bad=0.0)
    assert list(dataset.materials.formulas)[2:] == ["Li3N", "LiTi2(PO4)3", "Li2SO4", "Li2O"]
    assert any("quotation marks around 5 cells" in remark for remark in dataset.provenance.remarks)
    assert sum(reading.rule == "quotation marks" for reading in dataset.readings) == 5


CIF = """data_x
_cell_length_a 5.64
_cell_length_b 5.64
_cell_length_c 5.64
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'P 1'
loop_
_atom_site_label
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Na 0 0 0
Cl 0.5 0.5 0.5
"""


@pytest.mark.parametrize(
    "names", [["1000041", "1101051", "1507756"], ["mp-149", "mp-22", "mp-3"], ["salt", "rock", "halite"]]
)
def test_a_table_of_the_layout_of_crystal_graph_networks_has_no_header(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        put(tmp_path, CIF, f"{name}.cif")
    path = put(tmp_path, "".join(f"{name},{i}.5\n" for i, name in enumerate(names)), "id_prop.csv")
    dataset = read(path, structure=str(tmp_path))
    assert list(dataset.materials.ids) == names
    assert values(dataset) == [0.5, 1.5, 2.5]


@pytest.mark.parametrize(
    "lines",
    [
        ["formula,Seebeck (µV/K),,conductivity (S/cm),", ",300 K,600 K,300 K,600 K"],
        ["formula,Seebeck (µV/K),,conductivity (S/cm),", ",300K,600K,300K,600K"],
        ["formula,Seebeck [µV/K],,conductivity / S cm-1,", ",1 bar,2 bar,1 bar,2 bar"],
    ],
)
def test_conditions_below_quantities(tmp_path: Path, lines: list[str]) -> None:
    rows = [f"{formula},-{i}00,-{i}50,{i}000,{i}700" for i, formula in enumerate(FORMULAS, start=1)]
    first, second = lines[1].split(",")[1:3]
    dataset = read(put(tmp_path, "\n".join([*lines, *rows])), target=[f"Seebeck: {first}", f"conductivity: {second}"])
    assert [target.unit for target in dataset.targets.values()] == [
        "µV/K",
        dataset.targets[f"conductivity: {second}"].unit,
    ]
    assert dataset.targets[f"Seebeck: {first}"].values[0] == -100
    assert dataset.targets[f"conductivity: {second}"].values[1] == 2700
    assert len(dataset) == len(FORMULAS)


def test_merged_cells_of_a_spreadsheet(tmp_path: Path) -> None:
    head: list[list[object]] = [
        ["formula", "Seebeck (µV/K)", None, "conductivity (S/cm)", None],
        [None, "300 K", "600 K", "300 K", "600 K"],
    ]
    rows: list[list[object]] = [[formula, -100 - i, -150 - i, 1000 + i, 700 + i] for i, formula in enumerate(FORMULAS)]
    path = workbook(tmp_path / "a.xlsx", [*head, *rows], ("A1:A2", "B1:C1", "D1:E1"))
    dataset = read(path, target="Seebeck: 600 K")
    assert values(dataset) == [-150.0 - i for i in range(10)]
    assert dataset.target().unit == "µV/K"
    cells: list[list[object]] = [["formula", "T (K)", "S (uV/K)"]]
    for i, formula in enumerate(FORMULAS[:3]):
        cells += [[formula, 300, -200 - i], [None, 350, -210 - i], [None, 400, -220 - i]]
    path = workbook(tmp_path / "b.xlsx", cells, ("A2:A4", "A5:A7", "A8:A10"))
    dataset = read(path, target="S", context="T", max_bad=0.0)
    assert list(dataset.materials.formulas) == [formula for formula in FORMULAS[:3] for _ in range(3)]
    assert [reading.rule for reading in dataset.readings] == ["merged cell"] * 6


@pytest.mark.parametrize(
    ("end", "n_left_out"),
    [
        ("Mean,2.5\nStd,1.1\nn,4\n", 3),
        ("\nMittelwert,2.5\nStandardabweichung,1.1\n", 2),
        ("Total,10\n", 1),
        ("\n平均值,2.5\n标准差,1.1\n", 2),
        ("Source: Smith et al. (2010)\n", 1),
        ('\n"Note: measured at 300 K, in air"\n', 1),
        ("\nN,4\nMean,2.5\n", 2),
        ("* estimated\n", 1),
    ],
)
def test_statistics_below_the_data_are_no_rows(tmp_path: Path, end: str, n_left_out: int) -> None:
    dataset = read(put(tmp_path, column(["1", "2", "3", "4"], "x") + end), max_bad=0.0)
    assert values(dataset) == [1, 2, 3, 4]
    assert dataset.provenance.n_rows == 4
    assert any(
        f"{n_left_out} row{'s' * (n_left_out > 1)} below the data" in remark for remark in dataset.provenance.remarks
    )


@pytest.mark.parametrize("last", ["N", "S", "No", "SD"])
def test_elements_that_end_a_table_are_data(tmp_path: Path, last: str) -> None:
    dataset = read_materials(put(tmp_path, f"formula,x\nNaCl,1\nKCl,2\n{last},3\n"), max_bad=1.0)
    assert dataset.provenance.n_rows == 3


# Roles


def test_names_are_no_formulas(tmp_path: Path) -> None:
    names = ["Rigid Foam LD", "Wood (L)", "Cork", "Concrete", "Brick", "Titanium", "C", "Oak"]
    path = put(tmp_path, "Material\tdensity (g/cm3)\n" + "".join(f"{name}\t0.{i}\n" for i, name in enumerate(names)))
    with pytest.raises(InputError, match=r"column 'Material' of t\.csv contains names, not formulas"):
        read(path)


def test_two_formula_columns_that_agree(tmp_path: Path) -> None:
    text = (
        "id,Reduced Composition,Z,True Composition,sigma (S/cm)\na,Li3BO3,2,Li6.0B2.0O6.0,2.0e-9\n"
        "b,Li4SiO4,2,Li8.0Si2.0O8.0,5.0e-10\nc,Li1.3Al0.3Ti1.7(PO4)3,6,Li7.8Al1.8Ti10.2P18.0O72.0,7.0e-4\n"
    )
    dataset = read(put(tmp_path, text), target="sigma")
    assert list(dataset.materials.formulas) == ["Li3BO3", "Li4SiO4", "Li1.3Al0.3Ti1.7(PO4)3"]
    assert "formula-columns-agree" in codes(dataset.provenance.remarks)


def test_host_and_solute_are_asked_about(tmp_path: Path) -> None:
    text = "host,solute,E (eV)\nAg,Au,1.98\nAg,Cu,2.00\nAl,Mg,1.27\nAl,Cu,1.38\nCu,Ni,2.42\nCu,Zn,1.98\n"
    path = put(tmp_path, text)
    with pytest.raises(
        UsageError, match=r"formula='host' a row is that material alone.*context='solute' a row is that material, with"
    ):
        read(path)
    dataset = read(path, formula="host", context="solute")
    assert list(dataset.materials.context["solute"]) == ["Au", "Cu", "Mg", "Cu", "Ni", "Zn"]


@pytest.mark.parametrize(
    ("yields", "unit"),
    [(["50", "20", "70", "80", "10", "0"], "%"), (["0.5", "0.2", "0.7", "0.8", "0.1", "0"], "fraction")],
)
def test_the_unit_of_yields_is_that_of_all_rows(tmp_path: Path, yields: list[str], unit: str) -> None:
    halides = ["c1ccccc1Br", "c1ccccc1Cl", "c1ccccc1I", "c1ccncc1Br", "c1ccncc1Cl", "c1ccccc1Br"]
    bases = ["K3PO4", "Cs2CO3", "K2CO3", "NaOtBu", "DBU", "none"]
    rows = "".join(f"{halide},{base},{told}\n" for halide, base, told in zip(halides, bases, yields, strict=True))
    dataset = read(
        put(tmp_path, f"aryl halide,base,yield\n{rows}"), reaction=["aryl halide", "base"], target="yield", max_bad=1.0
    )
    assert dataset.target().unit == unit
    assert "percents-or-fractions" not in codes(dataset.provenance.remarks)
