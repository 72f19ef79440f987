"""``auto`` with the vectors of a representation of one's choice: used where they help, and said how much."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from tests.predict.test_learning_from_structures import dataset
from typer.testing import CliRunner

import matscout
from matscout.app.cli import app
from matscout.data.dataset import Dataset, Target
from matscout.errors import ArtefactError, UsageError
from matscout.evaluation.cells import ModelSettings
from matscout.evaluation.evaluating import pretraining_overlap
from matscout.predict.artefact import load
from matscout.predict.fitting import make_model
from matscout.predict.model import Model
from matscout.predict.models.auto import Auto
from matscout.remarks import codes
from matscout.represent.embedding import embed
from matscout.represent.shipped import measuring_folder

NETWORK = "deep-infomax"


@pytest.fixture(scope="module")
def labelled() -> Dataset:
    """Crystals; the property is a number in the vector of the network, on a bent scale."""
    given = dataset()
    vectors = embed(given.materials, NETWORK).vectors
    widest = vectors[:, vectors.std(axis=0).argmax()]
    return replace(given, targets={"x": Target("x", np.exp(widest / widest.std()), "eV")})


@pytest.fixture(scope="module")
def model(labelled: Dataset) -> Model:
    fitted = matscout.fit(labelled, model=f"auto:vectors={NETWORK}", fast=True)
    assert isinstance(fitted.predictor, Auto)
    return fitted


def test_vectors_that_help_are_used_and_it_is_said(labelled: Dataset, model: Model) -> None:
    weights = [candidate.weight for candidate in model.summary.candidates if "vectors" in candidate.label]
    assert sum(weights) > 0.5
    alone = Auto(fast=True).fit(labelled)
    # Forests of 25 trees on 40 rows: the last digit of a label moves errors by some per cent.
    assert model.predictor.stacks.error_without_lent == pytest.approx(alone.summary.error, rel=0.05)
    assert model.summary.error < 0.8 * alone.summary.error
    (note,) = [note for note in model.notes if codes([note]) == ["vectors-compared"]]
    told = [float(found) for found in re.findall(r"([\d.]+) eV with", note)]
    assert told == pytest.approx([model.predictor.stacks.error_without_lent, model.summary.error], rel=1e-3)
    for name, known in model.seen(labelled.materials).items():
        told = f"{name} was trained on the formulas of {known.sum()} of the {len(known)} labelled rows."
        assert told in model.notes
    assert {NETWORK, "composition-donor"} <= set(model.seen(labelled.materials))


def test_saved_it_predicts_the_same_and_its_card_holds_the_notes(labelled, model, tmp_path: Path) -> None:
    again = load(model.save(tmp_path / "model"))
    np.testing.assert_array_equal(
        again.predict(labelled.materials).predicted, model.predict(labelled.materials).predicted
    )
    assert again.address == model.address == f"auto:vectors={NETWORK}"
    assert again.notes == model.notes
    assert codes(again.notes) == codes(model.notes)
    assert all(note in (tmp_path / "model" / "card.md").read_text(encoding="utf-8") for note in model.notes)


def test_evaluate_is_told_what_the_network_has_seen(labelled: Dataset) -> None:
    name = f"auto:vectors={NETWORK}"
    assert NETWORK in make_model(name).representations
    assert pretraining_overlap(labelled, "x", [ModelSettings(name)])[NETWORK].n == len(labelled)


def test_its_weights_are_found_from_any_folder_and_others_in_their_place_are_noticed(
    labelled: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = tmp_path / "weights"
    shutil.copytree(measuring_folder() / NETWORK, weights)
    monkeypatch.chdir(tmp_path)
    fitted = matscout.fit(labelled, model="auto:vectors=crystal-network=weights", fast=True)
    told = fitted.predict(labelled.materials).predicted
    path = fitted.save(tmp_path / "model")
    monkeypatch.chdir("/")
    np.testing.assert_array_equal(load(path).predict(labelled.materials).predicted, told)
    shutil.rmtree(weights)
    with pytest.raises(ArtefactError, match="contains no pretrained encoders"):
        load(path)
    shutil.copytree(measuring_folder() / "crystal-denoising", weights)
    with pytest.raises(ArtefactError, match="differ from those that the model was fitted with"):
        load(path)


def test_any_representation_can_stand_there(labelled: Dataset) -> None:
    formulas = replace(labelled, materials=replace(labelled.materials, structures=None))
    model = matscout.fit(formulas, model="auto:vectors=element-fraction", fast=True)
    assert "element-fraction" in model.representations
    assert not any("element-fraction" in note for note in model.notes if "trained-on-labelled-rows" in codes([note]))
    kinds = replace(
        labelled, targets={"k": Target("k", np.arange(len(labelled)) % 2.0, None, "classification", ("a", "b"))}
    )
    assert any(
        "log loss on unseen rows" in note
        for note in make_model("auto:vectors=crystal-denoising", fast=True).fit(kinds).notes
    )


def test_what_cannot_be_is_refused(labelled: Dataset, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'infomax' is not one of the representations"):
        make_model("auto:vectors=infomax")
    formulas = replace(labelled, materials=replace(labelled.materials, structures=None))
    with pytest.raises(UsageError, match="deep-infomax describes crystal structures, but there are formulas only"):
        make_model(f"auto:vectors={NETWORK}").fit(formulas)
    with pytest.raises(ArtefactError, match="nowhere contains no pretrained encoders"):
        make_model("auto:vectors=crystal-network=nowhere").fit(labelled)
    with pytest.raises(UsageError, match="crystal-network needs weights of your own"):
        make_model("auto:vectors=crystal-network").fit(labelled)
    with pytest.raises(UsageError, match=r"is a folder; .* auto:vectors=crystal-network="):
        make_model(f"auto:vectors={measuring_folder() / NETWORK}")
    monkeypatch.setattr("matscout.represent.trained_network.WEIGHTS", tmp_path)
    with pytest.raises(UsageError, match="composition-donor/vector needs a released matscout, with its weights"):
        make_model("auto:vectors=composition-donor/vector").fit(labelled)


def test_on_the_command_line_the_notes_are_printed(tmp_path: Path) -> None:
    rows = "\n".join(f"Li{n}Na{7 - n}O4,{n / 7}" for n in range(1, 7)) + "\nLiF,0.3\nNaCl,0.4\nKBr,0.8\nMgO,0.1\n"
    (tmp_path / "labels.csv").write_text(f"formula,gap (eV)\n{rows}", encoding="utf-8")
    arguments = ["fit", str(tmp_path / "labels.csv"), "--fast", "--model", "auto:vectors=elements=mat2vec"]
    told = CliRunner().invoke(app, [*arguments, "-o", str(tmp_path / "model")])
    assert told.exit_code == 0, told.output
    assert "Vectors of elements=mat2vec: MAE on unseen rows" in told.output


def test_for_honest_measurements_the_donor_beside_is_the_strict_one() -> None:
    usual = make_model("auto:vectors=polysrl-strict")
    strict = make_model("auto:donor=composition-donor-strict,vectors=polysrl-strict")
    assert "composition-donor-strict" in strict.representations
    assert "composition-donor" not in strict.representations
    assert "composition-donor" in usual.representations
    assert "polysrl-strict" in strict.representations
