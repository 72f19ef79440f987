"""Our encoders of compositions beside the published CrabNet and Roost: the same splits, from random weights."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars
import torch
from data_folder import data_folder
from jobs import Job
from networks import LabelledRows, Lesson, predict, train

from matscout import registry
from matscout.data.files import write_text_whole
from matscout.data.formulas import parse_formulas
from matscout.data.materials import Materials
from matscout.evaluation.code import code_digest
from matscout.represent.objectives.multi_task import MultiTask
from matscout.represent.pretraining.stages import TrainingStage

SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class Published:
    """Errors on the test part, from the authors' own table."""

    task: str
    unit: str
    crabnet: float
    roost: float
    random_forest: float


SOURCE = (
    "metrics/all_metrics.csv of github.com/anthony-wang/CrabNet (commit 7436ccd), the table of "
    "doi:10.1038/s41524-021-00545-1"
)
PUBLISHED = (
    Published("aflow__ael_bulk_modulus_vrh", "GPa", 8.6918, 8.8200, 11.9072),
    Published("aflow__ael_debye_temperature", "K", 33.4636, 37.1672, 36.4842),
    Published("aflow__ael_shear_modulus_vrh", "GPa", 9.0820, 9.9827, 10.0940),
    Published("mp_bulk_modulus", "GPa", 11.2088, 11.3947, 14.3575),
)
"""Tasks of 4,900 to 6,300 formulas: what two cores train in minutes."""

ENCODERS = {"set-transformer": {"width": 128, "layers": 3}, "weighted-attention": {"width": 128, "layers": 3}}
STAGE = TrainingStage(
    encoder_moves=True, learning_rate=1e-3, epochs=150, patience=40, batch_size=64, average_decay=0.999
)
SEEDS = (0, 1, 2)


@dataclass(frozen=True)
class EncoderJob(Job):
    """One encoder on one task: trained on its training part, stopped by its validation part."""

    published: Published
    encoder: str
    seed: int

    @property
    def name(self) -> str:
        return f"{self.published.task}, {self.encoder}, seed {self.seed}"

    def path(self, folder: Path) -> Path:
        """Where its result lies; named by all that decides it."""
        settings = [code_digest(), self.published.task, self.encoder, ENCODERS[self.encoder], asdict(STAGE), self.seed]
        settings += [hashlib.sha256(_file(self.published.task, split).read_bytes()).hexdigest() for split in SPLITS]
        return folder / "encoders" / f"{hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:32]}.json"

    def make(self, folder: Path) -> None:
        parts = [_read(self.published.task, split) for split in SPLITS]
        sizes = np.cumsum([len(materials) for materials, _ in parts])
        materials = Materials.from_formulas([formula for part, _ in parts for formula in part.formulas])
        values = np.concatenate([values for _, values in parts])
        corpus = LabelledRows(materials, values)
        lesson = Lesson(corpus, np.arange(sizes[0]), np.arange(sizes[0], sizes[1]), self.seed)
        with torch.random.fork_rng():
            torch.manual_seed(self.seed)
            encoder = registry.load_class("encoders", self.encoder)(**ENCODERS[self.encoder])
            objective = MultiTask.for_corpus(corpus, lesson.learn, {"composition": encoder.width})
            network = train(STAGE, encoder, objective, lesson)
        errors = np.abs(predict(network, materials[np.arange(sizes[1], sizes[2])]) - values[sizes[1] :])
        write_text_whole(self.path(folder), json.dumps({"mae": float(errors.mean()), "n": len(errors)}) + "\n")


def encoder_jobs(folder: Path) -> Iterator[EncoderJob]:
    """What is not stored yet."""
    yield from (job for job in _all_jobs() if not job.path(folder).is_file())


def encoders_part(folder: Path) -> dict[str, Any]:
    """A record of each task whose networks are all trained."""
    missing = {job.published.task for job in encoder_jobs(folder)}
    done = [published for published in PUBLISHED if published.task not in missing]
    return {
        "source": SOURCE,
        "seeds": len(SEEDS),
        "settings": ENCODERS,
        "unfinished": sorted(missing),
        "tasks": [asdict(published) | {"errors": _errors(published, folder)} for published in done],
    }


def _errors(published: Published, folder: Path) -> dict[str, list[float]]:
    return {
        encoder: [
            json.loads(EncoderJob(published, encoder, seed).path(folder).read_text(encoding="utf-8"))["mae"]
            for seed in SEEDS
        ]
        for encoder in ENCODERS
    }


def _all_jobs() -> Sequence[EncoderJob]:
    return [EncoderJob(published, encoder, seed) for seed in SEEDS for published in PUBLISHED for encoder in ENCODERS]


def _file(task: str, split: str) -> Path:
    return data_folder() / "composition_benchmarks" / task / f"{split}.csv.gz"


def _read(task: str, split: str) -> tuple[Materials, np.ndarray]:
    table = polars.read_csv(_file(task, split), schema_overrides={"formula": polars.String})
    parsed = parse_formulas(table["formula"].to_list())
    rows = parsed.rows
    formulas = table["formula"].to_numpy()[rows]
    return Materials.from_formulas(formulas.tolist()), table["target"].to_numpy()[rows].astype(np.float64)
