"""Variants of Deep InfoMax in the benchmark: each trains, and each differs from the plain one as it says."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import polars
import pytest
import torch
from tests.represent.corpora.test_crystal_structures import write
from tests.represent.crystals_at_hand import batch_of, random_structures

from matscout import registry
from matscout.represent.artefact import load_pretrained
from matscout.represent.objectives.deep_infomax import DeepInfomax

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def variants(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The module, learning from few crystals for one epoch."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    module = importlib.import_module("infomax_variants")
    monkeypatch.setattr(module, "EPOCHS", 1)
    monkeypatch.setattr(module, "CELLS", tmp_path)
    path = write(tmp_path, random_structures(40))
    monkeypatch.setattr(module, "arrays_of", lambda name, tables: path)
    monkeypatch.setattr(module, "digest_of_data", lambda tables: "")
    labels = {"material": [f"m{row}" for row in range(40)], "energy (eV)": np.linspace(-2.0, 1.0, 40)}
    polars.DataFrame(labels).write_parquet(tmp_path / "training.parquet")
    return module


@pytest.fixture
def objectives(variants: ModuleType, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The plug-ins of the benchmark, which the registry finds where they are on the path when it is first asked."""
    module = importlib.import_module("infomax_objectives")
    named = {
        "hard-deep-infomax": module.HardDeepInfomax,
        "thermal-deep-infomax": module.ThermalDeepInfomax,
        "labelled-deep-infomax": module.LabelledDeepInfomax,
        "thermal-crystals": module.ThermalCrystals,
    }
    usual = registry.load_class
    monkeypatch.setattr(registry, "load_class", lambda family, name: named.get(name) or usual(family, name))
    return module


@pytest.mark.slow
@pytest.mark.usefixtures("objectives")
def test_every_variant_trains_to_weights_of_its_own(variants: ModuleType, tmp_path: Path) -> None:
    runs = [variants.Run(variant, 0, tmp_path) for variant in variants.VARIANTS]
    assert len({run.folder for run in runs}) == len(runs)
    for run in runs:
        run.make(tmp_path)
        assert run.finished
    told = [load_pretrained(run.folder / "artefact").encoders["crystal"].state_dict() for run in runs[:6]]
    plain = told[0]["crystal.weight"]
    assert all(not other["crystal.weight"].equal(plain) for other in told[1:])


def test_hard_samples_weigh_more_and_the_mean_weight_is_1(objectives: ModuleType) -> None:
    hard = objectives.HardDeepInfomax({"crystal": 4}, site_width=4)
    plain = DeepInfomax({"crystal": 4}, site_width=4)
    scores = torch.tensor([[-2.0, 0.0, 3.0]])
    ratios = hard.lost_to_false(scores) / plain.lost_to_false(scores)
    torch.testing.assert_close(ratios.mean(), torch.tensor(1.0))
    torch.testing.assert_close(ratios[0, 2] / ratios[0, 0], torch.tensor(5.0).exp())
    equal = torch.zeros(2, 3)
    torch.testing.assert_close(hard.lost_to_false(equal), plain.lost_to_false(equal))


def test_thermal_copies_are_moved_and_nothing_is_learned_from_how_they_are_encoded(objectives: ModuleType) -> None:
    batch = batch_of(random_structures(4))
    made = objectives.ThermalCrystals()(batch, torch.Generator().manual_seed(0))
    moved = made["thermal"].pairs.distances - batch.pairs.distances
    assert 0.05 < moved.std() < 0.15
    assert made["thermal"].made_up
    assert made["true"].pairs.distances.equal(batch.pairs.distances)
