"""One model on one division of a set of reactions, and what it said, in numbers."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yield_baseline
import yield_rival
from ledger import Measured
from numpy.typing import NDArray
from yield_tasks import DIVISIONS, SETS, Division
from yield_uncertainty import doubt, scatter_of_repeats

from matscout.data.dataset import Dataset
from matscout.predict.base import Predictions
from matscout.predict.fitting import make_model
from matscout.predict.models.uam import Uam

Array = NDArray[Any]

LEVELS = (0.5, 0.68, 0.8, 0.9, 0.95)
SHOWN = LEVELS.index(0.9)
ABLATIONS = (
    "uam/whole",
    *(f"uam/without-{what}" for what in ("variance", "balance", "experts", "smiles", "graph", "descriptors")),
)
FAST = ("pretraining", "repeats")
"""Parts with the fast settings that ablations have: 50 epochs, three networks that judge, and one that predicts."""
CLME = "uam=clme"
"""UAM from the weights that ``yields.py`` pretrains without yields."""
PRETRAINED = "clme"
GROUPED = " by additive"
"""Behind a model's name: it is told that reactions with one additive belong together, as new ones are asked for."""


@dataclass(frozen=True)
class Cell(Measured):
    """A model by its address on a division by its names and the mark of its rows."""

    part: str
    of: str
    division: str
    model: str
    rows: str

    @property
    def fast(self) -> bool:
        """Whether the model has its fast settings."""
        return self.model in ABLATIONS or self.part in FAST

    @property
    def name(self) -> str:
        return f"{self.part}: {self.of}, {self.division} ({self.rows}), {self.model}{', fast' * self.fast}"

    def found(self) -> Division:
        """The rows."""
        every = DIVISIONS[self.part]()
        return next(one for one in every if (one.of, one.name) == (self.of, self.division))

    def measure(self, folder: Path) -> dict[str, Any]:
        """Errors in percent yield, coverage and width of 90 % intervals (None without), seconds; of UAM its doubt."""
        dataset, division = SETS[self.of].load(), self.found()
        told = self._told(dataset, division, folder)
        truth = dataset.target().values[division.test]
        names = {"part": self.part, "of": self.of, "kind": division.kind, "split": division.name, "model": self.model}
        found = {**names, **scores(truth, told), "n_train": len(division.train)}
        if "aleatoric" in told:
            found["doubt"] = doubt(truth, told, LEVELS)
        if self.part == "repeats":
            found["repeats"] = scatter_of_repeats(dataset[division.test])
        return found

    def _told(self, dataset: Dataset, division: Division, folder: Path) -> dict[str, Array]:
        if self.model == yield_baseline.NAME:
            return yield_baseline.mean_of_the_rest(dataset, division.train, division.test)
        if self.model == yield_rival.NAME:
            return self._rival(dataset, division)
        return self._ours(dataset, division, folder)

    def _ours(self, dataset: Dataset, division: Division, folder: Path) -> dict[str, Array]:
        address = self.model.removesuffix(GROUPED).replace(f"={PRETRAINED}", f"={folder / PRETRAINED / 'artefact'}")
        if self.model.endswith(GROUPED):
            assert dataset.materials.reactions is not None
            dataset = replace(dataset, groups=dataset.materials.reactions.cells()["additive"])
        start = time.process_time()
        model = make_model(address, metric="rmse", fast=self.fast).fit(dataset[division.train])
        fitted = time.process_time()
        tested = dataset.materials[division.test]
        units = division.train if dataset.groups is None else np.unique(dataset.groups[division.train])
        levels = [level for level in LEVELS if 1 / (1 - level) - 1 <= len(units)]
        said = [one for one in model.predict_at(tested, levels) if isinstance(one, Predictions)]
        done = time.process_time()
        doubt = vars(model.predictor.uncertainty(tested)) if isinstance(model.predictor, Uam) else {}
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


def scores(truth: Array, told: Mapping[str, Array]) -> dict[str, Any]:
    """Of one cell."""
    errors, away = truth - told["predicted"], truth - truth.mean()
    return {
        "mae": float(np.abs(errors).mean()),
        "rmse": float(np.sqrt(np.square(errors).mean())),
        "r2": float(1 - np.square(errors).sum() / np.square(away).sum()),
        **_of_intervals(told, truth),
        "n_test": len(truth),
        "seconds": [float(value) for value in told["seconds"]],
    }


def _of_intervals(told: Mapping[str, Array], truth: Array) -> dict[str, float | None]:
    if "lower" not in told or len(told["lower"]) <= SHOWN:
        return {"coverage": None, "width": None, "in_domain": None}
    lower, upper = told["lower"][SHOWN], told["upper"][SHOWN]
    return {
        "coverage": float(((lower <= truth) & (truth <= upper)).mean()),
        "width": float((upper - lower).mean()),
        "in_domain": float(told["in_domain"].mean()),
    }
