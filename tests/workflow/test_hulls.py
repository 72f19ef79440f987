"""Energies above the hull out of tables: columns, units, schemes, elements, and what cannot be placed."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from pymatgen.core import Lattice, Structure

import matscout
from matscout.discover.hull_references import read_references
from matscout.errors import InputError, UsageError
from matscout.simulate.energy_columns import EnergyColumns
from matscout.simulate.references import References
from matscout.workflow.hulls import hull, hull_table
from matscout.workflow.label_settings import MaterialSettings

PHASES = {"Li2O": -2.0, "Li2O2": -1.65, "LiF": -3.1}


@pytest.fixture
def references(tmp_path: Path) -> Path:
    path = tmp_path / "phases.csv"
    rows = [f"ref-{formula},{formula},{energy},corrected-mp2020" for formula, energy in PHASES.items()]
    path.write_text("\n".join(["id,formula,formation_energy_per_atom,scheme", *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def elements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with energies of Li, O and F of nobody."""
    path = tmp_path / "data" / "mp_element_references" / "references.csv"
    path.parent.mkdir(parents=True)
    path.write_text("element,energy_per_atom_eV\nLi,-1.9\nO,-4.9\nF,-1.8\nN,-8.3\n", encoding="utf-8")
    monkeypatch.setenv("MATSCOUT_DATA", str(tmp_path / "data"))
    return path


def test_a_frame_and_a_file_of_references(references: Path) -> None:
    table = pl.DataFrame({"formula": ["LiO2", "LiF"], "E_form (meV/atom)": [-1000.0, -3200.0]})
    found = hull(table, references, formation_energies="E_form", scheme="corrected-mp2020")
    assert found.above == pytest.approx([1.65 * 2 / 3 - 1.0, 0.0])
    assert str(found.decompositions[0][0]) == "0.667 Li2O2 (ref-Li2O2)"
    assert found.source == "phases.csv"
    assert matscout.hull is hull


def test_arrays_of_energies(references: Path) -> None:
    above = hull(["LiF"], references, formation_energies=[-3.0], scheme="corrected-mp2020").above
    assert above == pytest.approx([0.1])
    with pytest.raises(UsageError, match="2 materials, and energies of the shape"):
        hull(["LiF", "Li2O"], references, formation_energies=[-3.0], scheme="corrected-mp2020")
    with pytest.raises(UsageError, match="both given"):
        hull(["LiF"], references, formation_energies=[-3.0], energies=[1.0])
    with pytest.raises(UsageError, match="the materials have no energies"):
        hull(["LiF"], references)


@pytest.mark.usefixtures("elements")
def test_total_energies_of_cells(references: Path) -> None:
    """E_f = (E + C) / N - sum of x mu, of a cell and of a formula as it is written."""
    cell = Structure(Lattice.cubic(4.0), ["Li", "Li", "F", "F"], [[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0], [0, 0.5, 0]])
    raw = 4 * (-3.0 - 0.5 * 1.9 - 0.5 * 1.8) + 2 * 0.462
    found = hull([cell], references, energies=[raw], scheme="uncorrected-pbe")
    assert found.formation_energies == pytest.approx([-3.0])
    assert found.scheme == "corrected-mp2020"
    written = hull(["Li2F2", "LiF"], references, energies=[raw, raw / 2], scheme="uncorrected-pbe")
    assert written.formation_energies == pytest.approx([-3.0, -3.0])
    corrected = hull(["Li2F2"], references, energies=[raw], scheme="corrected-mp2020")
    assert corrected.formation_energies == pytest.approx([-3.0 + 0.231])


@pytest.mark.usefixtures("elements")
def test_an_element_without_energy_is_a_problem_of_its_row(references: Path) -> None:
    found = hull(["LiF", "NaF"], references, energies=[-11.7, -9.0], scheme="corrected-mp2020")
    assert np.isnan(found.above[1])
    assert found.problems[0].row == 2
    assert "Na as an element is not among the elements of the Materials Project" in found.problems[0].reason


