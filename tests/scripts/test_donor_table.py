"""The donor's labels: every flaw in a small folder, and the promises of the card on the real data."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import numpy as np
import polars
import pytest
from pymatgen.core import Composition

from matscout.data.compositions import Compositions
from matscout.data.formulas import parse_formulas

MAGNETISATION = "magnetisation (Bohr magneton/atom)"
EXPECTED = {
    "Ag": {"log10 bulk modulus (log10 GPa)": 2.0, "log10 shear modulus (log10 GPa)": 1.0,
           "log10(1 + elastic anisotropy) (1)": 1.0},
    "Ag2As2O7": {"energy above hull (eV/atom)": 0.04},
    "CuAl2": {"OQMD band gap (eV)": 0.0, "OQMD metal (1)": 1.0},
    "Cu": {"PBE band gap (eV)": 0.0, "PBE metal (1)": 1.0, "log10 bulk modulus (log10 GPa)": 2.0,
           "log10 shear modulus (log10 GPa)": 1.5, "Poisson ratio (1)": 0.35},
    "CuO": {"PBE formation energy (eV/atom)": -0.8},
    "Fe2O3": {"PBE formation energy (eV/atom)": -1.7},
    "GaAs": {"OQMD band gap (eV)": 0.3, "OQMD metal (1)": 0.0, "AFLOW band gap (eV)": 0.0, "AFLOW metal (1)": 1.0,
             "AFLOW energy (eV/atom)": -4.1, "log10 AFLOW bulk modulus (log10 GPa)": 2.0,
             "log10 AFLOW shear modulus (log10 GPa)": 1.0, "log10 Debye temperature (log10 K)": 3.0,
             "log10 thermal conductivity at 300 K (log10 W/m/K)": 1.0,
             "log10 thermal expansion at 300 K (log10 1/K)": -5.0},
    "Gd2O3": {"magnetic (1)": 1.0},
    "HfV2H0.5": {"superconducting Tc (K)": 0.0},
    "K3Ba2Fe10As10": {"superconducting Tc (K)": 37.0},
    "LiCoO2": {"PBE band gap (eV)": 1.5, "PBE metal (1)": 0.0},
    "LiFeO2": {"PBE band gap (eV)": 0.7, "PBE metal (1)": 0.0, "energy above hull (eV/atom)": 0.3,
               "GLLB-SC band gap (eV)": 1.2, "synthesised (1)": 1.0,
               "solid-state synthesised (1)": 0.0},
    "NaN": {"PBE formation energy (eV/atom)": 0.5},
    "Nb": {"superconducting Tc (K)": 9.2},
    "SrTiO3": {"energy above hull (eV/atom)": 0.002, "synthesised (1)": 1.0, "solid-state synthesised (1)": 1.0,
               "cubic perovskite formation energy (eV/atom)": -0.1, "cubic perovskite band gap (eV)": 2.0},
    "Sr2LaTi3O9": {"PBE formation energy (eV/atom)": -3.5},
    "Tb3Ir4Ge13": {"synthesised (1)": 1.0},
    "TiO2": {"PBE formation energy (eV/atom)": -3.36, "PBE band gap (eV)": 1.8, "PBE metal (1)": 0.0,
             MAGNETISATION: 2.0, "magnetic (1)": 1.0, "volume (Å³/atom)": 10.5, "Fermi energy (eV)": 1.5,
             "log10 bulk modulus (log10 GPa)": np.log10(210), "log10 shear modulus (log10 GPa)": np.log10(110),
             "Poisson ratio (1)": 0.25, "HSE band gap (eV)": 3.1, "synthesised (1)": 1.0},
}  # fmt: skip


def module(name: str):
    return importlib.import_module(name)


def as_dictionary(table: polars.DataFrame) -> dict[str, dict[str, float]]:
    rows = {row.pop("formula"): row for row in table.to_dicts()}
    return {formula: {k: v for k, v in row.items() if v is not None} for formula, row in rows.items()}


def test_every_flaw_of_a_small_folder_is_mended(scripts, small_folder):
    tables = module("donor_table.making").make_tables(small_folder)
    found = as_dictionary(tables.full)
    assert list(found) == sorted(found)
    expected = {formula: pytest.approx(row) for formula, row in EXPECTED.items()}
    assert found == expected
    assert set(found) - set(as_dictionary(tables.strict)) == {"Fe2O3", "NaN", "Sr2LaTi3O9", "TiO2", "Tb3Ir4Ge13"}


def test_the_card_counts_what_was_lost(scripts, small_folder):
    facts = module("donor_table.making").make_tables(small_folder).facts
    counts = {(entry["column"], entry["source"]): entry for entry in facts["readings"]}

    def lost(column, source):
        names = ("read", "left_out", "blank", "unreadable", "absurd", "merged", "kept", "used")
        return [counts[column, source][name] for name in names]

    assert lost("PBE formation energy (eV/atom)", "matbench mp_e_form") == [5, 0, 0, 0, 1, 1, 3, 3]
    assert lost("PBE band gap (eV)", "mp_structures") == [3, 1, 0, 0, 0, 1, 1, 1]
    assert lost("PBE band gap (eV)", "multifidelity_gaps") == [2, 1, 0, 0, 0, 0, 1, 1]
    assert lost("superconducting Tc (K)", "supercon") == [4, 0, 0, 1, 0, 1, 2, 2]
    assert lost("solid-state synthesised (1)", "ternary_oxides") == [4, 0, 1, 0, 0, 1, 2, 2]
    assert lost("log10(1 + elastic anisotropy) (1)", "CrabNet mp_elastic_anisotropy") == [3, 0, 0, 0, 2, 0, 1, 1]
    assert facts["unreadable"] == ["'Y2C2Br0.5!1.5': '!' at position 10 cannot occur there"]
    [glass] = [task for task in facts["evaluation"]["tasks"] if task["task"] == "glass"]
    assert (glass["donors_removed"], glass["formulas_near_strict"]) == (0, 1)
    assert "| glass | 1 | 0 | 0 | 1 | 1 |" in module("donor_table.card").page(facts)


def test_a_spelling_that_is_refused_shifts_no_other_row(scripts):
    """KBNO comes from K1B1N1O1 and is not read again; an evaluation formula after it is removed all the same."""
    keys = module("donor_table.formula_keys").formula_keys(polars.Series(["Cu", "K1B1N1O1", "TiO2", "ZnO"]))
    full = polars.DataFrame({"formula": keys.formulas})
    assert full["formula"].to_list() == ["Cu", "KBNO", "TiO2", "ZnO"]
    task = module("donor_table.evaluation_formulas").EvaluationTask("glass", parse_formulas(["TiO2"]).compositions)
    in_tasks, _ = module("donor_table.making")._overlap(full, keys, [task])
    assert in_tasks.tolist() == [False, False, True, False]


def test_near_pairs_are_those_of_a_loop(scripts):
    rng = np.random.default_rng(3)
    symbols = np.array(["Cu", "Zr", "Al", "Ni"])
    rows = [dict(zip(symbols, rng.dirichlet([5, 3, 0.2, 0.05]) + 1e-9, strict=True)) for _ in range(120)]
    mine, theirs = Compositions.from_dicts(rows[:80]), Compositions.from_dicts(rows[80:])
    distances = np.abs(mine.dense()[:, None] - theirs.dense()[None]).sum(axis=2)
    for radius in (0.05, 0.2):
        left, right = module("donor_table.evaluation_formulas").Neighbourhood(mine).pairs(theirs, radius)
        assert {*zip(left.tolist(), right.tolist(), strict=True)} == {
            *map(tuple, np.argwhere(distances <= radius).tolist())
        }
    assert len(left) > 20


def test_check_tells_what_is_not_up_to_date(scripts, small_folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MATSCOUT_DATA", str(small_folder))
    main, folder = module("make_donor_table").main, tmp_path / "donor"
    assert main(["-o", str(folder)]) == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "donor-card.json", "donor-card.md", "donor-full.parquet", "donor-strict.parquet",
    ]  # fmt: skip
    assert main(["-o", str(folder), "--check"]) == 0
    polars.read_parquet(folder / "donor-strict.parquet").head(3).write_parquet(folder / "donor-strict.parquet")
    (folder / "donor-card.md").unlink()
    assert main(["-o", str(folder), "--check"]) == 1
    assert capsys.readouterr().out.endswith("not up to date: donor-card.md, donor-strict.parquet\n")
    monkeypatch.setenv("MATSCOUT_DATA", str(tmp_path / "nowhere"))
    assert main(["-o", str(folder)]) == 1
    assert "set MATSCOUT_DATA" in capsys.readouterr().err


def test_an_evaluation_formula_that_cannot_be_read_stops_all(scripts, small_folder, monkeypatch, capsys):
    monkeypatch.setenv("MATSCOUT_DATA", str(small_folder))
    (small_folder / "matbench/jdft2d.csv.gz").write_text("formula,target,fold\nMoS2,60,0\nMo?S2,60,0\n")
    assert module("make_donor_table").main(["-o", str(small_folder / "donor")]) == 1
    assert "row 2: 'Mo?S2'" in capsys.readouterr().err
    assert not (small_folder / "donor").exists()


@pytest.fixture(scope="module")
def real(data_dir: Path):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parents[2] / "scripts"))
        yield module("donor_table.making").make_tables(data_dir)


def fractions_by_pymatgen(formula: str) -> tuple[tuple[str, float], ...]:
    fractions = Composition(formula).fractional_composition.as_dict()
    return tuple(sorted((symbol, round(fraction, 4)) for symbol, fraction in fractions.items()))


@pytest.mark.slow
def test_strict_holds_no_evaluation_formula(real, data_dir):
    tested = set()
    for name in ("expt_gap", "expt_is_metal", "dielectric", "jdft2d", "glass"):
        table = polars.read_csv(data_dir / f"matbench/{name}.csv.gz", schema_overrides={"formula": polars.String})
        tested |= {fractions_by_pymatgen(formula) for formula in table["formula"].unique()}
    estm = polars.read_csv(data_dir / "thermoelectrics/estm.csv.gz")["formula"].unique()
    tested |= {fractions_by_pymatgen(formula) for formula in estm}
    strict = set(real.strict["formula"])
    sample = real.full["formula"].sample(60_000, seed=5).to_list()
    same = {formula for formula in sample if fractions_by_pymatgen(formula) in tested}
    assert len(same) > 800
    assert not same & strict
    assert len(strict & set(sample)) > 55_000


@pytest.mark.slow
def test_the_real_tables_keep_their_promises(real):
    facts, full = real.facts, real.full
    used: dict[str, int] = {}
    for entry in facts["readings"]:
        lost = ("left_out", "blank", "unreadable", "absurd", "merged", "kept")
        assert entry["read"] == sum(entry[name] for name in lost), entry
        used[entry["column"]] = used.get(entry["column"], 0) + entry["used"]
    for column in facts["columns"]:
        assert column["full"]["n"] == used.get(column["derived_from"] or column["column"])
    removed = facts["evaluation"]["donors_removed"]
    assert len(full) - len(real.strict) == removed >= max(t["donors_removed"] for t in facts["evaluation"]["tasks"])
    read = parse_formulas(full["formula"].to_list())
    assert len(np.unique(read.compositions.keys())) == len(read.rows) > len(full) - 50  # KBNO may stand for a name
    assert len(full.columns) == 30
    assert len(json.dumps(facts, allow_nan=False)) > 10_000
