"""Fine-tuning in the benchmark of donors: what moves, what stays, and that it learns."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest

from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.evaluation.base import Split
from matscout.represent.pretrained.composition_donor_strict import CompositionDonorStrict

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
FORMULAS = [
    f"{cation}{n}{anion}{m}" for cation in ("Li", "Mg", "Al", "Cu") for anion in "OSF" for n in (1, 2) for m in (1, 3)
]


@pytest.fixture
def tuning(monkeypatch, hinting_weights):
    """The module, with a very small donor in place of the shipped one."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.setattr("matscout.represent.trained_network.WEIGHTS", hinting_weights)
    monkeypatch.setattr(CompositionDonorStrict, "shipped", "composition-donor-full")
    return importlib.import_module("donor_fine_tuning")


@pytest.fixture
def dataset() -> Dataset:
    materials = Materials.from_formulas(FORMULAS)
    rows, elements = materials.compositions.rows, materials.compositions.elements
    anions = np.isin(elements, (8, 9, 16))
    values = np.bincount(rows[anions], materials.compositions.fractions[anions], len(materials)) * 5
    return Dataset(materials, {"y": Target("y", values, "eV")})


def weights(encoder) -> dict[str, np.ndarray]:
    return {name: value.numpy().copy() for name, value in encoder.state_dict().items()}


def test_the_head_learns_on_a_frozen_encoder_and_the_shipped_donor_stays_as_it_is(tuning, dataset):
    shipped = CompositionDonorStrict().encoder
    before = weights(shipped)
    corpus = tuning.LabelledRows(dataset.materials, dataset.target("y").values)
    lesson = tuning.Lesson(corpus, np.arange(40), np.arange(40, 48), seed=0)
    frozen, moved = (
        tuning.Tuned("x", (tuning.TrainingStage(moves, 2e-3, 3, 3),), True)._network(lesson) for moves in (False, True)
    )
    after = weights(next(iter(frozen.encoders.values())))
    np.testing.assert_equal(after, before)
    assert any((value != before[name]).any() for name, value in weights(next(iter(moved.encoders.values()))).items())
    np.testing.assert_equal(weights(shipped), before)


def test_random_weights_keep_what_is_known_of_the_elements(tuning):
    shipped, fresh = CompositionDonorStrict().encoder, tuning._encoder(pretrained=False)
    known, random = weights(shipped), weights(fresh)
    np.testing.assert_array_equal(random["tokens.values"], known["tokens.values"])
    assert (random["tokens.from_element.weight"] != known["tokens.from_element.weight"]).any()


def test_it_learns_in_stages_and_predicts_in_the_order_of_the_rows(tuning, dataset, monkeypatch):
    everything = np.arange(len(FORMULAS))
    monkeypatch.setattr(tuning, "N_NETWORKS", 2)
    stages = (tuning.TrainingStage(False, 2e-3, 2, 2), tuning.TrainingStage(True, 5e-3, 30, 30))
    values = dataset.target("y").values
    cell = tuning.Tuned("x", stages, True).fit_and_predict(dataset, "y", Split("all", everything, everything))
    assert np.abs(cell.mean - values).mean() < 0.3 * np.abs(values - np.median(values)).mean()
