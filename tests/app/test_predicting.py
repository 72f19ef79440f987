from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from matscout.app.cli import run
from matscout.app.options import InputOptions
from matscout.app.predicting import predict_inputs, with_context
from matscout.data.materials import Materials
from matscout.data.reading import read
from matscout.errors import UsageError
from matscout.predict.artefact import save_models
from matscout.predict.fitting import fit


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    formulas = ["NaCl", "KBr", "LiF", "MgO", "CaS", "ZnSe", "GaN", "AlP", "InSb", "SiC", "TiO2", "Al2O3"] * 2
    frame = pl.DataFrame({"formula": formulas, "T (K)": [300.0, 400.0] * 12, "gap": np.arange(24) / 10})
    folder = tmp_path_factory.mktemp("models") / "gap"
    return save_models({"gap": fit(read(frame, target="gap", context="T"), "gap", model="dummy")}, folder)


def test_a_file_without_the_condition_is_answered_with_a_way_out(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    path.write_text("formula,note\nNaF,a\nKCl,b\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"no column 'T' for the context.*--set T=VALUE"):
        predict_inputs(model, [str(path)], InputOptions(), {}, 0.8)
    assert len(predict_inputs(model, [str(path)], InputOptions(), {"T": "300"}, 0.8).table) == 2


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "NaN"])
def test_a_condition_must_be_finite(value: str) -> None:
    with pytest.raises(UsageError, match="finite number"):
        with_context(Materials.from_formulas(["NaCl"]), {"T": value})


@pytest.mark.parametrize(("unit", "value"), [("K", 400.0), ("°C", 126.85)])
def test_the_condition_may_come_in_another_unit(model: Path, tmp_path: Path, unit: str, value: float) -> None:
    """A model that learned from kelvin reads degrees Celsius."""
    path = tmp_path / "new.csv"
    path.write_text(f"formula,T ({unit})\nNaF,{value}\n", encoding="utf-8")
    assert len(predict_inputs(model, [str(path)], InputOptions(), {}, 0.8).table) == 1


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
    table = predict_inputs(folder, [str(path)], InputOptions(), {}, 0.5).table
    assert table["gap_predicted"][0] == pytest.approx(
        predict_inputs(folder, ["NaCl"], InputOptions(), {"p": "2"}, 0.5).table["gap_predicted"][0]
    )


def test_rows_that_cannot_be_read_stay_with_their_reason(model: Path, tmp_path: Path) -> None:
    """Most rows are bad: the others are predicted all the same, and no row is lost or moved."""
    path, out = tmp_path / "new.csv", tmp_path / "out.csv"
    rows = ["NaF,300,a", "Xx2O,300,b", "KCl,warm,c", ",300,d", "CaO,500,e", "MgS,1.5.2,f"]
    path.write_text("\n".join(["formula,T (K),note", *rows, ""]), encoding="utf-8")
    assert run(["predict", str(model), str(path), "-o", str(out)]) == 0
    table = pl.read_csv(out)
    assert table["note"].to_list() == ["a", "b", "c", "d", "e", "f"]
    assert [value is None for value in table["gap_predicted"]] == [False, True, True, True, False, True]
    assert [told is None for told in table["problem"]] == [True, False, False, False, True, False]
    assert "'T (K)' is not a number" in table["problem"][2]
    assert run(["predict", str(model), str(path), "-o", str(out), "--max-bad", "0.2"]) == 1