def test_total_energies_without_those_of_the_elements(references: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MATSCOUT_DATA", raising=False)
    with pytest.raises(InputError, match=r"put a table .* at mp_element_references/references.csv below the folder"):
        hull(["LiF"], references, energies=[-11.7], scheme="corrected-mp2020")
    with pytest.raises(UsageError, match="total energies of the scheme r2scan need those of the elements"):
        hull(["LiF"], references, energies=[-11.7], scheme="r2scan")


def test_references_with_total_energies_bring_their_elements(tmp_path: Path) -> None:
    table = pl.DataFrame(
        {
            "formula": ["Li2", "Li", "F2", "LiF", "Li4F4"],
            "energy (eV)": [-3.8, -1.95, -3.6, -10.0, -40.4],
            "energy scheme": ["unknown"] * 5,
        }
    )
    references = read_references(table)
    assert references.elements is not None
    assert references.formation_energies[3] == pytest.approx((-10.0 + 1.95 + 1.8) / 2)
    above = hull(["LiF"], references, energies=[-9.0]).above
    assert above == pytest.approx([(-9.0 + 40.4 / 4) / 2])
    with pytest.raises(InputError, match="none of the element Li"):
        read_references(table[2:])


def test_energies_per_atom_by_their_unit() -> None:
    table = pl.DataFrame({"formula": ["Li", "F", "LiF"], "energy (eV/atom)": [-1.9, -1.8, -5.0]})
    assert read_references(table).formation_energies[2] == pytest.approx(-5.0 + 1.85)


def test_the_scheme_of_a_table_counts(references: Path) -> None:
    assert read_references(references).scheme == "corrected-mp2020"
    with pytest.raises(UsageError, match="states the scheme corrected-mp2020 in its column 'scheme'"):
        read_references(references, "r2scan")
    mixed = pl.read_csv(references).with_columns(scheme=pl.Series(["r2scan", "unknown", "unknown"]))
    with pytest.raises(UsageError, match="several schemes, r2scan and unknown"):
        read_references(mixed)
    with pytest.raises(UsageError, match=r"energies are unknown .* the references corrected-mp2020"):
        hull(["LiF"], references, formation_energies=[-3.0])


def test_neither_states_its_scheme(references: Path) -> None:
    plain = pl.read_csv(references).drop("scheme")
    found = hull(["LiF"], plain, formation_energies=[-3.0])
    assert [remark.code for remark in found.remarks] == ["scheme-unknown"]


def test_references_before_2020_are_converted(elements: Path) -> None:
    """Before 2020 fluorine had the energy of an adjusted gas, -1.42 eV, and no correction of its anion."""
    legacy = References(matscout.Materials.from_formulas(["LiF"]), np.array([-3.0]), "corrected-mp-legacy")
    found = hull(["LiF"], legacy, formation_energies=[-3.0], scheme="corrected-mp2020")
    converted = -3.0 + (-0.462 + (-1.42055013381 + 1.8)) / 2
    assert found.above == pytest.approx([max(-3.0 - converted, 0.0)])
    assert [remark.code for remark in found.remarks] == ["references-converted"]


def test_a_public_set_and_one_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mp_structures" / "properties.csv.gz"
    path.parent.mkdir()
    pl.DataFrame(
        {"material_id": ["mp-1", "mp-2"], "reduced_formula": ["LiF", "Li2O"], "formation_energy_per_atom": [-3.0, -2.0]}
    ).write_csv(path.with_suffix(""))
    path.write_bytes(gzip.compress(path.with_suffix("").read_bytes()))
    monkeypatch.setenv("MATSCOUT_DATA", str(tmp_path))
    found = hull(["LiF"], "mp_structures", formation_energies=[-2.9], scheme="corrected-mp-legacy")
    assert found.above == pytest.approx([0.1])
    assert found.decompositions[0][0].id == "mp-1"
    labels = pl.DataFrame({"material_id": ["mp-1", "mp-2"], "formation_energy_per_atom_mp2018": [-3.2, None]})
    labels.write_csv(path.with_name("extra_labels.csv"))
    path.with_name("extra_labels.csv.gz").write_bytes(gzip.compress(path.with_name("extra_labels.csv").read_bytes()))
    assert read_references("mp_structures").formation_energies == pytest.approx([-3.2, -2.0])
    with pytest.raises(UsageError, match="the energies of mp_structures are corrected-mp-legacy, not r2scan"):
        read_references("mp_structures", "r2scan")
    monkeypatch.delenv("MATSCOUT_DATA")
    with pytest.raises(InputError, match="mp_structures cannot be downloaded automatically: get it from"):
        read_references("mp_structures")
    with pytest.raises(InputError, match="there are no references 'nothing'"):
        read_references("nothing")


def test_rows_that_are_no_references_are_counted() -> None:
    formulas, energies = ["LiF", "Li2O", "Li2O2", "MgO", "CaO", "Qq2"], [-3.0, -2.0, -1.6, -3.0, None, -1.0]
    found = hull(["LiF"], pl.DataFrame({"formula": formulas, "e_form": energies}), formation_energies=[-2.9])
    assert "2 rows of in memory were not used as references" in found.remarks[0]


def test_reactions_have_no_hull() -> None:
    table = pl.DataFrame({"reaction": ["CCO>>CC=O", "CO>>C=O"], "energy": [1.0, 2.0]})
    with pytest.raises(UsageError, match="this command needs materials"):
        read_references(table)


def test_impossible_energies_are_left_out() -> None:
    """One wrong phase far below all others would lift every compound of its system."""
    table = pl.DataFrame({"id": ["a", "b"], "formula": ["LiF", "Li2F3"], "e_form": [-3.0, -13.6]})
    found = hull(["LiF"], table, formation_energies=[-2.9])
    assert found.above == pytest.approx([0.1])
    assert "1 phase of in memory below -5 eV/atom was left out" in found.remarks[0]
    assert "Li2F3, b, -13.60" in found.remarks[0]


def test_an_index_as_references(tmp_path: Path, references: Path) -> None:
    pytest.importorskip("lancedb", reason="pip install 'matscout[index]'")
    matscout.build_index(references, tmp_path / "index", ["magpie"])
    known = read_references(tmp_path / "index")
    assert sorted(known.materials.ids.tolist()) == ["ref-Li2O", "ref-Li2O2", "ref-LiF"]
    assert known.scheme == "corrected-mp2020"
    assert hull(["LiF"], known, formation_energies=[-3.0], scheme="corrected-mp2020").above == pytest.approx([0.1])


def test_the_table_keeps_all_rows(tmp_path: Path, references: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(
        "name,formula,formation_energy_per_atom,note\na,LiF,-3.0,x\nb,Qq2,-1,y\nc,Li2O,,z\nd,Li3N,-0.5,w\n",
        encoding="utf-8",
    )
    asked = EnergyColumns(scheme="corrected-mp2020")
    found = hull_table(path, read_references(references), MaterialSettings(max_bad=1.0), asked)
    table = found.table
    assert table["name"].to_list() == ["a", "b", "c", "d"]
    assert table["e_above_hull (eV/atom)"].to_list() == [pytest.approx(0.1), None, None, 0.0]
    assert table["problem"][1].startswith("unknown element")
    assert "has no energy in 'formation_energy_per_atom'" in table["problem"][2]
    assert "elements only" in table["warnings"][3]
    assert table["warning codes"].to_list() == [None, None, None, "elements-only"]
    assert table["hull_scheme"].to_list() == ["corrected-mp2020", None, "corrected-mp2020", "corrected-mp2020"]
    assert found.counts == "2 of 4 rows placed, 1 of them on the hull (within 1 meV/atom)"


def test_columns_without_energies() -> None:
    with pytest.raises(UsageError, match=r"called like one of energies.*formation_energies=COL"):
        read_references(pl.DataFrame({"formula": ["LiF"], "gap": [1.0]}))
    with pytest.raises(UsageError, match="the unit of 'e_form' is 'K', which is none of energies"):
        read_references(pl.DataFrame({"formula": ["LiF"], "e_form (K)": [1.0]}))
    with pytest.raises(InputError, match="holds no phase with an energy"):
        read_references(pl.DataFrame({"formula": ["LiF"], "e_form": ["low"]}))
    with pytest.raises(UsageError, match="not both"):
        EnergyColumns("a", "b")


def test_energies_of_a_mole_are_asked_about(references: Path) -> None:
    """-1675.7 kJ/mol is the formation enthalpy of a mole of Al2O3, of five atoms each."""
    table = pl.DataFrame({"formula": ["Li2O"], "formation_energy (kJ/mol)": [-598.0]})
    with pytest.raises(UsageError, match="per mole of atoms or of formula units"):
        hull(table, references, scheme="corrected-mp2020")


def test_the_scheme_of_references_in_memory_may_be_stated(references: Path) -> None:
    stated = read_references(references)
    unknown = replace(stated, scheme="unknown")
    assert read_references(unknown, "corrected-mp2020").scheme == "corrected-mp2020"
    with pytest.raises(UsageError, match="are corrected-mp2020, not r2scan"):
        read_references(stated, "r2scan")
    with pytest.raises(UsageError, match="no scheme of energies"):
        read_references(unknown, "pbe")


def test_an_own_hull_needs_a_force_field(references: Path) -> None:
    with pytest.raises(UsageError, match=r"own_hull=.*name the force field"):
        hull(["LiF"], references, own_hull=True)


def test_columns_of_the_input_keep_their_types_where_nothing_is_lost(references: Path, tmp_path: Path) -> None:
    """Excel sorts numbers; 007 is a name, and 1.50 says how well something is known."""
    table = tmp_path / "mine.csv"
    table.write_text(
        "batch,formula,E_form,scheme,runs,width,done,note\n"
        "007,LiF,-3.0,corrected-mp2020,3,1.5e-05,true,1.50\n"
        "008,Li2O,-1.9,corrected-mp2020,4,2.25,false,2.5\n",
        encoding="utf-8",
    )
    placed = hull_table(table, read_references(references), MaterialSettings(), EnergyColumns(formation="E_form"))
    kinds = dict(zip(placed.table.columns, placed.table.dtypes, strict=True))
    expected = {"batch": pl.String, "runs": pl.Int64, "width": pl.Float64, "done": pl.Boolean, "note": pl.String}
    assert {name: kinds[name] for name in expected} == expected
    assert placed.table["done"].to_list() == [True, False]
    again = placed.write(tmp_path / "out.csv").read_text(encoding="utf-8")
    assert "\n007,LiF" in again
    assert ",true,1.50," in again


def test_a_misspelt_set_is_guessed() -> None:
    with pytest.raises(InputError, match="did you mean mp_structures"):
        read_references("mp_structure")
