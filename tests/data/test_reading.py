"""From files as people have them to data sets: small nasty files, and the shared real ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
import xlsxwriter

from matscout.data.reading import read, read_materials
from matscout.data.repeats import merge_repeats
from matscout.data.sources import names_file
from matscout.errors import InputError, UsageError
from matscout.remarks import codes

pytestmark = pytest.mark.small

PLAIN = "formula,gap\nSi,1.12\nGe,0.66\nGaAs,1.42\nInP,1.34\nZnO,3.3\nFoo,1\n"


def put(folder, content, name="t.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(content.encode(encoding))
    return path


def dropped(dataset):
    return [problem.row for problem in dataset.problems if problem.dropped]


def test_a_plain_file(tmp_path):
    dataset = read(put(tmp_path, PLAIN))
    assert list(dataset.materials.formulas) == ["Si", "Ge", "GaAs", "InP", "ZnO"]
    assert dataset.target().name == "gap"
    np.testing.assert_array_equal(dataset.target().values, [1.12, 0.66, 1.42, 1.34, 3.3])
    np.testing.assert_array_equal(dataset.row_numbers, [2, 3, 4, 5, 6])
    assert list(dataset.materials.ids) == ["2", "3", "4", "5", "6"]
    assert dropped(dataset) == [7]
    assert dataset.table.columns == ["formula", "gap"]
    assert (dataset.provenance.source, dataset.provenance.n_rows) == ("t.csv", 6)
    assert dataset.provenance.remarks[-1] == "5 of 6 rows can be used, 1 was left out."


def test_german_excel_export(tmp_path):
    text = "Verbindung;Bandlücke (eV);σ(Bandlücke)\r\nSi;1,12;0,01\r\nGaAs;1,42;\r\nGe;0,66;0,02\r\n;;\r\n"
    dataset = read(put(tmp_path, text.replace("σ", "std "), encoding="cp1252"), error="std (Bandlücke)")
    assert dataset.target().label == "Bandlücke (eV)"
    np.testing.assert_array_equal(dataset.target().values, [1.12, 1.42, 0.66])
    np.testing.assert_array_equal(dataset.target().errors, [0.01, np.nan, 0.02])
    remarks = " ".join(dataset.provenance.remarks)
    assert "Windows-1252" in remarks
    assert "semicolon" in remarks
    assert "decimal-comma" in codes(dataset.provenance.remarks)


def test_title_units_line_two_targets_and_context(tmp_path):
    lines = [
        "My data set", "", "sample,formula,kappa,sigma,T,route", ",,W/mK,S/m,°C,",
        "a,Bi2Te3,1.5,1e5,27,film", "b,PbTe,2.1(3),<2e5,27,bulk", "c,SnSe,0.9,1 S/cm,127,film",
        "d,GeTe,n/a,1 foo,27,film", "e,SnTe,2,3,,bulk", "f,Si,,,27,bulk", "g,Ge,abc,,27,bulk",
    ]  # fmt: skip
    dataset = read(put(tmp_path, "\n".join(lines)), target=["kappa", "SIGMA"], context=["T", "route"], max_bad=0.5)
    assert list(dataset.materials.ids) == ["a", "b", "c", "f"]
    np.testing.assert_array_equal(dataset.target("kappa").values, [1.5, 2.1, 0.9, np.nan])
    np.testing.assert_array_equal(dataset.target("sigma").values, [1e5, 2e5, 100, np.nan])
    np.testing.assert_array_equal(dataset.target("sigma").censored, [0, -1, 0, 0])
    np.testing.assert_allclose(dataset.materials.context["T"], [300.15, 300.15, 400.15, 300.15])
    np.testing.assert_array_equal(dataset.materials.context["route"], ["film", "bulk", "film", "bulk"])
    np.testing.assert_array_equal(dataset.row_numbers, [5, 6, 7, 10])
    assert dropped(dataset) == [8, 9, 11]


def test_an_unusable_value_drops_no_row_that_has_another_target(tmp_path):
    text = "formula,a,b\nSi,1,2\nGe,oops,3\nSn,5,oops\nPb,oops,\nC,1,2\nB,1,2\n"
    dataset = read(put(tmp_path, text), target=["a", "b"])
    assert list(dataset.materials.formulas) == ["Si", "Ge", "Sn", "C", "B"]
    assert [(problem.row, problem.dropped) for problem in dataset.problems] == [(3, False), (4, False), (5, True)]


def test_too_many_bad_rows(tmp_path):
    text = "formula,gap\n" + "".join(f"Qq{i},1\n" for i in range(7)) + "Si,x\n" + "Ge,1\n" * 3
    with pytest.raises(InputError) as caught:
        read(put(tmp_path, text))
    lines = str(caught.value).splitlines()
    assert lines[0] == "8 of 11 rows of t.csv cannot be used, more than the 20% allowed (max_bad=). The first:"
    assert [line.split(":")[0].strip() for line in lines[1:]] == ["row 2", "row 3", "row 4", "row 5", "row 6"]
    assert len(read(put(tmp_path, text), max_bad=0.75)) == 3


@pytest.mark.parametrize(
    ("text", "options", "error", "message"),
    [
        ("formula,comment\nSi,x\nGe,y\n", {}, InputError, "no column with a measured property"),
        ("formula,T (K),ZT\nSi,300,.1\nGe,300,.2\n", {}, UsageError, "several columns could be the target"),
        ("formula,gap\n", {}, InputError, "no data rows"),
        ("formula,gap\nFoo,1\nBar,2\n", {}, InputError, "2 of 2 rows .* so none is left"),
        ('formula,gap\n"Si,1\nGe,2\n', {}, InputError, "1 of 1 row"),
        (PLAIN, {"target": "gpa"}, UsageError, "did you mean gap"),
        (PLAIN, {"formula": "composition"}, UsageError, "the columns are formula, gap"),
        (PLAIN, {"units": {"gup": "eV"}}, UsageError, "did you mean gap"),
        (PLAIN, {"groups": "paper"}, UsageError, "no column 'paper' for the groups"),
        (PLAIN, {"target": "gap", "context": "gap"}, UsageError, "named twice"),
        (PLAIN, {"sheet": "a"}, UsageError, "spreadsheet"),
        (PLAIN, {"structure": "cif"}, UsageError, "no column 'cif' for the structure"),
    ],
)
def test_errors_say_what_to_do(tmp_path, text, options, error, message):
    with pytest.raises(error, match=message):
        read(put(tmp_path, text), **options)


def test_a_path_that_is_not_there():
    with pytest.raises(InputError, match=r"there is no file or folder 'nowhere\.csv'"):
        read("nowhere.csv")


def test_unit_option(tmp_path):
    dataset = read(put(tmp_path, "formula,Gap (eV)\nSi,1120\nGe,660\n"), units={"gap": "meV"})
    assert dataset.target().label == "Gap (meV)"


def test_a_folder_without_structures_says_what_belongs_there(tmp_path):
    (tmp_path / "readme.txt").write_text("hello", encoding="utf-8")
    with pytest.raises(InputError, match=r"there are no structure files in .*; expected CIF, POSCAR"):
        read(tmp_path)


def test_groups(tmp_path):
    text = "formula,gap,paper\nSi,1,a\nSi2,2,b\nFe2O3,3,\nFeO,4,a\nGe,1,a\n"
    path = put(tmp_path, text)
    np.testing.assert_array_equal(read(path, groups="paper").groups, ["a", "b", "row 4", "a", "a"])
    np.testing.assert_array_equal(read(path, groups="chemical-system").groups, ["Si", "Si", "Fe-O", "Fe-O", "Ge"])
    formula = read(path, groups="formula").groups
    assert formula[0] == formula[1]
    assert len(set(formula)) == 4


def test_two_targets_of_one_name_keep_their_units(tmp_path):
    dataset = read(put(tmp_path, "formula,gap (eV),gap (nm)\nSi,1,1000\nGe,2,2000\n"), target=["gap (eV)", "gap (nm)"])
    assert list(dataset.targets) == ["gap (eV)", "gap (nm)"]


def test_the_target_can_be_asked_for_by_its_header(tmp_path):
    dataset = read(put(tmp_path, "formula,gap (eV),T_K\nSi,1,300\nGe,2,300\n"), target=["gap (eV)", "T_K"])
    assert dataset.target("gap (eV)") is dataset.target("gap")
    assert dataset.target("T_K") is dataset.target("T")


def workbook(path, sheets):
    book = xlsxwriter.Workbook(path)
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for i, row in enumerate(rows):
            sheet.write_row(i, 0, row)
    book.close()
    return path


def test_the_sheet_with_formulas_is_found(tmp_path):
    data = [["formula", "gap"], ["Si", 1.1], ["Ge", 0.7]]
    path = workbook(tmp_path / "a.xlsx", {"readme": [["these are", "my gaps"]], "results": data, "empty": []})
    dataset = read(path)
    assert list(dataset.materials.formulas) == ["Si", "Ge"]
    assert "sheet-read" in codes(dataset.provenance.remarks)
    path = workbook(tmp_path / "b.xlsx", {"old": data, "new": data})
    with pytest.raises(UsageError, match=r"sheets old, new; old, new have a column of formulas or reactions: .*sheet="):
        read(path)
    assert len(read(path, sheet="new")) == 2


def test_frames_and_lists():
    frame = pl.DataFrame({"formula": ["Si", "Ge"], "gap": [1.1, 0.7]})
    for source in (frame, pd.DataFrame(frame.to_dict(as_series=False))):
        np.testing.assert_array_equal(read(source).target().values, [1.1, 0.7])
    materials = read_materials(["Si", "NaN", "Qq", "Fe2O3", "CuO", "ZnO"])
    assert list(materials.materials.formulas) == ["Si", "NaN", "Fe2O3", "CuO", "ZnO"]
    assert dropped(materials) == [3]
    assert not materials.targets
    with pytest.raises(UsageError, match="a list contains formulas"):
        read_materials([1, 2])


def test_candidates_need_no_target_but_their_context(tmp_path):
    path = put(tmp_path, "formula,temperature (K),note\nSi,300,x\nGe,400,y\n")
    dataset = read_materials(path, context="temperature")
    np.testing.assert_array_equal(dataset.materials.context["temperature"], [300, 400])
    assert dataset.table.columns == ["formula", "temperature (K)", "note"]
    one_per_line = read_materials(put(tmp_path, "Si\nGe\nGaAs\n", "c.txt"))
    np.testing.assert_array_equal(one_per_line.row_numbers, [1, 2, 3])


# the shared public sets; the truth is polars' own reading of the same file


def test_estm(data_dir):
    path = data_dir / "thermoelectrics" / "estm.csv.gz"
    dataset = read(path, target="ZT", context="temperature_K", groups="reference_doi")
    truth = pl.read_csv(path)
    assert len(dataset) == len(truth)
    np.testing.assert_array_equal(dataset.target("ZT").values, truth["ZT"])
    np.testing.assert_array_equal(dataset.materials.context["temperature"], truth["temperature_K"])
    np.testing.assert_array_equal(dataset.groups, truth["reference_doi"].str.strip_chars())
    assert not dataset.problems
    assert dataset.table.columns == truth.columns


def test_estm_units(data_dir):
    names = ["seebeck", "electrical_conductivity", "thermal_conductivity", "power_factor"]
    dataset = read(data_dir / "thermoelectrics" / "estm.csv.gz", target=names)
    assert [dataset.target(name).unit for name in names] == ["uV/K", "S/m", "W/mK", "W/mK2"]


@pytest.mark.parametrize("task", ["expt_gap", "expt_is_metal", "glass"])
def test_matbench(data_dir, task):
    path = data_dir / "matbench" / f"{task}.csv.gz"
    dataset = read(path)
    truth = pl.read_csv(path)
    np.testing.assert_array_equal(dataset.target().values, truth["target"])
    assert dataset.target().task == ("regression" if task == "expt_gap" else "classification")
    np.testing.assert_array_equal(dataset.table["fold"].cast(int), truth["fold"])


def test_supercon_lists_the_formulas_that_do_not_parse(data_dir):
    dataset = read(data_dir / "superconductors" / "supercon_formulas.csv.gz")
    assert dataset.target().label == "tc (K)"
    assert 16390 <= len(dataset) < 16414
    assert len(dataset) + len(dropped(dataset)) == 16414


@pytest.mark.slow
def test_elasticity_structures(data_dir):
    path = data_dir / "mp_elasticity" / "structures.csv.gz"
    dataset = read(path, target="bulk_modulus_vrh_GPa")
    truth = pl.read_csv(path)
    assert dataset.materials.structures is not None
    assert len(dataset) == len(truth)
    sites = np.diff(dataset.materials.structures.offsets)
    np.testing.assert_array_equal(sites, truth["nsites"])
    np.testing.assert_array_equal(dataset.target().values, truth["bulk_modulus_vrh_GPa"].fill_null(np.nan))


def test_context_keeps_its_unit():
    frame = pl.DataFrame(
        {"formula": ["NaCl", "KCl"], "p (GPa)": [1, 2], "T (°C)": [25, 125], "route": ["a", "b"], "gap": [8.5, 8.0]}
    )
    dataset = read(frame, target="gap", context=("p", "T", "route"))
    assert dataset.context_units == {"p": "GPa", "T": "K"}
    assert dataset[[1]].context_units == dataset.context_units


def test_context_of_candidates_is_converted_to_the_unit_of_the_labels():
    units = {"p": "GPa", "T": "K"}
    frame = pl.DataFrame({"formula": ["NaCl", "KCl"], "p (Pa)": ["1e9", "2e9"], "T (°C)": [25, 125]})
    found = read_materials(frame, context=("p", "T"), context_units=units)
    assert found.materials.context["p"] == pytest.approx([1, 2])
    assert found.materials.context["T"] == pytest.approx([298.15, 398.15])
    assert found.context_units == units
    bare = read_materials(pl.DataFrame({"formula": ["NaCl"], "p": [3]}), context="p", context_units=units)
    assert (bare.materials.context["p"].tolist(), bare.context_units) == ([3.0], {"p": "GPa"})
    wrong = pl.DataFrame({"formula": ["NaCl"], "p (K)": [3]})
    with pytest.raises(InputError, match="in K, which does not convert to GPa"):
        read_materials(wrong, context="p", context_units=units)


@pytest.mark.parametrize(
    ("header", "asked"),
    [
        ("aryl halide,base,solvent,yield (%)", r"reaction=\['aryl halide', 'base', 'solvent'\]"),
        ("substrate,Base,note,conv", r"reaction=\['substrate', 'Base'\]"),
        ("Reactant 1,Base,Temp,Yield", r"reaction=\['Reactant 1', 'Base'\]"),
    ],
)
def test_formulas_of_a_base_are_not_taken_for_what_was_measured(tmp_path, header, asked):
    rows = ["Clc1ccccc1,K2CO3,DMSO,55", "Brc1ccccc1,Cs2CO3,DMF,75", "Ic1ccccc1,K3PO4,THF,82"]
    path = tmp_path / "plate.csv"
    path.write_text("\n".join([header, *rows]))
    with pytest.raises(UsageError, match=rf"rows seem to be reactions.*{asked}"):
        read(path)
    assert list(read(path, formula=header.split(",")[1]).materials.formulas) == ["K2CO3", "Cs2CO3", "K3PO4"]


@pytest.mark.parametrize("header", ["alcohol,temp,yield", "acid,alcohol,yield", "Reactant 1,Product,Yield"])
def test_smiles_without_rings_are_not_taken_for_formulas(header):
    """``CCO`` reads as a formula, too."""
    cells = {"alcohol": ["CCO", "CCCO", "CO"], "acid": ["CC(=O)O", "OC=O", "CCC(=O)O"], "temp": ["25", "40", "60"]}
    cells |= {"yield": ["5", "50", "95"], "Yield": ["5", "50", "95"], "Reactant 1": ["CCO", "CCCO", "CO"]}
    cells["Product"] = ["CC=O", "CCC=O", "C=O"]
    names = header.split(",")
    with pytest.raises(UsageError, match=rf"rows seem to be reactions.*reaction=\[?'{names[0]}"):
        read(pl.DataFrame({name: cells[name] for name in names}))


def test_catalysts_with_their_yields_are_materials(tmp_path):
    path = tmp_path / "catalysts.csv"
    path.write_text("catalyst,support,yield (%)\nPd3Cu,carbon,12\nPdNi,silica,33\nPdAg,carbon,20\n")
    assert list(read(path).materials.formulas) == ["Pd3Cu", "PdNi", "PdAg"]


@pytest.mark.parametrize("text", ["a.csv", "b.CIF", " c.xyz ", "d.tar.gz", "e.ods", "f.csv.gz", "g.ndjson", "h.npz"])
def test_what_is_called_like_a_file(text: str) -> None:
    assert names_file(text)


@pytest.mark.parametrize("text", ["PbTe", "Pb0.5Sn0.5Te", "CuSO4.5H2O", "layered, e.g. like TiS2", ""])
def test_what_is_no_name_of_a_file(text: str) -> None:
    assert not names_file(text)


@pytest.mark.parametrize("error", [None, "error"])
@pytest.mark.parametrize("ending", ["", "\nMean,1.8,,,,\n"])
def test_every_remark_has_a_code(tmp_path, error, ending):
    rows = [f"{n},ZnO,{n}.5,0.1,{300 + n},bulk" for n in range(1, 20)]
    lines = ["# by A. B.", "id,formula,gap (eV),error,T (°C),route", *rows, "20,GaN,3400 meV,0.1,RT,bulk"]
    path = put(tmp_path, "\n".join(lines) + ending)
    dataset = read(path, target="gap", context=["T", "route"], error=error)
    merged = merge_repeats(dataset, "gap")
    assert len(merged.provenance.remarks) > 5
    assert len(codes(merged.provenance.remarks)) == len(merged.provenance.remarks)
