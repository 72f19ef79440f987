"""One model on one division of a set of reactions, stored with all it said."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jobs import Job
from yield_tasks import DIVISIONS, SETS, Division

from matscout.data.files import atomic_write
from matscout.predict.base import Predictions
from matscout.predict.fitting import make_model
from matscout.predict.models.uam import Uam

LEVEL = 0.9


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
        start = time.process_time()
        model = make_model(self.model, metric="rmse").fit(dataset[division.train])
        fitted = time.process_time()
        tested = dataset.materials[division.test]
        said = model.predict(tested, LEVEL)
        assert isinstance(said, Predictions)
        doubt = vars(model.uncertainty(tested)) if isinstance(model, Uam) else {}
        with atomic_write(self.path(folder)) as unfinished, unfinished.open("wb") as file:
            np.savez_compressed(
                file,
                truth=dataset.target().values[division.test],
                predicted=said.predicted,
                std=said.std,
                lower=said.lower,
                upper=said.upper,
                in_domain=said.in_domain,
                seconds=np.array([fitted - start, time.process_time() - fitted]),
                n_train=len(division.train),
                **doubt,
            )


def scores(path: Path) -> dict[str, Any]:
    """Errors in percent yield, coverage and width of the 90 % intervals, and seconds, of a stored cell."""
    with np.load(path, allow_pickle=False) as stored:
        truth, predicted = stored["truth"], stored["predicted"]
        errors, away = truth - predicted, truth - truth.mean()
        return {
            "mae": float(np.abs(errors).mean()),
            "rmse": float(np.sqrt(np.square(errors).mean())),
            "r2": float(1 - np.square(errors).sum() / np.square(away).sum()),
            "coverage": float(((stored["lower"] <= truth) & (truth <= stored["upper"])).mean()),
            "width": float((stored["upper"] - stored["lower"]).mean()),
            "in_domain": float(stored["in_domain"].mean()),
            "n_test": len(truth),
            "n_train": int(stored["n_train"]),
            "seconds": [float(value) for value in stored["seconds"]],
        }
