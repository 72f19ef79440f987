"""Crystals with their compositions: each composition once in a batch, and training that matches them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars
import pytest
import torch
from pymatgen.core import Lattice, Structure
from safetensors.torch import load_file
from tests.represent.corpora.test_crystal_structures import write
from tests.represent.crystals_at_hand import random_structures

from matscout.errors import InputError, UsageError
from matscout.represent.artefact import load_pretrained
from matscout.represent.corpora.polymorphs import Polymorphs
from matscout.represent.pretraining.configuration import read_experiment
from matscout.represent.pretraining.training import pretrain

ROCKSALT = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.6), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
CAESIUM_CHLORIDE = Structure(Lattice.cubic(3.4), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
SMALL = ("encoders.composition.width=8", "encoders.structure.width=8", "trainer.epochs=2", "loader.batch_size=16")


def test_polymorphs_share_a_composition_in_a_batch(tmp_path: Path) -> None:
    corpus = Polymorphs(write(tmp_path, [*random_structures(3), ROCKSALT, CAESIUM_CHLORIDE]))
    batch = corpus[np.array([4, 0, 3])]
    assert len(batch) == 3
    assert len(batch.compositions) == 2
    own = batch.crystals.compositions.tolist()
    assert own[0] == own[2] != own[1]
    starts = np.cumsum([0, *(k for n, k in batch.compositions.blocks for _ in range(n))])
    salt = batch.compositions.elements[starts[own[0]] : starts[own[0] + 1]]
    assert salt.tolist() == [10, 16]
    assert corpus.summary[1] == "4 compositions, 1 of them with several structures"
    assert corpus.sizes.tolist() == [1] * 5
    assert corpus.families[3] == corpus.families[4]
    assert len({*corpus.families.tolist()}) == 4
    moved = batch.to(torch.device("cpu"))
    assert moved.crystals.compositions.tolist() == own


def test_fewer_compositions_come_with_all_of_their_crystals_and_are_among_more(tmp_path: Path) -> None:
    path = write(tmp_path, [*random_structures(12), ROCKSALT, CAESIUM_CHLORIDE])
    sets = []
    for most in (3, 8, 100, None):
        corpus = Polymorphs(path, compositions=most)
        sets.append({*corpus._materials.ids.tolist()})
        assert len({*corpus._materials.compositions.keys().tolist()}) == min(most or 13, 13)
        assert ("m12" in sets[-1]) == ("m13" in sets[-1])
    assert sets[0] < sets[1] < sets[2] == sets[3]
    with pytest.raises(UsageError, match=r"data\.compositions is at least 1"):
        Polymorphs(path, compositions=0)


@pytest.mark.parametrize("experiment", ["polysrl", "infomax_3d"])
def test_a_batch_of_one_is_refused(tmp_path: Path, experiment: str) -> None:
    structures = write(tmp_path, random_structures(8))
    chosen = read_experiment(experiment, [f"data.structures={structures}", *SMALL, "loader.batch_size=1"])
    with pytest.raises(UsageError, match=r"loader\.batch_size is at least 2, got 1"):
        pretrain(chosen, tmp_path / "run")


@pytest.mark.parametrize(
    ("experiment", "changes"),
    [
        ("polysrl", ()),
        ("polysrl", ("objective.samples=0", "encoders.composition.of=weighted-attention")),
        (
            "polysrl",
            (
                "encoders.structure.name=site-net",
                "~encoders.structure.layers",
                "encoders.structure.site_width=8",
                "data.number=36",
            ),
        ),
        ("infomax_3d", ()),
        ("polysrl", ("trainer.precision=bf16-mixed", "trainer.accelerator=cpu", "objective.steepness=10")),
    ],
)
def test_training_writes_encoders_that_are_read_again(
    experiment: str, changes: tuple[str, ...], tmp_path: Path
) -> None:
    path = write(tmp_path, [*random_structures(40), ROCKSALT, CAESIUM_CHLORIDE])
    result = pretrain(read_experiment(experiment, [f"data.structures={path}", *SMALL, *changes]), tmp_path / "run")
    assert np.isfinite(result.values["validation loss"])
    assert set(load_pretrained(result.artefact).encoders) == {"composition", "structure"}


def test_parts_that_do_not_fit_are_told(tmp_path: Path) -> None:
    path = write(tmp_path, random_structures(40))
    wrong = ("encoders.structure.name=set-transformer", "encoders.structure.layers=1")
    with pytest.raises(UsageError, match="set-transformer works on compositions, but polymorphs gives structures"):
        pretrain(read_experiment("polysrl", [f"data.structures={path}", *wrong]), tmp_path / "run")
    with pytest.raises(UsageError, match="view modalities shows composition, structure, each to an encoder of that"):
        pretrain(read_experiment("infomax_3d", [f"data.structures={path}", "~encoders.structure"]), tmp_path / "one")
    other = ["data.name=crystal-structures"]
    with pytest.raises(UsageError, match="modalities works on structures with their compositions, but crystal"):
        pretrain(read_experiment("polysrl", [f"data.structures={path}", *other]), tmp_path / "other")


def test_crystals_of_one_composition_are_refused(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"are NaCl: pairs that do not match need crystals of at least two compositions"
    ):
        Polymorphs(write(tmp_path, [ROCKSALT, CAESIUM_CHLORIDE]))


def test_a_stopped_run_draws_the_same_samples_when_it_goes_on(tmp_path: Path) -> None:
    path = write(tmp_path, [*random_structures(40), ROCKSALT, CAESIUM_CHLORIDE])
    overrides = [f"data.structures={path}", *SMALL, "trainer.epochs=4", "loader.validation_share=0.2"]
    experiment = read_experiment("polysrl", overrides)
    whole = pretrain(experiment, tmp_path / "whole")

    def stop(step: str, done: int, total: int) -> None:
        if done == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pretrain(experiment, tmp_path / "parts", stop)
    parts = pretrain(experiment, tmp_path / "parts")
    lines = [(tmp_path / run / "metrics.csv").read_text(encoding="utf-8") for run in ("whole", "parts")]
    assert lines[0] == lines[1]
    first, second = (load_file(run.artefact / "weights.safetensors") for run in (whole, parts))
    assert all(first[name].equal(second[name]) for name in first)


def test_the_samples_of_validation_are_the_same_in_every_epoch(tmp_path: Path) -> None:
    path = write(tmp_path, [*random_structures(40), ROCKSALT, CAESIUM_CHLORIDE])
    still = ["optimiser.learning_rate=0", "loader.validation_share=0.2", "trainer.epochs=3"]
    pretrain(read_experiment("polysrl", [f"data.structures={path}", *SMALL, *still]), tmp_path / "run")
    losses = polars.read_csv(tmp_path / "run" / "metrics.csv")["validation loss"]
    assert len(losses) == 3
    assert losses.n_unique() == 1
