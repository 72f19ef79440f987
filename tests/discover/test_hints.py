"""Hints against the network itself, its card, and the formulas it was trained on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from matscout.data.materials import Materials
from matscout.discover.base import Shortlist
from matscout.discover.hints import Hints, add_hints, hints_for, read_donor, why_no_hints
from matscout.errors import ArtefactError
from matscout.represent.pretrained.composition_donor import CompositionDonor

FORMULAS = ["UPu3", "Fe2O3.5", "La5Te2", "KBr"]
COLUMNS = [
    "donor_PBE_band_gap_eV",
    "donor_PBE_band_gap_eV_error",
    "donor_energy_above_hull_eV_per_atom",
    "donor_energy_above_hull_eV_per_atom_error",
    "donor_synthesised_probability",
    "donor_seen",
]


@pytest.fixture
def donor(hinting_weights: Path, monkeypatch: pytest.MonkeyPatch) -> CompositionDonor:
    monkeypatch.setattr("matscout.represent.trained_network.WEIGHTS", hinting_weights)
    found = read_donor()
    assert isinstance(found, CompositionDonor)
    return found


def shortlist(**columns: object) -> Shortlist:
    table = {"rank": np.arange(1, 5), "formula": FORMULAS, **columns, "origin": ["file"] * 4}
    return Shortlist(pl.DataFrame(table), "ei", (), ("One remark.",))


def test_values_are_those_of_the_network_and_errors_those_of_its_card(donor, hinting_weights):
    materials = Materials.from_formulas(FORMULAS)
    whole = CompositionDonor()
    predicted = dict(zip(whole.columns, whole.represent(materials).vectors.T, strict=True))
    spec = json.loads((hinting_weights / "composition-donor-full" / "spec.json").read_text())
    held_out = spec["facts"]["values"]
    hints = hints_for(materials, donor)
    assert [(hint.name, hint.unit) for hint in hints.properties] == [
        ("PBE band gap", "eV"), ("energy above hull", "eV/atom"), ("synthesised", None)
    ]  # fmt: skip
    gap, hull, synthesised = hints.properties
    np.testing.assert_allclose(gap.values, predicted["predicted PBE band gap (eV)"].clip(0))
    np.testing.assert_allclose(hull.values, predicted["predicted energy above hull (eV/atom)"].clip(0))
    np.testing.assert_allclose(synthesised.values, predicted["predicted probability synthesised"])
    assert gap.held_out == held_out["MAE PBE band gap (eV)"]
    assert hull.held_out == held_out["MAE energy above hull (eV/atom)"]
    assert synthesised.held_out == held_out["accuracy synthesised (1)"]


def test_nothing_is_hinted_to_be_negative(donor, monkeypatch):
    represent = CompositionDonor.represent
    monkeypatch.setattr(
        CompositionDonor, "represent", lambda self, materials: _shifted(represent(self, materials), -100.0)
    )
    hints = hints_for(Materials.from_formulas(FORMULAS), donor)
    assert all((hint.values == 0).all() for hint in hints.properties)


def _shifted(embedding, by):
    return type(embedding)(embedding.vectors + by, embedding.rows, embedding.columns, embedding.problems)


def test_formulas_of_the_training_are_known_again(donor, labelled):
    learned = pl.read_parquet(labelled)["formula"].to_list()[:3]
    assert hints_for(Materials.from_formulas([*learned, *FORMULAS]), donor).seen.tolist() == [True] * 3 + [False] * 4


def test_columns_stand_before_the_origin(donor):
    before = shortlist()
    after = add_hints(before, donor)
    assert after.table.columns == ["rank", "formula", *COLUMNS, "origin"]
    assert isinstance(after.hints, Hints)
    gap, hull, synthesised = after.hints.properties
    for hint, name in ((gap, COLUMNS[0]), (hull, COLUMNS[2]), (synthesised, COLUMNS[4])):
        np.testing.assert_array_equal(after.table[name].to_numpy(), hint.values)
    assert after.table[COLUMNS[1]].unique().to_list() == [gap.held_out]
    assert after.table.select(before.table.columns).equals(before.table)
    assert after.remarks == before.remarks


def test_an_element_that_the_network_does_not_know_leaves_a_blank_and_a_remark(donor, monkeypatch):
    listed = donor.donor().encoder.tokens.listed.clone()
    listed[26 - 1] = False
    monkeypatch.setitem(donor.donor().encoder.tokens._buffers, "listed", listed)
    found = add_hints(shortlist(), donor)
    assert found.hints is not None
    assert found.hints.rows.tolist() == [0, 2, 3]
    for name in COLUMNS:
        assert found.table[name].is_null().to_list() == [False, True, False, False]
    assert found.remarks[-1].startswith("1 of the first 4 candidates have no hints")


def test_a_column_of_the_labels_by_that_name_is_left_as_it_is(donor):
    found = add_hints(shortlist(donor_PBE_band_gap_eV=[9.0, 8.0, 7.0, 6.0]), donor)
    assert found.table["donor_PBE_band_gap_eV"].to_list() == [9.0, 8.0, 7.0, 6.0]
    assert set(COLUMNS) <= set(found.table.columns)


def test_a_property_of_unknown_error_is_no_hint(donor, monkeypatch):
    facts = {"values": {"accuracy synthesised (1)": 0.75}}
    monkeypatch.setitem(donor.donor().pretrained.__dict__, "facts", facts)
    assert [hint.name for hint in hints_for(Materials.from_formulas(FORMULAS), donor).properties] == ["synthesised"]
    facts["values"].clear()
    untouched = shortlist()
    assert add_hints(untouched, donor) is untouched


def test_without_torch_or_weights_there_is_no_donor_but_a_reason(monkeypatch, tmp_path):
    monkeypatch.setattr("matscout.represent.trained_network.WEIGHTS", tmp_path)
    assert read_donor() is None
    assert why_no_hints().endswith("these need a released matscout, with its weights.")
    monkeypatch.setattr("matscout.extras.find_spec", lambda name: None)
    assert read_donor() is None
    assert why_no_hints().endswith("these need torch (pip install 'matscout[torch]').")


def test_damaged_weights_are_told_before_any_work(donor, monkeypatch, tmp_path, hinting_weights):
    folder = tmp_path / "composition-donor-full"
    folder.mkdir()
    for file in (hinting_weights / folder.name).iterdir():
        content = file.read_bytes()
        (folder / file.name).write_bytes(content[:-1] if file.suffix == ".safetensors" else content)
    monkeypatch.setattr("matscout.represent.trained_network.WEIGHTS", tmp_path)
    with pytest.raises(ArtefactError, match="damaged"):
        read_donor()
