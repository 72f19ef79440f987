"""A peer beside us in the same run: scikit-learn's ExtraTrees as everybody uses it, on matminer's Magpie columns.

No bootstrap, 400 trees, default features per split; mean and median over trees. It has no intervals. It is here so
that our own tree baseline (which bootstraps to have out-of-bag intervals) cannot make the ratio look better.
"""

from __future__ import annotations

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
from matscout.represent.embedding import embed

PEER = ModelSettings("scikit-learn ExtraTrees")


@dataclass(frozen=True, eq=False)
class PeerCell:
    """Predictions for the test rows of one split; for classes both are the probability of the second class."""

    mean: NDArray[np.float64]
    median: NDArray[np.float64]


def peer_cell(grid: Grid, split: Split, folder: Path) -> PeerCell:
    """The forest's predictions, from the store if they are there."""
    path = peer_path(grid, split, folder)
    if not path.is_file():
        made = _fit_and_predict(grid.dataset, grid.target, split)
        with atomic_write(path) as unfinished:
            np.savez_compressed(unfinished, mean=made.mean, median=made.median)
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return PeerCell(arrays["mean"], arrays["median"])


def peer_path(grid: Grid, split: Split, folder: Path) -> Path:
    """The file of one cell."""
    return folder / f"{cell_key(grid.digest, split, PEER, grid.level)}.npz"


def _fit_and_predict(dataset: Dataset, target: str, split: Split) -> PeerCell:
    vectors = embed(dataset.materials, "magpie").vectors
    medians = np.nanmedian(vectors[split.train], axis=0)
    vectors = np.where(np.isnan(vectors), medians, vectors)
    values = dataset.target(target).values
    if dataset.target(target).task == "classification":
        classifier = ExtraTreesClassifier(400, random_state=0, n_jobs=2).fit(vectors[split.train], values[split.train])
        chance = classifier.predict_proba(vectors[split.test])[:, 1]
        return PeerCell(chance, chance)
    forest = ExtraTreesRegressor(400, random_state=0, n_jobs=2).fit(vectors[split.train], values[split.train])
    single = vectors[split.test].astype(np.float32)
    trees = np.stack([tree.predict(single, check_input=False) for tree in forest.estimators_])
    return PeerCell(trees.mean(axis=0), np.median(trees, axis=0))
