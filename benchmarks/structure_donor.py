"""A donor without any formula of the structure tasks, trained here: the shipped strict one has seen many of them.

matscout finds it and the model that uses it as it finds all plug-ins of other packages, by entry points (those of
``matscout_benchmarks-0.dist-info`` beside this file).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars
from jobs import CELLS, Job

from matscout.data.dataset import Dataset
from matscout.data.files import atomic_write
from matscout.data.formulas import parse_formulas
from matscout.predict.base import Metric
from matscout.predict.models.auto import Auto
from matscout.represent.donor_representation import DonorRepresentation
from matscout.represent.pretraining.configuration import read_experiment
from matscout.represent.pretraining.run_folder import RunFolder
from matscout.represent.pretraining.training import pretrain
from matscout.represent.seen import are_seen, marks

RUN = RunFolder(CELLS / "donor-for-structures")
"""Remove it to train anew, after a change of the experiment ``composition_donor`` or of the tasks."""


class DonorForStructures(DonorRepresentation):
    """No formula of a structure task was seen."""

    @classmethod
    def missing(cls) -> str:
        """Nothing, once it is trained."""
        return "" if RUN.finished else "training: python benchmarks/structures.py"

    @property
    def folder(self) -> Path:
        """Where the weights are read from."""
        return RUN.artefact


class AutoForStructures(Auto):
    """``auto`` with that donor."""

    def __init__(self, *, metric: Metric = "mae", fast: bool = False, seed: int = 0) -> None:
        super().__init__(metric=metric, fast=fast, seed=seed, donor="donor-for-structures")


class AutoSimulatedWithoutDonor(Auto):
    """``auto`` with simulations and without a donor, to see what they alone add."""

    def __init__(self, *, metric: Metric = "mae", fast: bool = False, seed: int = 0) -> None:
        super().__init__(metric=metric, fast=fast, seed=seed, donor=None, simulate=True)


class TrainingJob(Job):
    """Training of the donor; goes on where it was interrupted."""

    def __init__(self, labels: Path, tasks: Sequence[Dataset]) -> None:
        self.labels = labels
        self.taken = np.unique(np.concatenate([marks(task.materials.compositions) for task in tasks]))

    @property
    def name(self) -> str:
        return "donor trained"

    def make(self, folder: Path) -> None:
        """Labels without the formulas of the tasks, then the package's experiment on them."""
        table = polars.read_parquet(self.labels)
        compositions = parse_formulas(table["formula"].to_list()).compositions
        path = RUN.path.with_suffix(".parquet")
        with atomic_write(path) as unfinished:
            table.filter(~are_seen(marks(compositions), self.taken)).write_parquet(unfinished)
        pretrain(read_experiment("composition_donor", [f"data.labels={path}"]), RUN.path)
