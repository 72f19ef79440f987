"""Fine-tuned networks on crystals whose property only their structure tells; the contract of all models is in it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

pytest.importorskip("torch")

import torch
from tests.predict.test_learning_from_structures import dataset
from tests.represent.corpora.test_crystal_structures import LARGE, materials, write

import matscout
from matscout.crystal.crystals import Crystals
from matscout.data.dataset import Dataset, Target
from matscout.errors import ArtefactError, InputError, MissingExtraError, UsageError
from matscout.evaluation.evaluating import evaluate
from matscout.predict.artefact import load
from matscout.predict.base import ClassPredictions, Predictions
from matscout.predict.fitting import make_model
from matscout.predict.model import Model
from matscout.predict.origins import origin_of_fit
from matscout.represent.artefact import load_pretrained
from matscout.represent.fine_tuning import STAGES, FewLabels, Lesson, fine_tune
from matscout.represent.pretrained.crystal_network import CrystalNetwork
from matscout.represent.pretraining.configuration import read_experiment
from matscout.represent.pretraining.stages import TrainingStage
from matscout.represent.pretraining.training import pretrain
from matscout.represent.property_head import PropertyHead


@pytest.fixture(scope="module")
def labelled() -> Dataset:
    """Crystals of the test of ``auto``; the property is the mean atomic number, with some noise."""
    given = dataset()
    compositions = given.materials.compositions
    heavy = np.bincount(compositions.rows, compositions.elements * compositions.fractions)
    noise = np.random.default_rng(0).normal(0, 0.2, len(given))
    return replace(given, targets={"n": Target("n", heavy + noise)})


def crystals_of(given: Dataset) -> list[Structure]:
    return [given.materials.structures.to_pymatgen(row) for row in range(len(given))]


@pytest.fixture(scope="module")
def weights(labelled: Dataset, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of a short run of denoising on the same crystals."""
    folder = tmp_path_factory.mktemp("run")
    structures = write(folder, crystals_of(labelled))
    overrides = [
        f"data.structures={structures}", "loader.batch_size=20", "loader.validation_share=0.2", "trainer.epochs=2",
        "encoders.crystal.width=16", "encoders.crystal.site_width=16", "objective.site_width=16",
    ]  # fmt: skip
    return str(pretrain(read_experiment("crystal_denoising", overrides), folder / "run").artefact)


