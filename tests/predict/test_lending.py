"""What ``auto`` says that a donor added, against the same model without a donor."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from matscout.data.materials import Materials
from matscout.predict.models.auto import Auto
from matscout.remarks import codes
from matscout.represent.pretrained.composition_donor import CompositionDonor


@pytest.fixture
def small_donor(hinting_weights: Path, monkeypatch: pytest.MonkeyPatch) -> CompositionDonor:
    monkeypatch.setattr("matscout.represent.trained_network.WEIGHTS", hinting_weights)
    return CompositionDonor()


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_the_error_without_what_was_lent_is_that_of_the_model_without_a_donor(task, small_donor, make_dataset):
    dataset = make_dataset(60, task=task)
    lent, alone = Auto(fast=True).fit(dataset), Auto(fast=True, donor=None).fit(dataset)
    # Equal but for members of almost no weight, which the model without a donor leaves out.
    assert lent.predictor.stacks.error_without_lent == pytest.approx(alone.summary.error, rel=0.02)
    assert alone.predictor.stacks.error_without_lent is None
    assert "donor-lends" not in codes(alone.summary.notes)


def test_the_note_tells_both_errors_and_how_many_rows_the_donor_has_seen(small_donor, make_dataset):
    dataset = make_dataset(60)
    model = Auto(fast=True).fit(dataset)
    (note,) = [note for note in model.summary.notes if codes([note]) == ["donor-lends"]]
    seen = int(small_donor.seen(dataset.materials).sum())
    without, with_it = (float(found) for found in re.findall(r"([\d.]+) eV with", note))
    assert (without, with_it) == pytest.approx(
        (model.predictor.stacks.error_without_lent, model.summary.error), rel=1e-3
    )
    assert f"{seen} of the 60 labelled rows" in note


def test_a_property_that_the_donor_knows_is_learned_with_its_columns(small_donor, make_dataset):
    """The target is the donor's own prediction on a bent scale, so the donated columns must carry the weight."""
    dataset = make_dataset(120)
    column = small_donor.columns.index("predicted PBE band gap (eV)")
    known = small_donor.represent(dataset.materials).vectors[:, column]
    dataset = replace(dataset, targets={"gap": replace(dataset.target(), values=np.exp(known))})
    model = Auto(fast=True).fit(dataset)
    donated = [candidate.weight for candidate in model.summary.candidates if "donated" in candidate.label]
    assert sum(donated) > 0.5
    assert model.summary.error < 0.8 * model.predictor.stacks.error_without_lent


def test_without_the_weights_the_note_says_what_is_missing(make_dataset, tmp_path, monkeypatch):
    monkeypatch.setenv("MATSCOUT_WEIGHTS", str(tmp_path))
    model = Auto(fast=True, donor="composition-donor-strict").fit(make_dataset(30))
    assert "nothing-lent" in codes(model.summary.notes)
    assert model.predict(Materials.from_formulas(["ZnO"])).predicted.shape == (1,)
