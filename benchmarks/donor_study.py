"""What of a donor carries: donors trained here on parts of the labels, judged by one cheap forest on few labels."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars
from donor_judges import BASE, against_base, are_judged, missing_cells, n_draws
from jobs import Job
from peers import Forest
from tasks import Benchmark

from matscout.data.files import atomic_write
from matscout.represent.base import Representation
from matscout.represent.pretrained.composition_donor import CompositionDonor
from matscout.represent.pretraining.configuration import Experiment, read_experiment
from matscout.represent.pretraining.run_folder import RunFolder
from matscout.represent.pretraining.training import pretrain

PARTS = ("vector", "properties", "all")
"""Columns of a donor: its embedding, the properties it predicts, or both."""

ENERGY = "PBE formation energy (eV/atom)"
THREE = (ENERGY, "PBE band gap (eV)", "volume (Å³/atom)")

FEWEST_LABELS = 100
"""A property with fewer labels in a sample is left out of it."""

FORMULAS_PER_SECOND = 2500
"""What one thread trains, roughly: turns minutes into epochs, so that every learning rate comes to its end."""

MOST_EPOCHS = 100


@dataclass(frozen=True)
class Donor:
    """One donor of the study.

    Parameters
    ----------
    name
        For the table.
    formulas
        How many, drawn at random (a smaller sample is a part of a larger one); None for all.
    properties
        The columns that are learnt; None for all.
    holding
        Only formulas with a label of this column are drawn from.
    trained
        False leaves the network as it was made: a learning rate of zero.
    """

    name: str
    formulas: int | None = None
    properties: tuple[str, ...] | None = None
    holding: str | None = None
    trained: bool = True


DONORS = (
    Donor("untrained network", formulas=5000, trained=False),
    Donor("5,000 formulas", formulas=5000),
    Donor("20,000 formulas", formulas=20_000),
    Donor("80,000 formulas", formulas=80_000),
    Donor("all formulas"),
    Donor("formulas with a formation energy: it alone", properties=(ENERGY,), holding=ENERGY),
    Donor("the same formulas: also band gap and volume", properties=THREE, holding=ENERGY),
    Donor("the same formulas: all properties", holding=ENERGY),
)


@dataclass(frozen=True)
class Budget:
    """Where the labels lie, and how long each donor may learn, in minutes of one thread."""

    labels: Path
    minutes: float

    def epochs(self, n: int) -> int:
        """Epochs over n formulas."""
        return int(np.clip(round(60 * self.minutes * FORMULAS_PER_SECOND / n), 1, MOST_EPOCHS))


def sample(table: polars.DataFrame, donor: Donor) -> polars.DataFrame:
    """The labels that a donor learns from: formulas that have any, properties that have enough."""
    order = np.random.default_rng(0).permutation(len(table))
    names = list(donor.properties or (name for name in table.columns if name != "formula"))
    known = polars.any_horizontal(polars.col(name).is_not_null() for name in names)
    kept = table[order].filter(known if donor.holding is None else polars.col(donor.holding).is_not_null())
    kept = kept.head(donor.formulas) if donor.formulas is not None else kept
    return kept.select("formula", *(name for name in names if kept[name].count() >= FEWEST_LABELS))


@dataclass(frozen=True)
class TrainedDonor:
    """A donor with its budget; its folder is named by all that decides its weights, but for the code.

    Code is left out because training takes long: remove ``benchmarks/cells/donors`` after a change of it.
    """

    donor: Donor
    budget: Budget

    @property
    def digest(self) -> str:
        """SHA-256 of labels, settings and experiment (hexadecimal)."""
        labels = hashlib.sha256(self.budget.labels.read_bytes()).hexdigest()
        settings = asdict(self.donor) | {"name": "", "minutes": self.budget.minutes}
        experiment = read_experiment("composition_donor", ["data.labels=labels"]).text
        return hashlib.sha256(json.dumps([labels, settings, experiment]).encode()).hexdigest()

    def run_folder(self, folder: Path) -> RunFolder:
        """Where it is trained."""
        return RunFolder(folder / "donors" / self.digest[:16])

    def experiment(self, labels: Path, n: int) -> Experiment:
        """The package's experiment on n formulas, for as many epochs as the budget allows."""
        changed = [f"data.labels={labels}", f"trainer.epochs={self.budget.epochs(n) if self.donor.trained else 1}"]
        return read_experiment("composition_donor", changed + ([] if self.donor.trained else [UNTRAINED]))

    def forest(self, part: str, folder: Path) -> DonorForest:
        """The judge on descriptors and one part of this donor's columns."""
        name = f"{BASE.name}, donor {self.digest[:16]} {part}"
        return DonorForest(name, BASE.columns, self.run_folder(folder).artefact, part)


