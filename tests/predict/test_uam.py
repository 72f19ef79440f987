"""UAM: its parts against transcriptions of the equations, and the model as a whole."""

from __future__ import annotations

import math
from importlib.resources import files

import numpy as np
import pytest
import torch

import matscout
from matscout.data.dataset import Dataset
from matscout.errors import UsageError
from matscout.predict.models import uam
from matscout.predict.models.uam import SWITCHES, Uam
from matscout.predict.yield_network import (
    BALANCE,
    SparseExperts,
    TrainedYields,
    YieldLesson,
    YieldNetwork,
    YieldOutput,
    YieldShape,
    loss_of,
    train,
)
from matscout.represent.reaction_batches import ReactionStore

COLUMNS = ("amine", "acid", "coupling reagent", "base")
SMALL = {"width": 16, "hidden": 16, "experts": 4}


@pytest.fixture(scope="module")
def plate() -> Dataset:
    path = files("matscout") / "examples" / "couplings.csv"
    return matscout.read(path, reaction=COLUMNS, context="temperature", target="yield")


def lesson(plate: Dataset, n: int) -> YieldLesson:
    inputs = np.random.default_rng(0).normal(size=(n, 5))
    values = plate.target().values[:n]
    return YieldLesson(plate[:n].materials.reactions, inputs, (values - values.mean()) / values.std(), np.ones(n))


@torch.no_grad()
def test_experts_are_a_sum_over_the_two_with_the_largest_gates():
    torch.manual_seed(0)
    experts, inputs = SparseExperts(YieldShape(5, **SMALL)).double(), torch.randn(7, 5, dtype=torch.float64)
    told, imbalance = experts(inputs)
    used = torch.zeros(4, dtype=torch.float64)
    for row, x in enumerate(inputs):
        gates = experts.gate(x)
        best = gates.argsort(descending=True)[:2]
        shares = gates[best].softmax(dim=0)
        expected = torch.zeros(16, dtype=torch.float64)
        for share, expert in zip(shares, best, strict=True):
            weight = experts.first.weight[16 * expert : 16 * (expert + 1)]
            hidden = torch.relu(weight @ x + experts.first.bias[16 * expert : 16 * (expert + 1)])
            expected += share * (hidden @ experts.second[expert])
            used[expert] += share
        torch.testing.assert_close(told[row], expected)
    spread = float(((used - used.mean()) ** 2).mean()) / float(used.mean()) ** 2
    assert float(imbalance) == pytest.approx(spread)


def test_loss_is_that_of_the_paper():
    mean, log_variance = torch.tensor([0.1, -0.4, 2.0]), torch.tensor([0.0, -1.0, 0.5])
    values, weights = torch.tensor([0.3, 0.0, 1.0]), torch.ones(3)
    said = YieldOutput(mean, log_variance, torch.tensor(0.7))
    pairs = zip(mean.tolist(), log_variance.tolist(), values.tolist(), strict=True)
    expected = sum((y - mu) ** 2 / math.exp(s) + s for mu, s, y in pairs) / 3
    assert float(loss_of(said, values, weights, YieldShape(1))) == pytest.approx(expected + BALANCE * 0.7)
    assert float(loss_of(said, values, weights, YieldShape(1, balanced=False))) == pytest.approx(expected)


@pytest.mark.parametrize("part", SWITCHES)
def test_what_is_switched_off_is_not_there(part, plate):
    torch.manual_seed(0)
    network = YieldNetwork(YieldShape(5, **SMALL, **SWITCHES[part])).eval()
    there = {name.split(".")[0] for name, _ in network.named_parameters()}
    gone = {"without-graph": {"graph"}, "without-smiles": {"smiles"}, "without-experts": {"experts"}}
    gone["without-descriptors"] = {"experts", "plain"}
    assert not there & gone.get(part, set())
    told = lesson(plate, 6)
    said = network(ReactionStore(told.reactions).batch(np.arange(6)), torch.from_numpy(told.inputs).float())
    assert said.mean.shape == said.log_variance.shape == (6,)
    assert (said.log_variance == 0).all() == (part == "without-variance")


def test_a_network_learns_50_rows_by_heart(plate):
    told = lesson(plate, 50)
    network = train(YieldShape(5, **SMALL, dropout=0.0), told, steps=350, seed=0)
    said = TrainedYields([network], passes=1).say(told.reactions, told.inputs)
    assert np.abs(said.means[0, 0] - told.values).mean() < 0.1


def test_dropped_units_are_the_same_for_all_reactions_and_for_every_batch(plate):
    told = lesson(plate, 12)
    trained = TrainedYields([train(YieldShape(5, **SMALL), told, steps=20, seed=0)], passes=6)
    whole = trained.say(told.reactions, told.inputs)
    alone = trained.say(told.reactions[[7]], told.inputs[[7]])
    np.testing.assert_allclose(alone.means[:, :, 0], whole.means[:, :, 7], rtol=1e-10)
    assert whole.means.std(axis=1).min() > 0
    again = TrainedYields.from_state(trained.state()).say(told.reactions, told.inputs)
    np.testing.assert_array_equal(again.means, whole.means)


@pytest.fixture(scope="module")
def fitted(plate) -> Uam:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uam, "FAST_STEPS", (40, 50))
        return matscout.fit(plate[:120], model="uam", fast=True, seed=1)


def test_it_predicts_yields_with_intervals(fitted, plate):
    said = fitted.predict(plate.materials[120:])
    truth = plate.target().values[120:]
    assert np.abs(said.predicted - truth).mean() < 0.8 * np.abs(truth - np.median(truth)).mean()
    assert (said.lower < said.upper).all()
    doubt = fitted.predictor.uncertainty(plate.materials[120:])
    spread = np.sqrt(doubt.aleatoric**2 + doubt.epistemic**2)
    assert 0.2 < np.sqrt(np.mean(spread**2)) / np.sqrt(np.mean((said.predicted - truth) ** 2)) < 5
    assert fitted.left_out is not None
    assert len(fitted.explain(plate.materials[[3]])[0].neighbours) == 3


def test_it_is_the_same_after_saving(fitted, plate, tmp_path):
    fitted.save(tmp_path / "model")
    again = matscout.load(tmp_path / "model")
    first, second = fitted.predict(plate.materials[130:]), again.predict(plate.materials[130:])
    np.testing.assert_allclose(second.predicted, first.predicted, rtol=1e-6)
    np.testing.assert_allclose(second.upper, first.upper, rtol=1e-6)


def test_materials_and_classes_are_refused(plate):
    with pytest.raises(UsageError, match="reaction="):
        matscout.fit(matscout.read(files("matscout") / "examples" / "band_gaps.csv", target="band gap"), model="uam")
