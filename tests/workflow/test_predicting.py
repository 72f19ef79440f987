from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from matscout.app.cli import run
from matscout.data.materials import Materials
from matscout.data.reading import read
from matscout.errors import UsageError
from matscout.predict.artefact import save_models
from matscout.predict.fitting import fit
from matscout.workflow.label_settings import MaterialSettings
from matscout.workflow.predicting import predict_inputs, with_context

pytestmark = pytest.mark.usefixtures("few_trees")

ANGLES = ("alpha", "beta", "gamma")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    formulas = ["NaCl", "KBr", "LiF", "MgO", "CaS", "ZnSe", "GaN", "AlP", "InSb", "SiC", "TiO2", "Al2O3"] * 2
    frame = pl.DataFrame({"formula": formulas, "T (K)": [300.0, 400.0] * 12, "gap": np.arange(24) / 10})
    folder = tmp_path_factory.mktemp("models") / "gap"
    return save_models({"gap": fit(read(frame, target="gap", context="T"), "gap", model="dummy")}, folder)


def test_a_file_without_the_condition_is_answered_with_a_way_out(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    path.write_text("formula,note\nNaF,a\nKCl,b\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"no column 'T' for the context.*settings=\{'T': VALUE\}"):
        predict_inputs(model, [str(path)], MaterialSettings(), {}, 0.8)
    assert len(predict_inputs(model, [str(path)], MaterialSettings(), {"T": "300"}, 0.8).table) == 2


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "NaN"])
def test_a_condition_must_be_finite(value: str) -> None:
    with pytest.raises(UsageError, match="finite number"):
        with_context(Materials.from_formulas(["NaCl"]), {"T": value})


@pytest.mark.parametrize(("unit", "value"), [("K", 400.0), ("°C", 126.85)])
def test_the_condition_may_come_in_another_unit(model: Path, tmp_path: Path, unit: str, value: float) -> None:
    """A model that learned from kelvin reads degrees Celsius."""
    path = tmp_path / "new.csv"
    path.write_text(f"formula,T ({unit})\nNaF,{value}\n", encoding="utf-8")
    assert len(predict_inputs(model, [str(path)], MaterialSettings(), {}, 0.8).table) == 1


@pytest.mark.parametrize(("unit", "value"), [("GPa", 2.0), ("MPa", 2000.0), ("Pa", 2e9)])
def test_pressures_are_brought_to_the_unit_of_the_model(tmp_path: Path, unit: str, value: float) -> None:
    formulas = ["NaCl", "KBr", "LiF", "MgO", "CaS", "ZnSe", "GaN", "AlP", "InSb", "SiC", "TiO2", "Al2O3"]
    pressure = np.arange(12) % 4
    frame = pl.DataFrame({"formula": formulas, "p (GPa)": pressure, "gap": 3.0 * pressure})
    gp = fit(read(frame, target="gap", context="p"), "gap", model="gp")
    assert gp.card is not None and gp.card.context_units == {"p": "GPa"}
    folder = save_models({"gap": gp}, tmp_path / "model")
    path = tmp_path / "new.csv"
    path.write_text(f"formula,p ({unit})\nNaCl,{value}\n", encoding="utf-8")
    table = predict_inputs(folder, [str(path)], MaterialSettings(), {}, 0.5).table
    assert table["gap_predicted"][0] == pytest.approx(
        predict_inputs(folder, ["NaCl"], MaterialSettings(), {"p": "2"}, 0.5).table["gap_predicted"][0]
    )


