"""The nouns of evaluation: a split, a protocol, out-of-fold predictions, the result."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset, Target
from matscout.errors import UsageError
from matscout.predict.base import Answer
from matscout.registry import name_of
from matscout.shown import ShownTable, named_few

if TYPE_CHECKING:
    import polars


@dataclass(frozen=True)
class ProtocolOptions:
    """Settings that protocols understand.

    Parameters
    ----------
    n_folds
        Number of folds, clusters or time steps.
    repeats
        How many times the whole division is drawn anew.
    n_labels
        Sizes of the training sets in ``masked``; empty for the usual ones.
    folds, time
        Column that holds the fold (``given``) or the time (``time``) of each row.
    """

    n_folds: int = 5
    repeats: int = 1
    n_labels: tuple[int, ...] = ()
    folds: str | None = None
    time: str | None = None

    def __post_init__(self) -> None:
        if self.n_folds < 2:
            raise UsageError(f"n_folds is {self.n_folds}; a comparison needs at least 2 folds")
        if self.repeats < 1:
            raise UsageError(f"repeats is {self.repeats}; it must be at least 1")
        if any(size < 2 for size in self.n_labels):
            raise UsageError(f"n_labels is {list(self.n_labels)}; every training set needs at least 2 labels")


@dataclass(frozen=True, eq=False)
class Split:
    """Training and test rows (int64 positions in the data set) of one cell of a comparison."""

    name: str
    train: NDArray[np.int64]
    test: NDArray[np.int64]


class Protocol(ABC):
    """A way to divide labelled rows into training and test; one file in ``evaluation/protocols`` each.

    Parameters
    ----------
    options
        Settings of every protocol; each reads those named in its ``uses``.
    """

    uses: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, options: ProtocolOptions) -> None:
        self.options = options

    @property
    def name(self) -> str:
        """The plug-in name: the file name with hyphens, or that of an entry point."""
        return name_of(type(self))

    @property
    @abstractmethod
    def settings(self) -> str:
        """What is done, in words with its numbers: ``"5 folds"``."""

    @abstractmethod
    def splits(self, dataset: Dataset, target: str, seed: int) -> Iterator[Split]:
        """The splits over the rows in which ``target`` is known; equal seeds give equal splits.

        Raises
        ------
        UsageError
            If the rows, groups or columns do not allow what the options ask for.
        """

    def headline(self, splits: Sequence[Split]) -> Sequence[Split]:
        """The splits whose test rows are pooled into one score per model: all of them, unless overridden."""
        return splits


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
    predictions: Answer


@dataclass(frozen=True, eq=False)
class CalibrationCurve:
    """Nominal levels and the share of unseen rows that intervals of that level contain.

    Parameters
    ----------
    nominal, observed
        float64 [k], ascending, both in 0..1; equal where the model is calibrated.
    """

    nominal: NDArray[np.float64]
    observed: NDArray[np.float64]


@dataclass(frozen=True)
class FoldScore:
    """Scores of one model on the test rows of one split; ``seconds`` is wall time of fitting and predicting."""

    model: str
    split: str
    n_train: int
    n_test: int
    scores: Mapping[str, float]
    seconds: float


@dataclass(frozen=True)
class Overlap:
    """How many of n labelled rows have a formula that the pretraining of a representation held.

    ``alike`` are properties that it learned of them and whose names are like that of the target.
    """

    rows: int
    n: int
    alike: tuple[str, ...] = ()

    @property
    def of_most(self) -> bool:
        """Whether the pretraining held more than half of the rows."""
        return 2 * self.rows > self.n

    def __str__(self) -> str:
        return f"seen in pretraining: {self.rows:,} of {self.n:,} rows"


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation(ShownTable):
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
        Model name -> metric -> value pooled over all out-of-fold predictions ("mae", "rmse", "r2", "pearson",
        "median_error", "trimean_error", "coverage", "width", "winkler", "worst_group_coverage", ...; classes:
        "balanced_accuracy", "roc_auc", "f1", ...; known and unlabelled rows: "area", "recall_at_0.1", "lee_liu", with
        the ends of 90 % bootstrap intervals as "area_low", "area_high", ...). Errors and widths are in
        ``target.error_unit``.
    out_of_fold
        Model name -> predictions on unseen rows.
    folds
        One entry per model and split.
    seconds
        Wall time of all fits and predictions, also of those that an earlier, interrupted run had finished.
    calibration
        Model name -> coverage of its intervals at several levels (regression only).
    overlap
        Pretrained representation -> how many of the n labelled rows its pretraining held; their scores may flatter.
    compared
        Other models that were asked for, beside the one under test; what is left of ``scores`` are baselines.
    of_all_splits
        The same of all splits, also of those that no pooled score is made of (fewer labels in "masked"); empty where
        all are pooled.
    """

    target: Target
    protocol: str
    level: float
    model: str
    scores: Mapping[str, Mapping[str, float]]
    out_of_fold: Mapping[str, OutOfFold]
    folds: tuple[FoldScore, ...]
    seconds: float
    calibration: Mapping[str, CalibrationCurve] = field(default_factory=dict)
    overlap: Mapping[str, Overlap] = field(default_factory=dict)
    compared: tuple[str, ...] = ()
    of_all_splits: Mapping[str, OutOfFold] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """Number of labelled rows."""
        return int(self.target.known.sum())

    @property
    def everywhere(self) -> Mapping[str, OutOfFold]:
        """Model name -> predictions of all splits; those that are pooled where there are no others."""
        return self.of_all_splits or self.out_of_fold

    @property
    def n_tested(self) -> int:
        """Number of different rows that the model predicted unseen: fewer than ``n`` if not all folds were run."""
        return len(np.unique(self.out_of_fold[self.model].rows))

    def in_a_line(self) -> str:
        """What was measured, of which model, and the first score of each."""
        first = next(iter(self.scores[self.model]), "")
        best = named_few(f"{name} {scores[first]:.3g}" for name, scores in self.scores.items() if first in scores)
        return f"{self.target.label}, {self.protocol.partition(', ')[0]}, {first}: {best}"

    def to_frame(self) -> polars.DataFrame:
        """A row for each model: its name, what it is (under test, compared, baseline), and its scores."""
        import polars

        roles = {self.model: "under test", **dict.fromkeys(self.compared, "compared")}
        rows = [{"model": name, "role": roles.get(name, "baseline"), **scores} for name, scores in self.scores.items()]
        return polars.DataFrame(rows, infer_schema_length=None)