@pytest.fixture(autouse=True)
def short(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few epochs wherever it does not matter how much is learned."""
    if not any(word in request.node.name for word in ("learn", "classes")):
        few = {part: tuple(replace(stage, epochs=4) for stage in stages) for part, stages in STAGES.items()}
        monkeypatch.setattr("matscout.represent.fine_tuning.STAGES", few)


@pytest.fixture(scope="module")
def fitted(labelled: Dataset, weights: str) -> Model:
    return matscout.fit(labelled, model=f"fine-tuned={weights}", fast=True, seed=1)


def in_classes(labelled: Dataset) -> Dataset:
    values = np.digitize(labelled.target().values, [10.0, 18.0]).astype(np.float64)
    return replace(labelled, targets={"kind": Target("kind", values, None, "classification", ("a", "b", "c"))})


@pytest.mark.slow
@pytest.mark.parametrize("part", ["staged", "head", "all"])
def test_every_way_to_train_learns(labelled: Dataset, weights: str, part: str) -> None:
    model = matscout.fit(labelled, model=f"fine-tuned/{part}={weights}")
    told = model.predict(labelled.materials)
    values = labelled.target().values
    assert isinstance(told, Predictions)
    assert np.abs(told.predicted - values).mean() < 0.5 * np.abs(values - np.median(values)).mean()
    assert (told.std > 0).all()
    assert "no guarantee" in model.assumption
    assert model.card.model == f"fine-tuned/{part}={weights}"


def test_fifty_crystals_are_learned_by_heart(labelled: Dataset, weights: str) -> None:
    (encoder,) = load_pretrained(weights).encoders.values()

    store = CrystalNetwork(weights).store(Crystals.from_structures(labelled.materials.structures[:50]))
    values, rows = labelled.target().values[:50], np.arange(50)
    labels = FewLabels(values, np.ones(50), np.zeros((50, 0)))
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    state = torch.get_rng_state()
    stage = TrainingStage(encoder_moves=True, learning_rate=3e-3, epochs=200, patience=200)
    tuned = fine_tune(encoder, (stage,), Lesson(store, labels, rows, rows))
    assert np.abs(tuned.predict(store, labels.context)[:, 0] - values).mean() < 0.1 * values.std()
    assert all(torch.equal(value, before[name]) for name, value in encoder.state_dict().items())
    assert torch.equal(state, torch.get_rng_state())


def test_only_the_head_is_trained_where_so_is_asked(labelled: Dataset, weights: str) -> None:
    (encoder,) = load_pretrained(weights).encoders.values()
    model = make_model(f"fine-tuned/head={weights}", fast=True).fit(labelled)
    arrays = model.predictor.state().arrays
    for name, value in encoder.state_dict().items():
        np.testing.assert_array_equal(arrays[f"networks/0/0.{name}"], value.numpy())
    staged = make_model(f"fine-tuned/staged={weights}", fast=True).fit(labelled).predictor.state().arrays
    assert any((staged[f"networks/0/0.{name}"] != value.numpy()).any() for name, value in encoder.state_dict().items())


def test_the_head_is_that_of_its_equation() -> None:
    torch.manual_seed(0)
    head = PropertyHead(3, context=1)
    crystal, labels = torch.randn(6, 3), torch.cat([torch.randn(6, 1) * 5 + 2, torch.ones(6, 1), torch.randn(6, 1)], 1)
    head.adapt(crystal, labels)
    inputs = torch.cat([crystal, labels[:, 2:]], dim=1)
    scaled = (inputs - inputs.mean(0)) / inputs.std(0, correction=0)
    first, _, last = head.layers
    hidden = scaled @ first.weight.T + first.bias
    raw = (hidden / (1 + torch.exp(-hidden))) @ last.weight.T + last.bias
    expected = raw * labels[:, 0].std(correction=0) + labels[:, 0].mean()
    torch.testing.assert_close(head.predict(crystal, labels[:, 2:]), expected)


def test_neither_batch_nor_order_matters(labelled: Dataset, fitted: Model) -> None:
    whole = fitted.predict(labelled.materials).predicted
    order = np.random.default_rng(0).permutation(len(whole))
    np.testing.assert_allclose(fitted.predict(labelled.materials[order]).predicted, whole[order], rtol=1e-4, atol=1e-4)
    one = np.concatenate([fitted.predict(labelled.materials[[row]]).predicted for row in range(4)])
    np.testing.assert_allclose(one, whole[:4], rtol=1e-4, atol=1e-4)


def test_equal_seeds_give_equal_predictions(labelled: Dataset, weights: str) -> None:
    one, again = (matscout.fit(labelled, model=f"fine-tuned={weights}", fast=True, seed=1) for _ in range(2))
    np.testing.assert_array_equal(
        one.predict(labelled.materials).predicted, again.predict(labelled.materials).predicted
    )


ASK = """
import sys
import numpy as np
from matscout import load
from tests.predict.test_learning_from_structures import dataset

np.save(sys.argv[2], load(sys.argv[1]).predict(dataset().materials).predicted)
"""


@pytest.mark.slow
def test_it_is_whole_without_the_weights_that_it_started_from(labelled, fitted, weights, tmp_path) -> None:
    path = fitted.save(tmp_path / "model")
    moved = Path(weights).rename(tmp_path / "elsewhere")
    try:
        asked = [sys.executable, "-c", ASK, str(path), str(tmp_path / "told.npy")]
        subprocess.run(asked, check=True, timeout=180, cwd=Path(__file__).parents[2])
        assert load(path).seen(labelled.materials)[weights].all()
    finally:
        moved.rename(weights)
    told = fitted.predict(labelled.materials).predicted
    np.testing.assert_array_equal(np.load(tmp_path / "told.npy"), told)


def test_classes_come_with_probabilities_and_sets(labelled: Dataset, weights: str, tmp_path: Path) -> None:
    model = matscout.fit(in_classes(labelled), model=f"fine-tuned={weights}", fast=True)
    told = model.predict(labelled.materials)
    assert isinstance(told, ClassPredictions)
    assert (told.predicted == in_classes(labelled).target().values).mean() > 0.6
    assert told.sets.any(axis=1).all()
    again = load(model.save(tmp_path / "model")).predict(labelled.materials)
    np.testing.assert_array_equal(again.probabilities, told.probabilities)


def test_what_cannot_be_encoded_is_told_and_guessed(labelled: Dataset, weights: str) -> None:
    large = materials([LARGE])
    for given in (labelled, in_classes(labelled)):
        told = matscout.fit(given, model=f"fine-tuned/head={weights}", fast=True).predict(large)
        assert not told.in_domain.any()
        assert "has 128 sites" in told.problems[0].reason or "has 64 sites" in told.problems[0].reason
        assert "the usual value among the labels" in told.problems[0].advice
        if isinstance(told, ClassPredictions):
            assert told.sets.all()
        else:
            assert told.predicted[0] == np.median(given.target().values)
            assert told.upper[0] - told.lower[0] > 10.0


def test_labelled_crystals_that_cannot_be_encoded_are_counted(labelled: Dataset, weights: str) -> None:
    crystals = crystals_of(labelled)[:20]
    some = Dataset(materials([LARGE, *crystals]), {"n": Target("n", np.arange(21.0))})
    model = matscout.fit(some, model=f"fine-tuned/head={weights}", fast=True)
    assert model.assumption.endswith("1 labelled materials cannot be encoded and were not used")
    few = Dataset(materials([LARGE, LARGE, *crystals[:4]]), {"n": Target("n", np.arange(6.0))})
    with pytest.raises(InputError, match="4 of 5 labelled crystals can be encoded, but a model needs at least 5"):
        matscout.fit(few, model=f"fine-tuned/head={weights}", fast=True)


def test_context_is_learned_and_asked_for(labelled: Dataset, weights: str) -> None:
    rng = np.random.default_rng(0)
    heat = rng.uniform(300, 900, len(labelled))
    told = replace(labelled.materials, context={"temperature": heat})
    given = replace(labelled, materials=told, targets={"n": Target("n", heat / 100.0)})
    model = matscout.fit(given, model=f"fine-tuned/head={weights}", fast=True)
    assert np.abs(model.predict(told).predicted - heat / 100.0).mean() < 0.8
    with pytest.raises(UsageError, match="'temperature'"):
        model.predict(labelled.materials)


def test_bounds_errors_and_groups_are_taken(labelled: Dataset, weights: str) -> None:
    n = len(labelled)
    target = labelled.target()
    bounds = np.where(np.arange(n) % 6 == 0, 1, 0).astype(np.int8)
    given = replace(
        labelled,
        targets={"n": replace(target, errors=np.linspace(0.1, 1.0, n), censored=bounds)},
        groups=np.array([f"paper {row % 12}" for row in range(n)]),
    )
    model = matscout.fit(given, model=f"fine-tuned/head={weights}", fast=True)
    assert "group" in model.assumption
    assert len(model.predict(labelled.materials, level=0.8)) == n
    with pytest.raises(UsageError, match="there are 10"):
        model.predict(labelled.materials, level=0.95)


def test_neighbours_explain(labelled: Dataset, fitted: Model) -> None:
    (explained,) = fitted.explain(labelled.materials[[3]], k=2)
    assert explained.neighbours[0][0] == labelled.materials.formulas[3]
    assert explained.features == ()


def test_wrong_addresses_are_refused(weights: str) -> None:
    with pytest.raises(UsageError, match="fine-tuned has no part 'tail'; its parts are head, staged, all"):
        make_model("fine-tuned/tail")
    with pytest.raises(UsageError, match="gp has no weights: use gp"):
        make_model("gp=somewhere")
    with pytest.raises(ArtefactError, match="magpie is not a network of crystals"):
        make_model("fine-tuned=magpie").seen(materials([LARGE]))
    with pytest.raises(UsageError, match="'fine-tune' is not one of the models; did you mean fine-tuned"):
        make_model("fine-tune")


def test_its_address_asks_for_the_same(weights: str) -> None:
    for address in (f"fine-tuned/all={weights}", "fine-tuned/staged=deep-infomax"):
        assert make_model(address).address == address
    assert make_model("gp").address == "gp"


def test_without_torch_it_says_what_to_install(labelled: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matscout.extras.find_spec", lambda package: None if package == "torch" else package)
    with pytest.raises(MissingExtraError, match=r"pip install 'matscout\[torch\]'"):
        make_model("fine-tuned").fit(labelled)


def test_formulas_are_refused(labelled: Dataset, weights: str) -> None:
    alone = replace(labelled, materials=replace(labelled.materials, structures=None))
    with pytest.raises(UsageError, match="describes crystal structures, but these materials"):
        matscout.fit(alone, model=f"fine-tuned={weights}", fast=True)


def test_it_is_evaluated_beside_others(labelled: Dataset, weights: str) -> None:
    name = f"fine-tuned/head={weights}"
    found = evaluate(labelled, model=name, baselines=("dummy",), n_folds=2, fast=True)
    assert set(found.scores) == {name, "dummy"}
    assert found.overlap[weights].rows == len(labelled)


def test_cells_of_other_weights_are_other_cells(labelled: Dataset, weights: str) -> None:
    origins = []
    card = Path(weights) / "spec.json"
    text = card.read_text(encoding="utf-8")
    for change in ("", " "):
        card.write_text(text + change, encoding="utf-8")
        origins.append(origin_of_fit(f"fine-tuned={weights}", labelled.materials))
    card.write_text(text, encoding="utf-8")
    assert origins[0] != origins[1]


def test_cubic_cells_and_their_supercells_are_predicted_alike(fitted: Model) -> None:
    cell = Structure(Lattice.cubic(3.4), ["Li", "F"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    one, eight = (fitted.predict(materials([given])).predicted for given in (cell, cell * (2, 1, 1)))
    np.testing.assert_allclose(one, eight, rtol=1e-4)
