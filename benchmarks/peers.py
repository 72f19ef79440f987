"""Peers beside us in the same run, which give numbers and no intervals, with a store for their cells.

The forest is scikit-learn's ExtraTrees as everybody uses it, on matminer's Magpie columns: no bootstrap, 400 trees,
default features per split; mean and median over trees. It is here so that our own tree baseline (which bootstraps to
have out-of-bag intervals) cannot make the ratio look better. On more columns it is a cheap judge of what these are
worth.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

from matscout.data.dataset import Dataset
from matscout.data.files import atomic_write
from matscout.evaluation.base import Split
from matscout.evaluation.cells import ModelSettings, cell_key
from matscout.evaluation.grid import Grid
from matscout.represent.base import Representation
from matscout.represent.embedding import make_representation

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PeerCell:
    """Predictions for the test rows of one split; for classes both are the probability of the second class."""

    mean: Floats
    median: Floats


@dataclass(frozen=True)
class Peer(ABC):
    """Something that learns from the training rows of a split and predicts the others; ``name`` names its cells."""

    name: str

    @abstractmethod
    def fit_and_predict(self, dataset: Dataset, target: str, split: Split) -> PeerCell:
        """Predictions for the test rows."""

    def path(self, grid: Grid, split: Split, folder: Path) -> Path:
        """The file of one cell."""
        return folder / f"{cell_key(self.name, grid.digest, split, ModelSettings(self.name), grid.level)}.npz"

    def cell(self, grid: Grid, split: Split, folder: Path) -> PeerCell:
        """The predictions, from the store if they are there."""
        path = self.path(grid, split, folder)
        if not path.is_file():
            made = self.fit_and_predict(grid.dataset, grid.target, split)
            with atomic_write(path) as unfinished:
                np.savez_compressed(unfinished, mean=made.mean, median=made.median)
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return PeerCell(arrays["mean"], arrays["median"])


@dataclass(frozen=True)
class Forest(Peer):
    """scikit-learn's ExtraTrees on the joined columns of some representations."""

    columns: tuple[str, ...]

    def representations(self) -> list[Representation]:
        """What makes the columns."""
        return [make_representation(address) for address in self.columns]

    def fit_and_predict(self, dataset: Dataset, target: str, split: Split) -> PeerCell:
        """With the medians of the training rows in place of blanks."""
        train, test = (self.vectors(dataset, rows) for rows in (split.train, split.test))
        medians = np.nanmedian(train, axis=0)
        train, test = (np.where(np.isnan(vectors), medians, vectors) for vectors in (train, test))
        values = dataset.target(target).values[split.train]
        if dataset.target(target).task == "classification":
            classifier = ExtraTreesClassifier(400, random_state=0, n_jobs=2).fit(train, values)
            chance = classifier.predict_proba(test)[:, 1]
            return PeerCell(chance, chance)
        forest = ExtraTreesRegressor(400, random_state=0, n_jobs=2).fit(train, values)
        single = test.astype(np.float32)
        trees = np.stack([tree.predict(single, check_input=False) for tree in forest.estimators_])
        return PeerCell(trees.mean(axis=0), np.median(trees, axis=0))

    def vectors(self, dataset: Dataset, rows: NDArray[np.int64]) -> Floats:
        """All columns of these rows [n, d]; blank where a material cannot be represented."""
        materials, blocks = dataset.materials[rows], []
        for representation in self.representations():
            embedding = representation.represent(materials)
            block = np.full((len(materials), len(embedding.columns)), np.nan)
            block[embedding.rows] = embedding.vectors
            blocks.append(block)
        return np.concatenate(blocks, axis=1)


PEER = Forest("scikit-learn ExtraTrees", ("magpie",))
