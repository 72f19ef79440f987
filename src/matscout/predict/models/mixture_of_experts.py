"""Networks that learn all properties of the table together; labels may have gaps (needs torch)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset, Target, Task
from matscout.data.materials import Materials
from matscout.errors import UsageError
from matscout.extras import require
from matscout.predict.base import Metric
from matscout.predict.explaining import Effects, main_effects
from matscout.predict.features import FeatureMatrix, Features
from matscout.predict.folds import inner_folds
from matscout.predict.labels import MINIMUM_ROWS, Labels, resolve_bounds, units_of
from matscout.predict.levels import Levels
from matscout.predict.model import Predictor
from matscout.predict.scaling import Scaling
from matscout.predict.standardised import PLAIN, Standardised
from matscout.predict.uncalibrated import RawNumbers, UnseenNumbers
from matscout.progress import Progress
from matscout.remarks import Remark
from matscout.represent.addresses import Address, with_whole_path
from matscout.represent.embedding import make_representation
from matscout.represent.embeddings import Embeddings

if TYPE_CHECKING:
    from matscout.predict.experts import TrainedExperts

Floats = NDArray[np.float64]
Rows = NDArray[np.bool_]

N_FOLDS = 5
EXPERTS = 4
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


class MixtureOfExperts(Predictor):
    """``mixture-of-experts``, ``mixture-of-experts=REPRESENTATION``, ``mixture-of-experts:experts=1,alone=yes``.

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
    experts
        That all properties share.
    alone
        Whether it learns the target alone, not the other numbers of the table beside it: with one expert an ordinary
        network.
    """

    parts: ClassVar[tuple[str, ...]] = ("numbers", "one-hot")
    merges: ClassVar[bool] = False
    tasks: ClassVar[frozenset[Task]] = frozenset({"regression"})
    costly = True
    width: ClassVar[int] = 48

    def __init__(
        self,
        *,
        metric: Metric = "mae",
        fast: bool = False,
        seed: int = 0,
        weights: str = "magpie",
        part: str = "numbers",
        experts: int = EXPERTS,
        alone: bool = False,
    ) -> None:
        super().__init__(metric=metric, fast=fast, seed=seed)
        if part not in self.parts:
            raise UsageError(f"{self.name} has no part {part!r}; its parts are {', '.join(self.parts)}")
        if experts < 1:
            raise UsageError(f"{self.name} has at least one expert; got {experts}")
        self.weights, self.part = with_whole_path(weights), part
        self.experts, self.alone = experts, alone
        self.target = ""
        self.others: tuple[str, ...] = ()
        self.levels = Levels()
        self.features = Features((self.weights,))
        self.scaling: Scaling
        self.scale = PLAIN
        self.n_folds = 1
        self.networks: TrainedExperts

    @property
    def address(self) -> str:
        """With the representation and how conditions are taken."""
        if self.experts != EXPERTS or self.alone:
            return super().address
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
        named = ", ".join(self.others)
        text = f"{self.target} was learned together with {named}."
        return (Remark("learned-together", text),) if named else ()

    def learn(self, labels: Labels, dataset: Dataset, progress: Progress) -> UnseenNumbers:
        """Learn from all rows in which the target or another number is known; groups are kept together inside.

        Raises
        ------
        MissingExtraError
            If torch is not installed.
        """
        require("torch", extra="torch")
        self.target = labels.target.name
        self.others = self._companions(dataset, labels.target.name)
        self.scale = Standardised.fit(labels.values, labels.target.scale)
        progress(f"{self.name}: features", 0, 2)
        course = self._course(dataset, labels)
        progress(f"{self.name}: learning", 1, 2)
        unseen = self._learn(course, labels)
        progress(f"{self.name}: done", 2, 2)
        return unseen

    def _companions(self, dataset: Dataset, target: str) -> tuple[str, ...]:
        """Other numbers to learn beside the target."""
        if self.alone:
            return ()
        numbers = {name: one for name, one in dataset.targets.items() if name != target and one.task == "regression"}
        return tuple(name for name, one in numbers.items() if np.isfinite(one.measured).sum() >= MINIMUM_ROWS)

    def _course(self, dataset: Dataset, labels: Labels) -> Course:
        known = dataset.targets[labels.target.name].known
        others = [dataset.targets[name] for name in self.others]
        rows = np.flatnonzero(np.any([known, *(np.isfinite(other.measured) for other in others)], axis=0))
        labelled_rows = dataset[rows]
        if self.part == "one-hot":
            self.levels = Levels.fit(labelled_rows.materials)
        self.features = Features((self.weights,))
        vectors = self.features.fit_transform(Embeddings(self.levels.apply(labelled_rows.materials))).vectors
        self.scaling = Scaling.fit(vectors)
        labelled, weights = np.flatnonzero(known[rows]), np.ones(len(rows))
        weights[labelled] = 1.0 if labels.weights is None else labels.weights
        columns = [np.zeros((len(rows), 0)), *(_standardised(other[rows])[:, None] for other in others)]
        return Course(
            self.scaling.transform(vectors), np.concatenate(columns, axis=1), weights, units_of(labelled_rows), labelled
        )

    def _learn(self, course: Course, labels: Labels) -> UnseenNumbers:
        own = course.inputs[course.labelled]

        def predict_from(rows: Rows) -> Floats:
            values = course.values(self.scale.forward(labels.values), rows)
            learned = self._trained(course, values, np.zeros(len(values), dtype=np.int64))
            return self.scale.inverse(learned.predict(own).mean(axis=0))

        values = course.values(self.scale.forward(resolve_bounds(labels, predict_from)))
        folds = inner_folds(course.units, N_FOLDS, self.seed, np.isfinite(values[:, 0]))
        self.n_folds = int(folds.max()) + 1
        self.networks = self._trained(course, values, folds)
        predicted = self.networks.predict(own).reshape(self.n_folds, -1, len(own))
        unseen = predicted[folds[course.labelled], :, np.arange(len(own))]
        return UnseenNumbers(self.scale, unseen.mean(axis=1)[None], unseen.std(axis=1)[None])

    def _trained(self, course: Course, values: Floats, folds: NDArray[np.int64]) -> TrainedExperts:
        from matscout.predict.experts import ExpertsLesson, TrainedExperts

        learn, judge = self._shares(course.units, folds, np.isfinite(values[:, 0]))
        lesson = ExpertsLesson(
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

    def estimate(self, materials: Materials) -> RawNumbers:
        """The average of what the networks say, and how much those of a fold disagree."""
        matrix = self._matrix(materials)
        predicted = self.networks.predict(self.scaling.transform(matrix.vectors))
        return RawNumbers(
            matrix.represented,
            self.scale,
            predicted.mean(axis=0),
            self._disagreement(predicted),
            problems=matrix.problems,
        )

    def _matrix(self, materials: Materials) -> FeatureMatrix:
        return self.features.transform(Embeddings(self.levels.apply(materials)))

    def _disagreement(self, predicted: Floats) -> Floats:
        """Standard deviation within a fold, as it was measured on what a fold had not seen, root mean square, [m]."""
        within = predicted.reshape(self.n_folds, len(predicted) // self.n_folds, predicted.shape[1]).std(axis=1)
        return np.asarray(np.sqrt((within**2).mean(axis=0)))

    def effects(self, materials: Materials, k: int, target: Target) -> list[Effects]:
        """Of single properties on the average prediction."""
        vectors = {self.name: self._matrix(materials).vectors}
        return main_effects(vectors, {self.name: self.features}, self._outcome, k, target)

    def _outcome(self, vectors: Mapping[str, Floats]) -> Floats:
        predicted = self.networks.predict(self.scaling.transform(vectors[self.name]))
        return self.scale.inverse(predicted.mean(axis=0))[:, None]

    @classmethod
    def learned(cls) -> Mapping[str, Any]:
        """The networks, and what makes their inputs."""
        require("torch", extra="torch")
        from matscout.predict.experts import TrainedExperts

        return {
            "target": str,
            "others": tuple[str, ...],
            "levels": Levels,
            "features": Features,
            "scaling": Scaling,
            "scale": Standardised,
            "n_folds": int,
            "networks": TrainedExperts,
        }


def _standardised(target: Target) -> Floats:
    """Measured values on their scale, NaN where not known, [n]."""
    values = target.measured
    known = np.isfinite(values)
    changed = np.full(len(values), np.nan)
    changed[known] = Standardised.fit(values[known], target.scale).forward(values[known])
    return changed
