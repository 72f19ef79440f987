"""Hints against the network itself, its card, and the formulas it was trained on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.discover.base import Brief, Shortlist
from matscout.discover.evidence.donor_hints import DonorHints, hints_for, read_donor, why_no_hints
from matscout.discover.opinions import Opinion
from matscout.errors import ArtefactError
from matscout.generate.base import Candidates
from matscout.remarks import codes
from matscout.represent.pretrained.composition_donor import CompositionDonor

FORMULAS = ["UPu3", "Fe2O3.5", "La5Te2", "KBr"]
COLUMNS = [
    "donor_PBE_band_gap_eV",
    "donor_PBE_band_gap_eV_error",
    "donor_energy_above_hull_eV_per_atom",
    "donor_energy_above_hull_eV_per_atom_error",
    "donor_seen",
]


@pytest.fixture
def donor(hinting_weights: Path, monkeypatch: pytest.MonkeyPatch) -> CompositionDonor:
    monkeypatch.setattr("matscout.represent.trained_network.WEIGHTS", hinting_weights)
    found = read_donor()
    assert isinstance(found, CompositionDonor)
    return found


def candidates(formulas: list[str] = FORMULAS) -> Candidates:
    return Candidates(Materials.from_formulas(formulas), np.full(len(formulas), "file"))


def shortlist(**columns: object) -> Shortlist:
    table = {"rank": np.arange(1, 5), "formula": FORMULAS, **columns, "origin": ["file"] * 4}
    return Shortlist(candidates(), pl.DataFrame(table), "ei", (), ("One remark.",))


def hinted(before: Shortlist, donor: CompositionDonor) -> Shortlist:
    opinion = hints_for(before.candidates, donor)
    return before.with_evidence(opinion.facts, opinion.remarks)


def test_values_are_those_of_the_network_and_errors_those_of_its_card(donor, hinting_weights):
    materials = Materials.from_formulas(FORMULAS)
    whole = CompositionDonor()
    predicted = dict(zip(whole.columns, whole.represent(materials).vectors.T, strict=True))
    spec = json.loads((hinting_weights / "composition-donor-full" / "spec.json").read_text())
    held_out = spec["facts"]["values"]
    hints = hints_for(candidates(), donor).facts
    assert [(hint.heading, hint.unit) for hint in hints] == [
        ("PBE band gap", "eV"), ("energy above hull", "eV/atom")
    ]  # fmt: skip
    gap, hull = hints
    np.testing.assert_allclose(gap.values, predicted["predicted PBE band gap (eV)"].clip(0))
    np.testing.assert_allclose(hull.values, predicted["predicted energy above hull (eV/atom)"].clip(0))
    assert gap.errors.tolist() == [held_out["MAE PBE band gap (eV)"]] * 4
    assert hull.errors.tolist() == [held_out["MAE energy above hull (eV/atom)"]] * 4
    assert str(gap.source).startswith("composition-donor (weights ")


def test_nothing_is_hinted_to_be_negative(donor, monkeypatch):
    represent = CompositionDonor.represent
    monkeypatch.setattr(
        CompositionDonor, "represent", lambda self, materials: _shifted(represent(self, materials), -100.0)
    )
    assert all((hint.values == 0).all() for hint in hints_for(candidates(), donor).facts)


def _shifted(embedding, by):
    return type(embedding)(embedding.vectors + by, embedding.rows, embedding.columns, embedding.problems)


def test_formulas_of_the_training_are_known_again(donor, labelled):
    learned = pl.read_parquet(labelled)["formula"].to_list()[:3]
    for hint in hints_for(candidates([*learned, *FORMULAS]), donor).facts:
        assert hint.seen.tolist() == [True] * 3 + [False] * 4


def test_columns_stand_before_the_origin(donor):
    before = shortlist()
    after = hinted(before, donor)
    assert after.table.columns == ["rank", "formula", *COLUMNS, "origin"]
    gap, hull = after.facts.values()
    for hint, name in ((gap, COLUMNS[0]), (hull, COLUMNS[2])):
        np.testing.assert_array_equal(after.table[name].to_numpy(), hint.values)
    assert after.table[COLUMNS[1]].unique().to_list() == [gap.errors[0]]
    assert after.table.select(before.table.columns).equals(before.table)
    assert after.remarks == before.remarks


def test_an_element_that_the_network_does_not_know_leaves_a_blank_and_a_remark(donor, monkeypatch):
    listed = donor.donor().encoder.listed.copy()
    listed[26 - 1] = False
    monkeypatch.setattr(donor.donor().encoder._tokens, "listed", listed)
    found = hinted(shortlist(), donor)
    assert all(hint.known.tolist() == [True, False, True, True] for hint in found.facts.values())
    for name in COLUMNS:
        assert found.table[name].is_null().to_list() == [False, True, False, False]
    assert codes(found.remarks)[-1] == "candidates-without-hints"


def test_a_column_of_the_labels_by_that_name_is_left_as_it_is(donor):
    found = hinted(shortlist(donor_PBE_band_gap_eV=[9.0, 8.0, 7.0, 6.0]), donor)
    assert found.table["donor_PBE_band_gap_eV"].to_list() == [9.0, 8.0, 7.0, 6.0]
    assert set(COLUMNS) <= set(found.table.columns)


def test_a_property_of_unknown_error_is_no_hint(donor, monkeypatch):
    facts = {"values": {"MAE PBE band gap (eV)": 0.4, "accuracy synthesised (1)": 0.75}}
    monkeypatch.setitem(donor.donor().network.__dict__, "facts", facts)
    assert [hint.heading for hint in hints_for(candidates(), donor).facts] == ["PBE band gap"]
    facts["values"].clear()
    assert hints_for(candidates(), donor) == Opinion()


def test_without_weights_there_is_no_donor_but_a_reason(monkeypatch, tmp_path):
    monkeypatch.setattr("matscout.represent.trained_network.WEIGHTS", tmp_path)
    assert read_donor() is None
    assert why_no_hints().endswith("they need a released matscout, with its weights.")


@pytest.mark.parametrize("noted", [True, False])
def test_what_hints_need_is_told_once(noted: bool, monkeypatch, tmp_path):
    monkeypatch.setattr("matscout.represent.trained_network.WEIGHTS", tmp_path)
    notes = ("No transfer learning from other properties: it needs a released matscout, with its weights.",)
    brief = Brief(Dataset(Materials.from_formulas(["KBr"])), notes=notes if noted else ("Another note.",))
    assert DonorHints().evidence(candidates(), brief).remarks == (() if noted else (why_no_hints(),))


def test_damaged_weights_are_told_before_any_work(donor, monkeypatch, tmp_path, hinting_weights):
    folder = tmp_path / "composition-donor-full"
    folder.mkdir()
    for file in (hinting_weights / folder.name).iterdir():
        content = file.read_bytes()
        (folder / file.name).write_bytes(content[:-1] if file.suffix == ".safetensors" else content)
    monkeypatch.setattr("matscout.represent.trained_network.WEIGHTS", tmp_path)
    with pytest.raises(ArtefactError, match="damaged"):
        read_donor()
