"""Donors: vectors and predicted properties of a network that was trained here for a second."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from matscout.data.materials import Materials
from matscout.errors import ArtefactError, MissingExtraError
from matscout.represent.pretrained.composition_donor import CompositionDonor

FORMULAS = ["LiF", "Fe2O3", "La2Te3", "Fe0.98Cu0.02O", "Xe", "Og2O", "Li2Mg3Al4Fe5Cu6La7O8"]


@pytest.fixture(scope="module")
def donor(finished_run) -> CompositionDonor:
    return CompositionDonor(weights=str(finished_run / "artefact"))


def test_columns_are_the_vector_and_the_properties_with_units(donor):
    assert donor.columns[:2] == ("donor 1", "donor 2")
    assert donor.columns[16:] == (
        "predicted PBE band gap (eV)",
        "predicted bulk modulus (GPa)",
        "predicted probability metal",
    )


def test_doped_and_unseen_elements_are_encoded(donor):
    embedding = donor.represent(Materials.from_formulas(FORMULAS))
    assert embedding.rows.tolist() == list(range(7))
    assert embedding.vectors.shape == (7, 19)
    assert np.isfinite(embedding.vectors).all()
    assert (embedding.vectors[:, 17] > 0).all()
    assert ((embedding.vectors[:, 18] >= 0) & (embedding.vectors[:, 18] <= 1)).all()


def test_neither_batch_nor_order_matters(donor):
    materials = Materials.from_formulas(FORMULAS)
    whole = donor.represent(materials).vectors
    order = np.array([3, 0, 6, 2])
    np.testing.assert_allclose(donor.represent(materials[order]).vectors, whole[order], rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(donor.represent(materials).vectors, whole)


def test_it_knows_what_it_was_trained_on(donor, labelled):
    import polars

    seen = polars.read_parquet(labelled)["formula"].to_list()[:20]
    assert donor.seen(Materials.from_formulas(seen)).all()
    assert not donor.seen(Materials.from_formulas(["Fe2O3.5", "UPu3"])).any()


def test_its_version_is_that_of_its_own_weights(donor, finished_run, tmp_path):
    copy = Path(shutil.copytree(finished_run / "artefact", tmp_path / "artefact"))
    assert len(donor.version) == 64
    assert CompositionDonor(weights=str(copy)).version == donor.version
    (copy / "spec.json").write_bytes((copy / "spec.json").read_bytes() + b" ")
    assert CompositionDonor(weights=str(copy)).version != donor.version
    assert not CompositionDonor().version


def test_an_element_that_no_table_knows_is_a_problem_of_its_row(donor, monkeypatch):
    listed = donor.donor().encoder.listed.copy()
    listed[9 - 1] = False
    monkeypatch.setattr(donor.donor().encoder._tokens, "listed", listed)
    embedding = donor.represent(Materials.from_formulas(["Fe2O3", "LiF"]))
    assert embedding.rows.tolist() == [0]
    (problem,) = embedding.problems
    assert problem.dropped
    assert (problem.row, problem.value) == (2, "LiF")
    assert "no vector for F" in problem.reason


def test_missing_weights_say_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr("matscout.represent.trained_network.WEIGHTS", tmp_path)
    with pytest.raises(
        ArtefactError, match=r"composition-donor needs a released matscout, .*; or train your own, matscout pretrain"
    ):
        _ = CompositionDonor().columns
    with pytest.raises(ArtefactError, match=r"no spec\.json"):
        _ = CompositionDonor(weights=str(tmp_path)).columns


def test_vectors_need_no_torch_and_training_further_does(monkeypatch):
    monkeypatch.setattr("matscout.extras.find_spec", lambda name: None)
    assert CompositionDonor().at_hand()
    assert CompositionDonor().represent(Materials.from_formulas(["Fe2O3"])).vectors.shape == (1, 157)
    with pytest.raises(MissingExtraError, match=r"pip install 'matscout\[torch\]'"):
        _ = CompositionDonor().encoder