def test_the_table_says_which_rows_are_not_read_by_their_structure(model: Path, tmp_path: Path) -> None:
    (tmp_path / "cifs").mkdir()
    cell = [f"_cell_length_{side} 4.21" for side in "abc"] + [f"_cell_angle_{name} 90" for name in ANGLES]
    atoms = ["loop_", *(f"_atom_site_{tag}" for tag in ("label", "fract_x", "fract_y", "fract_z"))]
    sites = ["Mg 0 0 0", "Mg 0 .5 .5", "Mg .5 0 .5", "Mg .5 .5 0", "O .5 .5 .5", "O .5 0 0", "O 0 .5 0", "O 0 0 .5"]
    text = "\n".join(["data_MgO", *cell, "_symmetry_space_group_name_H-M 'P 1'", *atoms, *sites, ""])
    for name in ("s01", "s02"):
        (tmp_path / "cifs" / f"{name}.cif").write_text(text, encoding="utf-8")
    path = tmp_path / "new.csv"
    path.write_text("id,formula,T (K)\ns01,ZnO,300\ns02,MgO,300\ns03,Xx2,300\n", encoding="utf-8")
    reading = MaterialSettings(structure=str(tmp_path / "cifs"), max_bad=1.0)
    result = predict_inputs(model, [str(path)], reading, {}, 0.8)
    assert result.table["row_remark"].to_list() == [
        "the structure is MgO; the formula of the row is used; correct the formula or the structure",
        None,
        None,
    ]
    assert [told is None for told in result.table["problem"]] == [True, True, False]
    zinc = predict_inputs(model, ["ZnO"], MaterialSettings(), {"T": "300"}, 0.8)
    assert result.table["gap_predicted"][0] == pytest.approx(zinc.table["gap_predicted"][0])


def test_rows_that_cannot_be_read_stay_with_their_reason(model: Path, tmp_path: Path) -> None:
    """Most rows are bad: the others are predicted all the same, and no row is lost or moved."""
    path, out = tmp_path / "new.csv", tmp_path / "out.csv"
    rows = ["NaF,300,a", "Xx2O,300,b", "KCl,warm,c", ",300,d", "CaO,500,e", "MgS,1.5.2,f"]
    path.write_text("\n".join(["formula,T (K),note", *rows, ""]), encoding="utf-8")
    assert run(["predict", str(model), str(path), "-o", str(out)]) == 3
    table = pl.read_csv(out)
    assert table["note"].to_list() == ["a", "b", "c", "d", "e", "f"]
    assert [value is None for value in table["gap_predicted"]] == [False, True, True, True, False, True]
    assert [told is None for told in table["problem"]] == [True, False, False, False, True, False]
    assert "'T (K)' is not a number" in table["problem"][2]
    assert run(["predict", str(model), str(path), "-o", str(out), "--max-bad", "0.2", "--overwrite"]) == 1


@pytest.mark.parametrize("in_decades", [False, True])
def test_units_of_columns_and_counts_of_rows(tmp_path: Path, in_decades: bool) -> None:
    """The standard deviation of what is judged by factors is in decades, not in the unit."""
    formulas = ["NaCl", "KBr", "LiF", "MgO", "CaS", "ZnSe", "GaN", "AlP", "InSb", "SiC", "TiO2", "Al2O3"] * 2
    frame = pl.DataFrame({"formula": formulas, "sigma (S/m)": 10.0 ** (np.arange(24) / 4), "note": ["a"] * 24})
    dataset = read(frame, target="sigma").on_scale("log" if in_decades else "linear")
    folder = save_models({"sigma": fit(dataset, "sigma", model="dummy")}, tmp_path / "model")
    path = tmp_path / "new.csv"
    path.write_text("formula\nNaF\nnot one\nKI\nno more\n", encoding="utf-8")
    found = predict_inputs(folder, [str(path)], MaterialSettings(max_bad=1.0), {}, 0.8)
    told = ("predicted", "lower", "upper") if in_decades else ("predicted", "std", "lower", "upper")
    assert found.units == {f"sigma_{kind}": "S/m" for kind in told}
    assert (
        found.counts
        == f"{found.table['sigma_predicted'].count()} of 4 rows predicted, 2 with a reason in the column 'problem'"
    )
    assert found.table["problem"].count() == 2
    whole = predict_inputs(folder, ["NaF", "KI"], MaterialSettings(), {}, 0.8)
    assert whole.counts == "2 of 2 rows predicted"


def test_the_screen_shows_units(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    formulas = ["NaCl", "KBr", "LiF", "MgO", "CaS", "ZnSe", "GaN", "AlP", "InSb", "SiC", "TiO2", "Al2O3"] * 2
    frame = pl.DataFrame({"formula": formulas, "g (eV)": np.arange(24) / 10})
    folder = save_models({"g": fit(read(frame, target="g"), "g", model="dummy")}, tmp_path / "model")
    assert run(["predict", str(folder), "NaF"]) == 0
    shown = capsys.readouterr().out
    for kind in ("predicted", "std", "lower", "upper"):
        assert f"g_{kind} (eV)" in shown
    assert "g_knows_more (" not in shown
