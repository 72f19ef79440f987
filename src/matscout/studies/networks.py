"""The networks of a study: trained by several seeds, and never trained."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
from annotated_types import Ge

from matscout.errors import UsageError
from matscout.progress import Progress, silent
from matscout.represent.artefact import Pretrained
from matscout.represent.pretrained.crystal_network import CrystalNetwork, network_named
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
        How many runs, each with a seed of its own.
    """

    experiment: str
    overrides: tuple[str, ...]
    seeds: Annotated[int, Ge(1)]

    def networks(self, crystals: LabelledCrystals, folder: Path, progress: Progress = silent) -> list[CrystalNetwork]:
        """The trained networks, in the order of the seeds; equal runs of other figures in ``folder`` are used."""
        arrays, labels = folder / "training.npz", folder / "training.parquet"
        if not (arrays.is_file() and labels.is_file()):
            crystals.write_training(folder)
        needs_labels = self.experiment == "crystal_properties"
        data = [f"data.structures={arrays}", *([f"data.labels={labels}"] if needs_labels else [])]
        networks, name = [], f"{self.experiment}-{hashlib.sha256(json.dumps(self.overrides).encode()).hexdigest()[:8]}"
        for seed in range(self.seeds):
            experiment = read_experiment(self.experiment, [*data, *self.overrides, f"seed={seed}"])
            result = pretrain(experiment, folder / f"{name}-{seed}", progress)
            networks.append(CrystalNetwork(str(result.artefact)))
        return networks


def finished(weights: Sequence[str], crystals: LabelledCrystals, *, made_up: bool) -> list[CrystalNetwork]:
    """Networks that Deep InfoMax trained elsewhere, on none of the compositions that are tested only.

    Parameters
    ----------
    weights
        Names of representations, or folders written by ``matscout pretrain``.
    crystals
        What is tested.
    made_up
        Whether they learned with made-up false samples.

    Raises
    ------
    UsageError
        If one was trained on compositions of which all crystals are tested, or otherwise than is asked for.
    ArtefactError
        If weights are missing, damaged, or not of a network of crystals.
    """
    keys = crystals.materials.compositions.keys()
    fresh = crystals.tested & ~np.isin(keys, keys[~crystals.tested])
    networks, tested = [], crystals.materials[np.flatnonzero(fresh)]
    for name in weights:
        network = network_named(name)
        seen = int(network.seen(tested).sum())
        if seen:
            raise UsageError(
                f"{name} was trained on the compositions of {seen} of the {len(tested)} crystals that are tested "
                "and have no like among the others; name weights that saw none of them, or leave settings.weights empty"
            )
        networks.append(network)
        _require_alike(name, network, networks[0], made_up=made_up)
    return networks


def _require_alike(name: str, network: CrystalNetwork, first: CrystalNetwork, *, made_up: bool) -> None:
    """Refuse what Deep InfoMax did not train so, and an encoder or data unlike those of the first."""
    experiment, others = (one.pretrained().facts["experiment"] for one in (network, first))
    objective = experiment["objective"]
    if objective["name"] != "deep-infomax":
        raise UsageError(f"{name} was trained by {objective['name']}, but this figure is about deep-infomax")
    kinds = [kind for kind, weight in objective["false_weights"].items() if weight and kind != "other"]
    if bool(kinds) != made_up:
        wanted, got = ("with" if is_made_up else "without" for is_made_up in (made_up, bool(kinds)))
        raise UsageError(
            f"{name} was trained {got} made-up false samples, but this figure needs networks {wanted} them"
        )
    seen = {part: (experiment[part], others[part]) for part in ("encoders", "data")}
    for part, (mine, its) in seen.items():
        differing = [key for key in mine if key not in ("structures", "labels", "targets") and mine[key] != its[key]]
        if differing:
            raise UsageError(f"{name} differs from the first of the weights in {part}: {', '.join(differing)}")


def untrained(like: CrystalNetwork, seeds: Sequence[int]) -> list[CrystalNetwork]:
    """Networks of the same encoder as they are before training."""
    trained, networks = like.pretrained(), []
    encoder = like.encoder
    for seed in seeds:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            fresh = type(encoder)(**encoder.settings).eval().requires_grad_(False)
        digest = f"untrained {seed} of {trained.digest}"
        networks.append(
            CrystalNetwork.of(
                Pretrained({"crystal": fresh}, trained.objective, trained.seen[:0], trained.facts, digest)
            )
        )
    return networks
