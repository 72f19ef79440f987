"""The networks of a study: trained by several seeds, and never trained."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from matscout.progress import Progress, silent
from matscout.registry import load_class
from matscout.represent.artefact import Pretrained
from matscout.represent.pretrained.crystal_network import CrystalNetwork
from matscout.represent.pretraining.configuration import read_experiment
from matscout.represent.pretraining.training import pretrain
from matscout.studies.crystals import LabelledCrystals


@dataclass(frozen=True)
class Pretraining:
    """Runs of an experiment on the part of the crystals that is not tested.

    Parameters
    ----------
    experiment
        As for ``matscout pretrain``.
    overrides
        Changes to it.
    seeds
        One run for each.
    """

    experiment: str
    overrides: tuple[str, ...]
    seeds: tuple[int, ...]

    @classmethod
    def of(cls, settings: Mapping[str, object]) -> Pretraining:
        """From a section of a plan."""
        overrides, seeds = settings["overrides"], settings["seeds"]
        assert isinstance(overrides, Sequence)
        assert isinstance(seeds, int)
        return cls(str(settings["experiment"]), tuple(map(str, overrides)), tuple(range(seeds)))

    def networks(self, crystals: LabelledCrystals, folder: Path, progress: Progress = silent) -> list[CrystalNetwork]:
        """The trained networks, in the order of the seeds; equal runs of other figures in ``folder`` are used."""
        arrays, labels = folder / "training.npz", folder / "training.parquet"
        if not (arrays.is_file() and labels.is_file()):
            crystals.write_training(folder)
        needs_labels = self.experiment == "crystal_properties"
        data = [f"data.structures={arrays}", *([f"data.labels={labels}"] if needs_labels else [])]
        found, name = [], f"{self.experiment}-{hashlib.sha256(json.dumps(self.overrides).encode()).hexdigest()[:8]}"
        for seed in self.seeds:
            experiment = read_experiment(self.experiment, [*data, *self.overrides, f"seed={seed}"])
            result = pretrain(experiment, folder / f"{name}-{seed}", progress)
            found.append(CrystalNetwork(str(result.artefact)))
        return found


def untrained(like: CrystalNetwork, seeds: Sequence[int]) -> list[CrystalNetwork]:
    """Networks of the same encoder as they are before training."""
    trained, found = like.pretrained(), []
    ((name, encoder),) = trained.encoders.items()
    for seed in seeds:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            fresh = type(encoder)(**encoder.settings).eval().requires_grad_(False)
        digest = f"untrained {seed} of {trained.digest}"
        found.append(
            CrystalNetwork.of(Pretrained({name: fresh}, trained.objective, trained.seen[:0], trained.facts, digest))
        )
    return found


def network_of(weights: str) -> CrystalNetwork:
    """The network of a representation with weights, or of a folder written by ``matscout pretrain``."""
    from matscout.registry import plug_ins

    if weights in {one.name for one in plug_ins("representations")}:
        made: CrystalNetwork = load_class("representations", weights)()
        return made
    return CrystalNetwork(weights)
