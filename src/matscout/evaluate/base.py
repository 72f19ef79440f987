"""The nouns of evaluation: a split, a protocol, out-of-fold predictions, the result."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset, Target
from matscout.predict.base import AnyPredictions


@dataclass(frozen=True, eq=False)
class Split:
    """Training and test rows (int64 positions in the data set) of one cell of a comparison."""

    name: str
    train: NDArray[np.int64]
    test: NDArray[np.int64]


class Protocol(ABC):
    """A way to divide labelled rows into training and test; one file in ``evaluate/protocols`` each."""

    @property
    def name(self) -> str:
        """The plug-in name: the file name with hyphens."""
        return type(self).__module__.rsplit(".", 1)[1].replace("_", "-")

    @abstractmethod
    def splits(self, dataset: Dataset, target: str, seed: int) -> Iterator[Split]:
        """The splits over the rows in which ``target`` is known; equal seeds give equal splits."""


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """Predictions for rows that the model had not seen in training.

    Parameters
    ----------
    rows
        int64 [t], positions in the data set (a row comes once per repeat of the protocol).
    splits
        text [t], the name of the split that each prediction belongs to.
    predictions
        t predictions, in the same order.
    """

    rows: NDArray[np.int64]
    splits: NDArray[np.str_]
    predictions: AnyPredictions


@dataclass(frozen=True)
class FoldScore:
    """Scores of one model on the test rows of one split; ``seconds`` is wall time of fitting and predicting."""

    model: str
    split: str
    n_train: int
    n_test: int
    scores: Mapping[str, float]
    seconds: float


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A model beside its baselines on the same splits.

    Parameters
    ----------
    target
        The measured values of the n labelled rows of the data set.
    protocol
        What was done, in words with its settings: ``"kfold, 5 folds, seed 0"``.
    level
        Nominal coverage of the intervals.
    model
        Name of the model under test; every other key of ``scores`` is a baseline.
    scores
        Model name -> metric -> value pooled over all out-of-fold predictions ("mae", "rmse", "r2", "pearson", "median_error",
        "trimean_error", "coverage", "width", "winkler", "worst_group_coverage", ...; classes: "balanced_accuracy", ...).
    out_of_fold
        Model name -> predictions on unseen rows.
    folds
        One entry per model and split.
    seconds
        Wall time of the whole comparison.
    """

    target: Target
    protocol: str
    level: float
    model: str
    scores: Mapping[str, Mapping[str, float]]
    out_of_fold: Mapping[str, OutOfFold]
    folds: tuple[FoldScore, ...]
    seconds: float

    @property
    def n(self) -> int:
        """Number of labelled rows."""
        return int(self.target.known.sum())