UNTRAINED = "optimiser.learning_rate=0.0"


@dataclass(frozen=True)
class DonorForest(Forest):
    """The judge with the columns of a donor from a folder."""

    weights: Path
    part: str

    def representations(self) -> list[Representation]:
        return [*super().representations(), CompositionDonor(weights=str(self.weights), part=self.part)]


@dataclass(frozen=True)
class TrainingJob(Job):
    """Training of one donor; goes on where it was interrupted."""

    trained: TrainedDonor

    @property
    def name(self) -> str:
        return f"donor trained: {self.trained.donor.name}"

    def make(self, folder: Path) -> None:
        run = self.trained.run_folder(folder)
        labels = sample(polars.read_parquet(self.trained.budget.labels), self.trained.donor)
        path = run.path.with_suffix(".parquet")
        with atomic_write(path) as unfinished:
            labels.write_parquet(unfinished)
        pretrain(self.trained.experiment(path, len(labels)), run.path)


def training_jobs(budget: Budget, folder: Path) -> Iterator[Job]:
    """The donors that are not trained yet, small ones first."""
    for donor in DONORS:
        trained = TrainedDonor(donor, budget)
        if not trained.run_folder(folder).finished:
            yield TrainingJob(trained)


def forests(budget: Budget, folder: Path) -> dict[str, dict[str, DonorForest]]:
    """Name of a donor -> part -> judge."""
    return {donor.name: {part: TrainedDonor(donor, budget).forest(part, folder) for part in PARTS} for donor in DONORS}


def judging_jobs(tasks: Sequence[Benchmark], budget: Budget, folder: Path) -> Iterator[Job]:
    """Cells of all judges that are not stored yet."""
    judges = [BASE, *(forest for parts in forests(budget, folder).values() for forest in parts.values())]
    yield from missing_cells(tasks, judges, folder)


def donors_part(tasks: Sequence[Benchmark], budget: Budget, folder: Path) -> dict[str, Any]:
    """A record of every donor that is trained and judged on all the tasks."""
    judges = forests(budget, folder)
    done = [donor for donor in DONORS if are_judged(tasks, list(judges[donor.name].values()), folder)]
    return {
        "minutes": budget.minutes,
        "labels": {budget.labels.name: hashlib.sha256(budget.labels.read_bytes()).hexdigest()},
        "tasks": [task.name for task in tasks],
        "draws": n_draws(tasks),
        "unfinished": [donor.name for donor in DONORS if donor not in done],
        "donors": [_donor_record(TrainedDonor(donor, budget), judges[donor.name], tasks, folder) for donor in done],
    }


def _donor_record(
    trained: TrainedDonor, judges: dict[str, DonorForest], tasks: Sequence[Benchmark], folder: Path
) -> dict[str, Any]:
    run = trained.run_folder(folder)
    labels = polars.read_parquet(run.path.with_suffix(".parquet"))
    result = run.read_record()["result"]
    return {
        "name": trained.donor.name,
        "formulas": len(labels),
        "properties": labels.width - 1,
        "epochs": result["epochs"],
        "minutes": result["seconds"] / 60,
        "validation_loss": result["values"]["validation loss"],
        "parts": {part: against_base(tasks, forest, folder) for part, forest in judges.items()},
    }
