"""Model: materials and a few labels -> predictions with calibrated uncertainty."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.data.made_up import Label, RowKind, as_number, made_up_dataset
from matscout.data.materials import Materials
from matscout.data.ragged import Rows
from matscout.errors import RowProblem
from matscout.extras import available
from matscout.predict.distributions import Distribution
from matscout.predict.recalibration import AS_TOLD, Recalibration
from matscout.predict.states import State
from matscout.progress import Progress, silent
from matscout.registry import name_of
from matscout.represent.embedding import make_representation

if TYPE_CHECKING:
    from matscout.predict.card import Card

Metric = Literal["mae", "rmse"]


@dataclass(frozen=True, eq=False)
class Predictions:
    """Predicted numbers for m materials, one row each.

    Parameters
    ----------
    target, unit
        What is predicted, and its unit (None if unknown).
    level
        Nominal coverage of the intervals, e.g. 0.9.
    distribution
        What the values may be, on the scale on which the model was judged: quantiles, chances, expected values, draws.
    in_domain
        bool [m], False where the material is unlike the labelled ones.
    assumption
        What the coverage of the intervals rests on, in a sentence.
    problems
        Remarks on single rows, e.g. descriptor values that had to be imputed.
    recalibration
        What chances are changed by, as unseen rows asked for; the distribution stays as it is.

    Raises
    ------
    ValueError
        If the columns differ in length, or a number is not finite.
    """

    target: str
    unit: str | None
    level: float
    distribution: Distribution
    in_domain: NDArray[np.bool_]
    assumption: str = ""
    problems: tuple[RowProblem, ...] = ()
    recalibration: Recalibration = AS_TOLD

    def __post_init__(self) -> None:
        if len(self.distribution) != len(self.in_domain):
            raise ValueError(
                f"columns of Predictions differ in length: {[len(self.distribution), len(self.in_domain)]}"
            )
        if not all(np.isfinite(column).all() for column in (self.predicted, self.lower, self.upper)):
            raise ValueError("Predictions must be finite")

    def __len__(self) -> int:
        return len(self.in_domain)

    def __getitem__(self, rows: Rows) -> Predictions:
        """The predictions of the chosen rows."""
        return replace(self, distribution=self.distribution[rows], in_domain=self.in_domain[rows])

    @cached_property
    def predicted(self) -> NDArray[np.float64]:
        """The middle of the distribution, made from the statistic that suits the metric, [m]."""
        return self.distribution.quantile(0.5)

    @cached_property
    def lower(self) -> NDArray[np.float64]:
        """Lower end of the central interval at ``level``, [m]."""
        return np.minimum(self.distribution.quantile((1 - self.level) / 2), self.predicted)

    @cached_property
    def upper(self) -> NDArray[np.float64]:
        """Upper end of the central interval at ``level``, [m]."""
        return np.maximum(self.distribution.quantile((1 + self.level) / 2), self.predicted)

    @property
    def std(self) -> NDArray[np.float64]:
        """One standard deviation, see :attr:`matscout.predict.distributions.Distribution.std`, [m]."""
        return self.distribution.std

    @property
    def told_std(self) -> tuple[str, NDArray[np.float64]]:
        """One standard deviation as tables have it, [m]: "std" in the unit, "std_decades" on a logarithmic scale.

        There a standard deviation in the unit says nothing: the upper end rules it.
        """
        if self.distribution.scale.kind != "log":
            return "std", self.std
        return "std_decades", self.distribution.deviation / np.log(10.0)

    @property
    def knows_more(self) -> NDArray[np.bool_]:
        """False where the model knows no more of the value than what the labels are like on average, [m]."""
        return self.distribution.knows_more


@dataclass(frozen=True, eq=False)
class ClassPredictions:
    """Predicted classes for m materials, one row each.

    Parameters
    ----------
    target
        What is predicted.
    level
        Nominal coverage of ``sets``.
    classes
        The c class labels.
    probabilities
        float64 [m, c], calibrated; rows sum to 1.
    sets
        bool [m, c], the conformal prediction set of each row: holds the true class about as often as ``level``.
    in_domain, assumption, problems
        As in :class:`Predictions`.
    """

    target: str
    level: float
    classes: tuple[str, ...]
    probabilities: NDArray[np.float64]
    sets: NDArray[np.bool_]
    in_domain: NDArray[np.bool_]
    assumption: str = ""
    problems: tuple[RowProblem, ...] = ()

    def __post_init__(self) -> None:
        shape = (len(self.in_domain), len(self.classes))
        if self.probabilities.shape != shape or self.sets.shape != shape:
            raise ValueError(f"probabilities {self.probabilities.shape} and sets {self.sets.shape} must be {shape}")
        if not np.allclose(self.probabilities.sum(axis=1), 1.0):
            raise ValueError("the probabilities of each row must sum to 1")

    def __len__(self) -> int:
        return len(self.in_domain)

    def __getitem__(self, rows: Rows) -> ClassPredictions:
        """The predictions of the chosen rows."""
        return replace(
            self, probabilities=self.probabilities[rows], sets=self.sets[rows], in_domain=self.in_domain[rows]
        )

    @property
    def predicted(self) -> NDArray[np.int64]:
        """Position of the most probable class, [m]."""
        return np.asarray(self.probabilities.argmax(axis=1), dtype=np.int64)


AnyPredictions = Predictions | ClassPredictions


def join_predictions(parts: Sequence[AnyPredictions]) -> AnyPredictions:
    """One block of consecutive ones; target, level and assumption are those of the first."""
    first = parts[0]
    problems = tuple(problem for part in parts for problem in part.problems)
    in_domain = np.concatenate([part.in_domain for part in parts])
    if isinstance(first, ClassPredictions):
        blocks = [part for part in parts if isinstance(part, ClassPredictions)]
        return replace(
            first,
            probabilities=np.concatenate([part.probabilities for part in blocks]),
            sets=np.concatenate([part.sets for part in blocks]),
            in_domain=in_domain,
            problems=problems,
        )
    distribution = Distribution.joined([part.distribution for part in parts if isinstance(part, Predictions)])
    return replace(first, distribution=distribution, in_domain=in_domain, problems=problems)


@dataclass(frozen=True)
class Explanation:
    """Why a prediction is what it is.

    Parameters
    ----------
    neighbours
        (formula, measured value or class label, similarity in 0..1) of the nearest labelled materials, nearest first.
    features
        (column, effect on this prediction) of the features that move it most, largest first.
    unit
        Of the effects: that of the target, or decades where it is judged by factors; None where there is none.
    """

    neighbours: tuple[tuple[str, float | str, float], ...]
    features: tuple[tuple[str, float], ...]
    unit: str | None = None


@dataclass(frozen=True, eq=False)
class LeftOut:
    """What a model for numbers said of labelled materials before it had seen them.

    Parameters
    ----------
    materials
        n materials with their context.
    predicted
        float64 [n], NaN where nothing was said.
    groups
        text [n], the user's groups, all rows of which were left out together; None if there were none.
    """

    materials: Materials
    predicted: NDArray[np.float64]
    groups: NDArray[np.str_] | None = None


class Model(ABC):
    """The outer boundary of prediction: anything with this face can be evaluated, screened with and served.

    Parameters
    ----------
    metric
        The error to keep small: "mae" (predict the median) or "rmse" (predict the mean; of a target over decades, whose
        errors are factors, the geometric mean).
    fast
        Spend a quarter of the time or less.
    seed
        Seed of every random choice; equal seeds give equal predictions.

    Attributes
    ----------
    assumption
        What the coverage of the intervals rests on, in a sentence; set by fitting.
    scores
        Errors on training rows that were left out while fitting, e.g. ``{"mae": 0.31}``; set by fitting. A little
        optimistic where the model chose its parts by these rows: :func:`matscout.evaluate` measures on others.
    left_out
        What it said of training rows that were left out while fitting; None if it does not keep that, for classes, and
        after loading.
    card
        Where the model came from; set by :func:`matscout.fit` and on loading.
    """

    version: ClassVar[int] = 1
    merges: ClassVar[bool] = True
    """Whether repeats of a material are merged before it learns; if not, it sees all rows and all targets."""

    classifies: ClassVar[bool] = True
    """Whether it learns classes too."""

    learns_from: ClassVar[RowKind] = "composition"
    """What a row of its example data set is: what it must be given at least."""

    packages: ClassVar[tuple[str, ...]] = ()
    """Packages that not everybody has; all must be there."""
    extra: ClassVar[str] = ""
    """What of matscout brings them: ``pip install 'matscout[EXTRA]'``."""

    blind: ClassVar[bool] = False
    """Whether it looks at no material, only at the labels."""

    explains_parts: ClassVar[bool] = False
    """Whether it explains by labelled values of what the target follows from, in place of the target's."""

    costly: ClassVar[bool] = False
    """Whether learning from few rows takes much longer than trees do, as networks do; tests are spared then."""

    def __init__(self, *, metric: Metric = "mae", fast: bool = False, seed: int = 0) -> None:
        self.metric: Metric = metric
        self.fast = fast
        self.seed = seed
        self.assumption: str = ""
        self.scores: Mapping[str, float] = {}
        self.left_out: LeftOut | None = None
        self.card: Card | None = None

    @classmethod
    def missing(cls) -> str:
        """What must be installed before it can learn, "" if nothing."""
        absent = [package for package in cls.packages if not available(package)]
        return f"{absent[0]} (pip install 'matscout[{cls.extra}]')" if absent else ""

    @property
    def name(self) -> str:
        """The plug-in name: the file name with hyphens, or that of an entry point."""
        return name_of(type(self))

    @property
    def representations(self) -> tuple[str, ...]:
        """Names of the representations that it learns from."""
        return ()

    def may_learn_from(self, materials: Materials) -> tuple[str, ...]:
        """Names of all representations that it may choose from when it is fitted to such materials."""
        return self.representations

    @property
    def modules(self) -> tuple[str, ...]:
        """Modules whose code decides what it predicts, with all that they import."""
        return (type(self).__module__,)

    @property
    def address(self) -> str:
        """What asks for a model like this one, see :func:`matscout.predict.fitting.make_model`."""
        return self.name

    @property
    def origin(self) -> str:
        """Digest of what it rests on beside the code of matscout, "" if nothing: weights of the user's own."""
        return ""

    @classmethod
    def example_model(cls, *, seed: int = 0, brief: bool = False) -> Self:
        """An unfitted model of this kind for its example data set; if ``brief``, one that learns within seconds."""
        return cls(fast=True, seed=seed)

    @classmethod
    def example_dataset(
        cls, n: int = 60, *, seed: int = 0, label: Label = as_number, context: bool = False, groups: bool = False
    ) -> Dataset:
        """Made-up rows, n of them, that a model of this kind can learn from, for trying it out.

        The parameters are those of :func:`matscout.data.made_up.made_up_dataset`.
        """
        return made_up_dataset(cls.learns_from, n, seed=seed, label=label, context=context, groups=groups)

    @property
    def needs_structures(self) -> bool:
        """Whether it predicts crystal structures only, no formulas."""
        return any(make_representation(name).needs == "structure" for name in self.representations)

    @property
    def tolerance(self) -> float:
        """How much a prediction x may depend on the batch, times max(1, abs(x)): more where networks compute it."""
        return max((make_representation(name).tolerance for name in self.representations), default=0.0)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of the fitted model, a sentence each."""
        return ()

    def seen(self, materials: Materials) -> dict[str, NDArray[np.bool_]]:
        """Which materials the pretraining of its representations held.

        Returns
        -------
        dict
            Representation -> bool [n], only of representations that were trained on materials.
        """
        makers = {name: make_representation(name) for name in self.representations}
        of_reactions = materials.reactions is not None
        found = {
            name: maker.seen(materials) for name, maker in makers.items() if (maker.needs == "reaction") == of_reactions
        }
        return {name: seen for name, seen in found.items() if seen is not None}

    @abstractmethod
    def fit(self, dataset: Dataset, target: str | None = None, progress: Progress = silent) -> Self:
        """Learn from the rows of ``dataset`` in which the target is known (groups are kept together inside)."""

    @abstractmethod
    def predict(self, materials: Materials, level: float = 0.9) -> AnyPredictions:
        """Predictions for every material, intervals at nominal coverage ``level``.

        Raises
        ------
        UsageError
            If ``level`` needs more training rows than there were, or a context column is missing.
        """

    def predict_at(self, materials: Materials, levels: Sequence[float]) -> Iterator[AnyPredictions]:
        """The predictions of :meth:`predict` at one level after the other.

        A model whose intervals are quickly made from what it says at any level overrides this one, and
        :meth:`predict` with it.

        Raises
        ------
        UsageError
            When a level is reached that needs more training rows than there were; or as :meth:`predict` says.
        """
        for level in levels:
            yield self.predict(materials, level)

    @abstractmethod
    def explain(self, materials: Materials, k: int = 3) -> list[Explanation]:
        """The k nearest labelled materials and the k most important features for each material."""

    @abstractmethod
    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""

    @classmethod
    @abstractmethod
    def from_state(cls, state: State) -> Self:
        """The fitted model again, with equal predictions."""

    def save(self, folder: str | Path) -> Path:
        """Write the model to a folder (``spec.json``, ``arrays.npz``, ``card.md``), whole or not at all."""
        from matscout.predict.artefact import save_model

        return save_model(self, Path(folder))
