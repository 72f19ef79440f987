"""One model on one division of a set of reactions, stored with all it said."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yield_rival
from jobs import Job
from numpy.typing import NDArray
from yield_tasks import DIVISIONS, SETS, Division

from matscout.code_digest import digest_of_code
from matscout.data.dataset import Dataset
from matscout.data.files import atomic_write
from matscout.predict.base import Predictions
from matscout.predict.fitting import make_model
from matscout.predict.models.uam import Uam

Array = NDArray[Any]

CODE = ("data", "represent", "predict")
"""Rooms whose code decides what a cell says."""
LEVELS = (0.5, 0.68, 0.8, 0.9, 0.95)
SHOWN = LEVELS.index(0.9)
ABLATIONS = (
    "uam/whole",
    *(f"uam/without-{what}" for what in ("variance", "balance", "experts", "smiles", "graph", "descriptors")),
)
"""With fast settings: 50 epochs, three networks that judge, and one, of all rows, that predicts."""
CLME = "uam=clme"
"""UAM from the weights that ``yields.py`` pretrains without yields."""
PRETRAINED = "clme"
GROUPED = " by additive"
"""Behind a model's name: it is told that reactions with one additive belong together, as new ones are asked for."""


@dataclass(frozen=True)
class Cell(Job):
    """A model by its address on a division by its names."""

    part: str
    of: str
    division: str
    model: str

    @property
    def name(self) -> str:
        return f"{self.of}, {self.division}, {self.model}"

    def path(self, folder: Path) -> Path:
        """Where it is stored."""
        told = f"{self.part} {self.name}"
        return folder / f"{self.part}-{hashlib.sha256(told.encode()).hexdigest()[:20]}.npz"

    def found(self) -> Division:
        """The rows."""
        every = DIVISIONS[self.part]()
        return next(one for one in every if (one.of, one.name) == (self.of, self.division))

    def make(self, folder: Path) -> None:
        dataset, division = SETS[self.of].load(), self.found()
        told = (
            self._rival(dataset, division) if self.model == yield_rival.NAME else self._ours(dataset, division, folder)
        )
        with atomic_write(self.path(folder)) as unfinished, unfinished.open("wb") as file:
            np.savez_compressed(
                file,
                truth=dataset.target().values[division.test],
                n_train=len(division.train),
                code=digest_of_code(CODE),
                **told,
            )

    def _ours(self, dataset: Dataset, division: Division, folder: Path) -> dict[str, Array]:
        address = self.model.removesuffix(GROUPED).replace(f"={PRETRAINED}", f"={folder / PRETRAINED / 'artefact'}")
        if self.model.endswith(GROUPED):
            assert dataset.materials.reactions is not None
            dataset = replace(dataset, groups=dataset.materials.reactions.cells()["additive"])
        start = time.process_time()
        model = make_model(address, metric="rmse", fast=self.model in ABLATIONS).fit(dataset[division.train])
        fitted = time.process_time()
        tested = dataset.materials[division.test]
        units = division.train if dataset.groups is None else np.unique(dataset.groups[division.train])
        levels = [level for level in LEVELS if 1 / (1 - level) - 1 <= len(units)]
        said = [one for one in model.predict_at(tested, levels) if isinstance(one, Predictions)]
        done = time.process_time()
        doubt = vars(model.uncertainty(tested)) if isinstance(model, Uam) else {}
        return {
            "predicted": said[0].predicted,
            "std": said[0].std,
            "lower": np.stack([one.lower for one in said]),
            "upper": np.stack([one.upper for one in said]),
            "in_domain": said[0].in_domain,
            "seconds": np.array([fitted - start, done - fitted]),
            **doubt,
        }

    @staticmethod
    def _rival(dataset: Dataset, division: Division) -> dict[str, Array]:
        """A prediction and no interval."""
        rival = yield_rival.Chemprop(dataset)
        start = time.process_time()
        network = rival.fit(division.train)
        fitted = time.process_time()
        predicted = rival.predict(network, division.test)
        return {"predicted": predicted, "seconds": np.array([fitted - start, time.process_time() - fitted])}


def codes(folder: Path) -> dict[str, int]:
    """Digest of the code -> how many of the stored cells it has made; "" where a cell does not say."""
    found: dict[str, int] = {}
    for path in sorted(folder.glob("*.npz")):
        with np.load(path, allow_pickle=False) as stored:
            told = str(stored["code"])[:16] if "code" in stored else ""
        found[told] = found.get(told, 0) + 1
    return found


def scores(path: Path) -> dict[str, Any]:
    """Errors in percent yield, coverage and width of the 90 % intervals (None without), and seconds."""
    with np.load(path, allow_pickle=False) as stored:
        truth, predicted = stored["truth"], stored["predicted"]
        errors, away = truth - predicted, truth - truth.mean()
        return {
            "mae": float(np.abs(errors).mean()),
            "rmse": float(np.sqrt(np.square(errors).mean())),
            "r2": float(1 - np.square(errors).sum() / np.square(away).sum()),
            **_of_intervals(stored, truth),
            "n_test": len(truth),
            "n_train": int(stored["n_train"]),
            "seconds": [float(value) for value in stored["seconds"]],
        }


def _of_intervals(stored: Mapping[str, Array], truth: Array) -> dict[str, float | None]:
    if "lower" not in stored or len(stored["lower"]) <= SHOWN:
        return {"coverage": None, "width": None, "in_domain": None}
    lower, upper = stored["lower"][SHOWN], stored["upper"][SHOWN]
    return {
        "coverage": float(((lower <= truth) & (truth <= upper)).mean()),
        "width": float((upper - lower).mean()),
        "in_domain": float(stored["in_domain"].mean()),
    }
