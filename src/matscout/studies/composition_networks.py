"""Encoders of compositions for a study: trained by an experiment, finished elsewhere, or never trained."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import torch
from annotated_types import Ge, MinLen

from matscout.errors import UsageError
from matscout.progress import Progress, silent
from matscout.registry import load_class, plug_ins
from matscout.represent.artefact import Pretrained
from matscout.represent.embedding import make_representation
from matscout.represent.pretrained.composition_network import CompositionNetwork
from matscout.represent.pretraining.configuration import read_experiment
from matscout.represent.pretraining.training import pretrain
from matscout.settings.checking import check_settings
from matscout.studies.composition_tasks import CompositionTasks

CORPUS = {"polysrl": "structures", "infomax_3d": "structures", "graphcl": "formulas", "composition_donor": "formulas"}
"""What the experiments that a study may name learn from."""


@dataclass(frozen=True)
class FinishedWeights:
    """Vectors that were learned elsewhere.

    Parameters
    ----------
    weights
        Folders of artefacts, or names of what is shipped.
    """

    weights: Annotated[tuple[str, ...], MinLen(1)]


@dataclass(frozen=True)
class TrainingRuns:
    """Vectors that are learned by runs of an experiment.

    Parameters
    ----------
    experiment, overrides
        Of ``matscout pretrain``.
    seeds
        How many runs, each with a seed of its own.
    """

    experiment: Literal["polysrl", "infomax_3d", "graphcl", "composition_donor"]
    overrides: tuple[str, ...]
    seeds: Annotated[int, Ge(1)]


@dataclass(frozen=True)
class Method:
    """How vectors are learned: runs of an experiment, one for each seed, or weights that are finished.

    Parameters
    ----------
    name
        In tables.
    experiment, overrides, seeds
        Of ``matscout pretrain``.
    weights
        Folders of artefacts, or names of what is shipped, in place of the experiment.
    """

    name: str
    experiment: str = ""
    overrides: tuple[str, ...] = ()
    seeds: int = 0
    weights: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, section: object) -> Method:
        """From a section of a plan, ``{weights: [...]}`` or ``{experiment: ..., overrides: [...], seeds: ...}``.

        Raises
        ------
        UsageError
            If it is neither, or the experiment is not of compositions, or cannot be changed so.
        ArtefactError
            If weights are missing, damaged, or not of an encoder of compositions.
        """
        if isinstance(section, Mapping) and set(section) == {"weights"}:
            weights = check_settings(FinishedWeights, section, f"methods.{name}").weights
            for one in weights:
                network_called(one).pretrained()
            return cls(name, weights=weights)
        runs = check_settings(TrainingRuns, section, f"methods.{name}")
        made = cls(name, runs.experiment, runs.overrides, runs.seeds)
        read_experiment(runs.experiment, [made._data(Path("data")), *made.overrides])
        return made

    def require(self, tasks: CompositionTasks) -> None:
        """Refuse to train without what is learned from.

        Raises
        ------
        UsageError
            If ``data.structures`` or ``data.labels`` is not given.
        """
        if self.weights:
            return
        if tasks.structures is None:
            raise UsageError(f"{self.name} learns from crystals: give data.structures, or weights")
        if CORPUS[self.experiment] == "formulas" and tasks.labels is None:
            raise UsageError(f"{self.name} learns from formulas with labels: give data.labels, or weights")

    def networks(self, tasks: CompositionTasks, folder: Path, progress: Progress = silent) -> list[CompositionNetwork]:
        """The networks; runs that are finished in ``folder`` are read."""
        if self.weights:
            return [network_called(one) for one in self.weights]
        arrays, formulas = tasks.write_training(folder)
        data = arrays if CORPUS[self.experiment] == "structures" else formulas
        assert data is not None, "require() comes first"
        digest = hashlib.sha256(json.dumps(self.overrides).encode()).hexdigest()[:8]
        networks = []
        for seed in range(self.seeds):
            changes = [self._data(data), *self.overrides, f"seed={seed}"]
            run = folder / f"{self.experiment}-{digest}-{seed}"
            result = pretrain(read_experiment(self.experiment, changes), run, progress)
            networks.append(CompositionNetwork(str(result.artefact)))
        return networks

    def _data(self, path: Path) -> str:
        """The override that names what is learned from, in Hydra's quotes."""
        key = {"structures": "structures", "formulas": "labels"}[CORPUS[self.experiment]]
        quoted = str(path).replace("\\", "\\\\").replace("'", "\\'")
        return f"data.{key}='{quoted}'"


def network_called(name: str) -> CompositionNetwork:
    """A network of compositions by its name or folder.

    Raises
    ------
    UsageError
        If it is a representation of another kind.
    """
    shipped = name in {one.name for one in plug_ins("representations")}
    network = make_representation(name) if shipped else CompositionNetwork(name)
    if not isinstance(network, CompositionNetwork):
        raise UsageError(f"{name} is not a network of compositions; use polysrl or RUN/artefact")
    return network


def untrained(width: int, seeds: Sequence[int]) -> list[CompositionNetwork]:
    """The encoder of PolySRL before training."""
    networks = []
    for seed in seeds:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            fresh = load_class("encoders", "set2set")(width=width, initial_log_variance=None)
        objective = load_class("objectives", "nt-xent")({"composition": width})
        made = Pretrained(
            {"composition": fresh.eval().requires_grad_(False)},
            objective,
            np.zeros(0, dtype=np.uint64),
            {},
            f"untrained {width} {seed}",
        )
        networks.append(CompositionNetwork.of(made))
    return networks
