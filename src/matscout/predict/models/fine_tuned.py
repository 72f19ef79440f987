"""A pretrained crystal network, fine-tuned on the labels; the average of several runs (needs torch; slow)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.errors import InputError, RowProblem, UsageError
from matscout.extras import require
from matscout.predict.base import Metric
from matscout.predict.features import Features
from matscout.predict.folds import divisions, inner_folds
from matscout.predict.labels import MINIMUM_ROWS, Labels, resolve_bounds
from matscout.predict.model import Predictor
from matscout.predict.standardised import PLAIN, Standardised
from matscout.predict.states import State, join_states, part_state
from matscout.predict.uncalibrated import RawClasses, RawNumbers, UnseenClasses, UnseenNumbers
from matscout.progress import Progress
from matscout.represent.embeddings import Embeddings

if TYPE_CHECKING:
    from matscout.represent.fine_tuning import Lesson, TunedNetworks

Floats = NDArray[np.float64]
Rows = NDArray[np.bool_]

SHIPPED = "crystal-properties"
"""The weights that are trained further unless others are named."""

PACKAGES = ("torch", "lightning")
N_NETWORKS = 5
JUDGING_SHARE = 6
"""A sixth of the rows that a network learns from says when to stop."""


class FineTuned(Predictor):
    """Learns from crystal structures: ``fine-tuned``, ``fine-tuned/head``, ``fine-tuned=RUN/artefact`` ...

    Five networks (three if ``fast``) start from the same weights; each learns from four fifths of the labelled
    materials, of which a sixth says when to stop, and their average predicts. Their errors on the fifth that each has
    not seen make the intervals, which are equally wide for all materials. Context columns are inputs of the head.

    Parameters
    ----------
    metric, fast, seed
        See :class:`matscout.predict.base.Model`.
    weights
        Folder written by ``matscout pretrain`` (``RUN/artefact``), or the name of a representation that has weights.
    part
        What is trained: "head" (a small network on the vector), "staged" (the head, then everything), or "all".
    """

    parts: ClassVar[tuple[str, ...]] = ("head", "staged", "all")
    packages = PACKAGES
    extra = "torch"
    learns_from = "crystal"
    stops_early = True
    costly = True

    @classmethod
    def example_model(cls, *, seed: int = 0, brief: bool = False) -> Self:
        """With what is shipped; only the head is trained if it is to be ``brief``."""
        return cls(fast=True, seed=seed, part="head" if brief else "staged")

    def __init__(
        self,
        *,
        metric: Metric = "mae",
        fast: bool = False,
        seed: int = 0,
        weights: str = SHIPPED,
        part: str = "staged",
    ) -> None:
        super().__init__(metric=metric, fast=fast, seed=seed)
        if part not in self.parts:
            raise UsageError(f"{self.name} has no part {part!r}; its parts are {', '.join(self.parts)}")
        self.weights, self.part = weights, part
        self.networks: TunedNetworks
        self.context: Features
        self.usual: Floats
        self.scale = PLAIN

    def learn(self, labels: Labels, dataset: Dataset, progress: Progress) -> UnseenNumbers | UnseenClasses:
        """Learn from crystals; groups are kept together inside.

        Raises
        ------
        InputError
            If there are too few rows that can be encoded.
        UsageError
            If there are no structures.
        ArtefactError
            If the weights are missing, damaged or not of a network of crystals.
        MissingExtraError
            If torch is not installed.
        """
        self.networks = self._started(anew=True)
        self.context = Features(()).fit(Embeddings(labels.materials))
        encoded = self.networks.encodable(labels.materials)
        usable = np.zeros(len(labels), dtype=np.bool_)
        usable[encoded.rows] = True
        _require_enough(labels, usable, encoded.problems)
        lost = (~usable).sum()
        remark = f"; {lost} labelled materials cannot be encoded and were not used" if lost else ""
        if labels.target.task == "classification":
            unseen = self._learn_classes(labels.subset(usable), progress)
            return UnseenClasses(_spread(unseen, usable)[None], remark=remark)
        centre = _spread(self._learn_numbers(labels.subset(usable), progress), usable)[None]
        return UnseenNumbers(self.scale, centre, np.ones_like(centre), remark=remark)

    def estimate(self, materials: Materials) -> RawNumbers | RawClasses:
        """What the networks say on average; of what cannot be encoded, what is usual among the labels."""
        context = self.context.transform(Embeddings(materials))
        encoded = self.networks.encodable(materials)
        values = np.tile(self.usual, (len(materials), 1))
        values[encoded.rows] = self.networks.predict(materials[encoded.rows], context.vectors[encoded.rows])
        there = np.zeros(len(materials), dtype=np.bool_)
        there[encoded.rows] = True
        problems = (*_guessed(encoded.problems), *context.problems)
        if len(self.usual) > 1:
            return RawClasses(there, values, problems=problems, unread=~there)
        centre = self.scale.transform.kept(values[:, 0])
        return RawNumbers(there, self.scale, centre, np.ones_like(centre), problems=problems, unread=~there)

    @property
    def address(self) -> str:
        """With what is trained and the weights."""
        return f"{self.name}/{self.part}={self.weights}"

    @property
    def tolerance(self) -> float:
        """That of networks in single precision."""
        return 1e-4

    @property
    def needs_structures(self) -> bool:
        """It does."""
        return True

    @property
    def origin(self) -> str:
        """Digest of the weights that are trained further."""
        return self._started().digest

    def seen(self, materials: Materials) -> dict[str, NDArray[np.bool_]]:
        """Which materials have a composition that the network was pretrained on."""
        return {self.weights: self._started().seen(materials)}

    @classmethod
    def learned(cls) -> Mapping[str, Any]:
        """The context columns, and what is usual among the labels; the networks are stored beside these."""
        return {"context": Features, "usual": NDArray[np.float64], "scale": Standardised}

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        known, networks = super().state(), join_states({}, {"networks": State(*self.networks.stored())})
        return State({**known.spec, **networks.spec}, {**known.arrays, **networks.arrays})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The predictor again, with equal estimates."""
        require(*PACKAGES, extra="torch")
        from matscout.represent.fine_tuning import TunedNetworks

        predictor, networks = super().from_state(state), part_state(state, "networks")
        predictor.networks = TunedNetworks.restored(networks.spec, networks.arrays)
        return predictor

    def _learn_numbers(self, labels: Labels, progress: Progress) -> Floats:
        """What was said of each label on the scale by a network that had not seen it, [n]."""
        lesson = self._lesson(labels)
        self.scale = Standardised.plain(labels.values, labels.target.scale)
        lesson = replace(lesson, labels=replace(lesson.labels, values=self.scale.forward(labels.values)))

        def predict_from(rows: Rows) -> Floats:
            predicted = self.networks.learn(self._divided(lesson, labels, rows))[:, 0]
            self.networks.forget()
            return self.scale.inverse(predicted)

        values = self.scale.forward(resolve_bounds(labels, predict_from))
        lesson = replace(lesson, labels=replace(lesson.labels, values=values))
        left_out = np.full(len(labels), np.nan)
        for rows, others in self._folds(labels, progress):
            left_out[others] = self.networks.learn(self._divided(lesson, labels, rows))[others, 0]
        self.usual = np.array([np.median(self.scale.forward(labels.values)[labels.measured])])
        return left_out

    def _learn_classes(self, labels: Labels, progress: Progress) -> Floats:
        """Probabilities of each label by a network that had not seen it, [n, c]."""
        lesson, n_classes = self._lesson(labels), len(labels.target.classes)
        left_out = np.full((len(labels), n_classes), np.nan)
        for rows, others in self._folds(labels, progress):
            left_out[others] = self.networks.learn(self._divided(lesson, labels, rows))[others]
        self.usual = np.bincount(labels.classes, minlength=n_classes) / len(labels)
        return left_out

    def _started(self, *, anew: bool = False) -> TunedNetworks:
        """The fitted networks, or those that are still to be trained."""
        require(*PACKAGES, extra="torch")
        from matscout.represent.fine_tuning import TunedNetworks

        if hasattr(self, "networks") and not anew:
            return self.networks
        return TunedNetworks.start(self.weights, self.part, shortened=self.fast)

    def _lesson(self, labels: Labels) -> Lesson:
        """All that a network may learn from."""
        from matscout.represent.fine_tuning import FewLabels, Lesson

        context = self.context.transform(Embeddings(labels.materials)).vectors
        weights = np.ones(len(labels)) if labels.weights is None else labels.weights
        rows = np.arange(len(labels))
        return Lesson(
            self.networks.store(labels.materials),
            FewLabels(labels.values, weights, context),
            rows,
            rows,
            classes=len(labels.target.classes),
            squared=self.metric == "rmse",
            seed=self.seed,
        )

    def _folds(self, labels: Labels, progress: Progress) -> Iterator[tuple[Rows, Rows]]:
        """(rows to learn from, rows to judge intervals on) for each network."""
        folds = inner_folds(labels.units, 3 if self.fast else N_NETWORKS, self.seed, labels.measured)
        count = int(folds.max()) + 1
        for at, pair in enumerate(divisions(folds)):
            progress(f"{self.name}: network {at + 1} of {count}", at, count)
            yield pair
        progress(f"{self.name}: done", count, count)

    def _divided(self, lesson: Lesson, labels: Labels, rows: Rows) -> Lesson:
        """Of these rows some are learned from, and some say when to stop; they are the same if all are one unit."""
        indices = np.flatnonzero(rows)
        judged = inner_folds(labels.units[indices], JUDGING_SHARE, self.seed, labels.measured[indices]) == 0
        if judged.all():
            return replace(lesson, learn=indices, judge=indices)
        return replace(lesson, learn=indices[~judged], judge=indices[judged])


def _spread(predicted: Floats, usable: Rows) -> Floats:
    """What was said of the usable ones of n rows, for all, NaN elsewhere."""
    every = np.full((len(usable), *predicted.shape[1:]), np.nan)
    every[usable] = predicted
    return every


def _guessed(problems: Sequence[RowProblem]) -> Iterator[RowProblem]:
    """Remarks on materials that cannot be encoded."""
    for problem in problems:
        if problem.dropped:
            advice = f"the usual value among the labels is used instead; {problem.advice}"
            yield RowProblem(problem.row, problem.value, problem.reason, advice, dropped=False)


def _require_enough(labels: Labels, usable: Rows, problems: Sequence[RowProblem]) -> None:
    left = labels.measured & usable
    if left.sum() >= MINIMUM_ROWS and len(np.unique(labels.units[left])) > 1:
        return
    first = f"; the first reason: {problems[0]}" if problems else ""
    raise InputError(
        f"{int(left.sum())} of {int(labels.measured.sum())} labelled crystals can be encoded, but a model needs at "
        f"least {MINIMUM_ROWS} of more than one {labels.unit}{first}"
    )
