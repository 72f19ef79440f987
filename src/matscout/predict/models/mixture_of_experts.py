"""Networks that learn all properties of the table at once, whose labels may have gaps (needs torch)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.errors import UsageError
from matscout.extras import require
from matscout.predict.base import Explanation, Metric
from matscout.predict.domain import Domain
from matscout.predict.explaining import labelled_neighbours, main_effects
from matscout.predict.features import FeatureMatrix, Features
from matscout.predict.folded_networks import FoldedNetworks, Heard
from matscout.predict.folds import inner_folds
from matscout.predict.labels import MINIMUM_ROWS, Labels, resolve_bounds, training_labels, units_of
from matscout.predict.learners.scaling import Scaling
from matscout.predict.levels import Levels
from matscout.predict.standardised import Standardised
from matscout.predict.states import State, join_states, part_state
from matscout.progress import Progress, silent
from matscout.represent.addresses import Address, with_whole_path
from matscout.represent.embedding import make_representation
from matscout.represent.embeddings import Embeddings

if TYPE_CHECKING:
    from matscout.predict.experts import TrainedExperts

Floats = NDArray[np.float64]
Rows = NDArray[np.bool_]

N_FOLDS = 5
JUDGING_SHARE = 8
"""An eighth of what a network may learn from says when it stops."""


@dataclass(frozen=True, eq=False)
class Course:
    """What there is to learn from: n rows in which the target or another number is known.

    Parameters
    ----------
    inputs
        Standardised features, [n, d].
    others
        The other properties, standardised, NaN where not known, [n, t - 1].
    weights
        What each row counts, [n].
    units
        Numbers of what belongs together, [n].
    labelled
        The rows in which the target is known, in the order of the labels.
    """

    inputs: Floats
    others: Floats
    weights: Floats
    units: NDArray[np.int64]
    labelled: NDArray[np.int64]

    def values(self, column: Floats, rows: Rows | None = None) -> Floats:
        """All properties [n, t], of the target those of the labels (``column``), or of the chosen ones among them."""
        chosen = np.ones(len(column), dtype=np.bool_) if rows is None else rows
        own = np.full(len(self.inputs), np.nan)
        own[self.labelled[chosen]] = column[chosen]
        return np.column_stack([own, self.others])


class MixtureOfExperts(FoldedNetworks):
    """``mixture-of-experts``, ``mixture-of-experts=REPRESENTATION``, ``mixture-of-experts/one-hot``.

    A multi-gate mixture of experts (:mod:`matscout.predict.experts`) on the vectors of a representation and the context
    columns. Three networks for each of five folds (two if ``fast``) average to a prediction; how much those of a fold
    disagree, and their errors on the rows that they have not seen, make the intervals. Positive values
    over decades are learned, and get their intervals, on the logarithm.

    Parameters
    ----------
    metric, fast, seed
        See :class:`matscout.predict.base.Model`.
    weights
        The representation.
    part
        "numbers" takes numeric conditions as they are; "one-hot" takes each as the nearest of those in the labels.
    """

    parts: ClassVar[tuple[str, ...]] = ("numbers", "one-hot")
    merges: ClassVar[bool] = False
    costly = True
    experts: ClassVar[int] = 4
    width: ClassVar[int] = 48

    def __init__(
        self,
        *,
        metric: Metric = "mae",
        fast: bool = False,
        seed: int = 0,
        weights: str = "magpie",
        part: str = "numbers",
    ) -> None:
        super().__init__(metric=metric, fast=fast, seed=seed)
        if part not in self.parts:
            raise UsageError(f"{self.name} has no part {part!r}; its parts are {', '.join(self.parts)}")
        self.weights, self.part = with_whole_path(weights), part
        self._others: tuple[str, ...] = ()
        self._levels = Levels()
        self._features = Features((self.weights,))
        self._networks: TrainedExperts

    @property
    def address(self) -> str:
        """With the representation and how conditions are taken."""
        return f"{self.name}/{self.part}={self.weights}"

    @property
    def representations(self) -> tuple[str, ...]:
        """That of the vectors."""
        return (Address.parse(self.weights).whole,)

    @property
    def origin(self) -> str:
        """Digest of weights of the user's own."""
        return make_representation(self.weights).version

    @property
    def notes(self) -> tuple[str, ...]:
        """What was learned at once."""
        named = ", ".join(self._others)
        return (f"{self._target.name} was learned together with {named}.",) if named else ()

    def fit(self, dataset: Dataset, target: str | None = None, progress: Progress = silent) -> Self:
        """Learn from all rows in which the target or another number is known; groups are kept together inside.

        Raises
        ------
        InputError
            If there are too few rows or groups.
        UsageError
            If the target is one of classes.
        MissingExtraError
            If torch is not installed.
        """
        require("torch", extra="torch")
        labels = training_labels(dataset, target)
        if labels.target.task == "classification":
            raise UsageError(f"{self.name} learns numbers, and {labels.target.name} is a class: take another model")
        self._target, self._formulas = labels.target, labels.materials.formulas
        self._domain = Domain.fit(labels.materials, labels.units)
        self._others = self._companions(dataset, labels.target.name)
        self._scale = Standardised.fit(labels.values, labels.target.scale)
        progress(f"{self.name}: features", 0, 2)
        course = self._course(dataset, labels)
        progress(f"{self.name}: learning", 1, 2)
        self._learn(course, labels)
        progress(f"{self.name}: done", 2, 2)
        return self

    def _companions(self, dataset: Dataset, target: str) -> tuple[str, ...]:
        """Other numbers to learn beside the target."""
        numbers = {name: one for name, one in dataset.targets.items() if name != target and one.task == "regression"}
        return tuple(name for name, one in numbers.items() if np.isfinite(one.measured).sum() >= MINIMUM_ROWS)

    def _course(self, dataset: Dataset, labels: Labels) -> Course:
        known = dataset.targets[labels.target.name].known
        others = [dataset.targets[name] for name in self._others]
        rows = np.flatnonzero(np.any([known, *(np.isfinite(other.measured) for other in others)], axis=0))
        told = dataset[rows]
        if self.part == "one-hot":
            self._levels = Levels.fit(told.materials)
        vectors = self._features.fit_transform(Embeddings(self._levels.apply(told.materials))).vectors
        self._scaling = Scaling.fit(vectors)
        labelled, weights = np.flatnonzero(known[rows]), np.ones(len(rows))
        weights[labelled] = 1.0 if labels.weights is None else labels.weights
        columns = [np.zeros((len(rows), 0)), *(_standardised(other[rows])[:, None] for other in others)]
        return Course(
            self._scaling.transform(vectors), np.concatenate(columns, axis=1), weights, units_of(told), labelled
        )

    def _learn(self, course: Course, labels: Labels) -> None:
        own = course.inputs[course.labelled]

        def predict_from(rows: Rows) -> Floats:
            values = course.values(self._scale.forward(labels.values), rows)
            learned = self._trained(course, values, np.zeros(len(values), dtype=np.int64))
            return self._scale.inverse(learned.predict(own).mean(axis=0))

        values = course.values(self._scale.forward(resolve_bounds(labels, predict_from)))
        folds = inner_folds(course.units, N_FOLDS, self.seed, np.isfinite(values[:, 0]))
        self._n_folds = int(folds.max()) + 1
        self._networks = self._trained(course, values, folds)
        said = self._networks.predict(own).reshape(self._n_folds, -1, len(own))
        unseen = said[folds[course.labelled], :, np.arange(len(own))]
        centre = unseen.mean(axis=1)
        self._judge(labels, centre, unseen.std(axis=1))

    def _trained(self, course: Course, values: Floats, folds: NDArray[np.int64]) -> TrainedExperts:
        from matscout.predict.experts import Lesson, TrainedExperts

        learn, judge = self._shares(course.units, folds, np.isfinite(values[:, 0]))
        lesson = Lesson(
            course.inputs,
            values,
            course.weights,
            learn,
            judge,
            squared=self.metric == "rmse",
            rounds=60 if self.fast else 200,
            seed=self.seed,
        )
        return TrainedExperts.learn(lesson, experts=self.experts, width=self.width)

    def _shares(self, units: NDArray[np.int64], folds: NDArray[np.int64], known: Rows) -> tuple[Rows, Rows]:
        """Of some networks for each fold: rows to learn from, rows that say when to stop; one fold leaves out none."""
        learn, judge = [], []
        for fold in range(int(folds.max()) + 1):
            allowed = np.flatnonzero(folds != fold) if folds.max() else np.arange(len(folds))
            for member in range(2 if self.fast else 3):
                parts = np.full(len(folds), -1)
                parts[allowed] = inner_folds(units[allowed], JUDGING_SHARE, self.seed + member, known[allowed])
                judge.append((parts == 0) & known)
                # They are the same if all belong together.
                learn.append(parts > 0 if parts.max() else parts == 0)
        return np.stack(learn), np.stack(judge)

    def _say(self, materials: Materials) -> Heard:
        matrix = self._matrix(materials)
        said = self._networks.predict(self._scaling.transform(matrix.vectors))
        return Heard(said.mean(axis=0), self._disagreement(said), matrix)

    def _matrix(self, materials: Materials) -> FeatureMatrix:
        return self._features.transform(Embeddings(self._levels.apply(materials)))

    def _disagreement(self, said: Floats) -> Floats:
        """Standard deviation within a fold, as it was measured on what a fold had not seen, root mean square, [m]."""
        within = said.reshape(self._n_folds, len(said) // self._n_folds, said.shape[1]).std(axis=1)
        return np.asarray(np.sqrt((within**2).mean(axis=0)))

    def explain(self, materials: Materials, k: int = 3) -> list[Explanation]:
        """The k nearest labelled materials and the k most important properties for each material."""
        effects = main_effects(
            {self.name: self._matrix(materials).vectors}, {self.name: self._features}, self._outcome, k, self._target
        )
        nearest = self._domain.nearest(materials, k)
        return [
            Explanation(
                labelled_neighbours(self._target, self._formulas, rows, likeness), effect, self._target.error_unit
            )
            for rows, likeness, effect in zip(nearest.rows, nearest.similarities, effects, strict=True)
        ]

    def _outcome(self, vectors: Mapping[str, Floats]) -> Floats:
        said = self._networks.predict(self._scaling.transform(vectors[self.name]))
        return self._scale.inverse(said.mean(axis=0))[:, None]

    def _options(self) -> dict[str, Any]:
        return {
            "metric": self.metric,
            "fast": self.fast,
            "seed": self.seed,
            "weights": self.weights,
            "part": self.part,
        }

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        shared = super().state()
        own = join_states(
            {"others": list(self._others)},
            {"networks": State(*self._networks.stored()), "levels": State({}, dict(self._levels.values))},
        )
        return State({**shared.spec, **own.spec}, {**shared.arrays, **own.arrays})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The fitted model again, with equal predictions."""
        require("torch", extra="torch")
        from matscout.predict.experts import TrainedExperts

        model: Self = super().from_state(state)
        networks = part_state(state, "networks")
        model._networks = TrainedExperts.restored(networks.spec, networks.arrays)
        model._others = tuple(state.spec["others"])
        model._levels = Levels(part_state(state, "levels").arrays)
        return model


def _standardised(target: Target) -> Floats:
    """Measured values on their scale, NaN where not known, [n]."""
    values = target.measured
    known = np.isfinite(values)
    changed = np.full(len(values), np.nan)
    changed[known] = Standardised.fit(values[known], target.scale).forward(values[known])
    return changed
