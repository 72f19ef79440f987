"""A pretrained network of crystals, trained further on the labels; an average of several (needs torch; slow)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.errors import InputError, RowProblem, UsageError
from matscout.extras import require
from matscout.predict.base import (
    AnyPredictions,
    ClassPredictions,
    Explanation,
    LeftOut,
    Metric,
    Model,
    Predictions,
)
from matscout.predict.ceilings import Ceiling
from matscout.predict.conformal import Conformal, Scores, assumption, class_scores, class_sets
from matscout.predict.distributions import NO_LIMITS, limits_as_json, stored_limits
from matscout.predict.domain import Domain
from matscout.predict.explaining import labelled_neighbours
from matscout.predict.features import Features
from matscout.predict.folds import divisions, inner_folds
from matscout.predict.labels import MINIMUM_ROWS, Labels, resolve_bounds, training_labels
from matscout.predict.states import State, join_states, part_state
from matscout.predict.target_facts import facts_of, limits_of, target_of
from matscout.predict.transforms import LINEAR, TargetTransform, transform_of
from matscout.predict.unseen_errors import scores_of
from matscout.progress import Progress, silent
from matscout.represent.embeddings import Embeddings

if TYPE_CHECKING:
    from matscout.represent.fine_tuning import Lesson, TunedNetworks

Floats = NDArray[np.float64]
Rows = NDArray[np.bool_]

SHIPPED = "crystal-properties"
"""The weights that are trained further unless others are named."""

PACKAGES = ("torch", "lightning", "safetensors")
N_NETWORKS = 5
UNKNOWN = 1e9
"""How much wider than an error the doubt is about what cannot be encoded, before it is cut to the labels' spread."""
JUDGING_SHARE = 6
"""A sixth of the rows that a network learns from says when to stop."""


@dataclass(frozen=True, eq=False)
class Told:
    """What the networks say of n materials.

    Parameters
    ----------
    values
        float64 [n, 1] on the scale of the target, or probabilities [n, c]; for those without a vector what is usual
        among the labels.
    encoded
        bool [n], False for those.
    problems
        Remarks on single materials.
    """

    values: Floats
    encoded: Rows
    problems: tuple[RowProblem, ...]


class FineTuned(Model):
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
    learns_from = "structure"
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
        self._target: Target
        self._networks: TunedNetworks
        self._context: Features
        self._domain: Domain
        self._formulas: NDArray[np.str_]
        self._usual: Floats
        self._intervals: Conformal | Scores
        self._scale = LINEAR
        self._limits = NO_LIMITS

    def fit(self, dataset: Dataset, target: str | None = None, progress: Progress = silent) -> Self:
        """Learn from the rows in which the target is known; groups are kept together inside.

        Raises
        ------
        InputError
            If there are too few rows, classes or groups, or too few that can be encoded.
        UsageError
            If there are no structures.
        ArtefactError
            If the weights are missing, damaged or not of a network of crystals.
        MissingExtraError
            If torch is not installed.
        """
        labels = training_labels(dataset, target)
        self._target, self._formulas = labels.target, labels.materials.formulas
        self._domain = Domain.fit(labels.materials, labels.units)
        self._networks = self._started(anew=True)
        self._context = Features(()).fit(Embeddings(labels.materials))
        encoded = self._networks.encodable(labels.materials)
        usable = np.zeros(len(labels), dtype=np.bool_)
        usable[encoded.rows] = True
        _require_enough(labels, usable, encoded.problems)
        if labels.target.task == "classification":
            self._learn_classes(labels.subset(usable), progress)
        else:
            self._learn_numbers(labels.subset(usable), progress)
        if not usable.all():
            self.assumption += f"; {(~usable).sum()} labelled materials could not be encoded and were not learnt from"
        return self

    def predict(self, materials: Materials, level: float = 0.9) -> AnyPredictions:
        """Predictions for every material, intervals at nominal coverage ``level``.

        Raises
        ------
        UsageError
            If ``level`` needs more training rows than there were, a context column is missing, or there are no
            structures.
        """
        return next(self.predict_at(materials, (level,)))

    def predict_at(self, materials: Materials, levels: Sequence[float]) -> Iterator[AnyPredictions]:
        """The predictions at one level after the other; the networks are asked once."""
        told = self._tell(materials)
        in_domain = self._domain.contains(materials) & told.encoded
        told = replace(told, problems=(*told.problems, *self._domain.remarks(materials)))
        number = self._target.task == "regression"
        for level in levels:
            yield self._numbers(told, in_domain, level) if number else self._classes(told, in_domain, level)

    def explain(self, materials: Materials, k: int = 3) -> list[Explanation]:
        """The k nearest labelled materials; a network of crystals has no features that mean something to a chemist."""
        nearest = self._domain.nearest(materials, k)
        return [
            Explanation(labelled_neighbours(self._target, self._formulas, rows, likeness), ())
            for rows, likeness in zip(nearest.rows, nearest.similarities, strict=True)
        ]

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

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        target = self._target
        spec = {
            "options": {
                "metric": self.metric,
                "fast": self.fast,
                "seed": self.seed,
                "weights": self.weights,
                "part": self.part,
            },
            "target": facts_of(target),
            "assumption": self.assumption,
            "scores": dict(self.scores),
        }
        network, arrays = self._networks.stored()
        parts = {
            "networks": State(network, arrays),
            "context": self._context.state(),
            "domain": self._domain.state(),
            "intervals": self._intervals.state(),
            "labels": State({}, {"formulas": self._formulas, "values": target.values, "usual": self._usual}),
        }
        return join_states({**spec, "limits": limits_as_json(self._limits)}, parts)

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The fitted model again, with equal predictions."""
        require(*PACKAGES, extra="torch")
        from matscout.represent.fine_tuning import TunedNetworks

        model = cls(**state.spec["options"])
        model.assumption, model.scores = state.spec["assumption"], state.spec["scores"]
        labels = part_state(state, "labels").arrays
        model._target = target_of(state.spec["target"], labels["values"])
        model._formulas, model._usual = labels["formulas"], labels["usual"]
        networks, intervals = part_state(state, "networks"), part_state(state, "intervals")
        model._networks = TunedNetworks.restored(networks.spec, networks.arrays)
        model._context = Features.from_state(part_state(state, "context"))
        model._domain = Domain.from_state(part_state(state, "domain"))
        if model._target.task == "regression":
            model._intervals = _with_ceiling(Conformal.from_state(intervals), model._target)
            model._scale = _scale_of(labels["values"], model._target)
            model._limits = stored_limits(state.spec)
        else:
            model._intervals = Scores.from_state(intervals)
        return model

    def _learn_numbers(self, labels: Labels, progress: Progress) -> None:
        lesson = self._lesson(labels)

        self._scale, self._limits = _scale_of(labels.values, labels.target), limits_of(labels.values, labels.target)
        lesson = replace(lesson, labels=replace(lesson.labels, values=self._scale.forward(labels.values)))

        def predict_from(rows: Rows) -> Floats:
            predicted = self._networks.learn(self._divided(lesson, labels, rows))[:, 0]
            self._networks.forget()
            return self._scale.inverse(predicted)

        values = self._scale.forward(resolve_bounds(labels, predict_from))
        lesson = replace(lesson, labels=replace(lesson.labels, values=values))
        left_out = np.full(len(labels), np.nan)
        for rows, others in self._folds(labels, progress):
            left_out[others] = self._networks.learn(self._divided(lesson, labels, rows))[others, 0]
        ones, measured = np.ones(len(labels)), labels.measured
        told = self._scale.forward(labels.values)[measured]
        self._usual = np.array([np.median(told)])
        names = (labels.units[measured], f"{labels.unit}s")
        self.left_out = LeftOut(labels.materials, self._scale.inverse(left_out), labels.groups)
        errors = told - left_out[measured]
        self._intervals = Conformal.fit(errors, ones[measured], told, *names)
        self.assumption = assumption(labels.unit, self._intervals.support())
        self.scores = scores_of(errors, labels.target.scale)

    def _learn_classes(self, labels: Labels, progress: Progress) -> None:
        lesson, n_classes = self._lesson(labels), len(labels.target.classes)
        left_out = np.full((len(labels), n_classes), np.nan)
        for rows, others in self._folds(labels, progress):
            left_out[others] = self._networks.learn(self._divided(lesson, labels, rows))[others]
        self._usual = np.bincount(labels.classes, minlength=n_classes) / len(labels)
        self._intervals = Scores.collect(class_scores(left_out, labels.classes), labels.units, f"{labels.unit}s")
        self.assumption = assumption(labels.unit, self._intervals.n_units)
        self.scores = {"accuracy": float((left_out.argmax(axis=1) == labels.classes).mean())}

    def _started(self, *, anew: bool = False) -> TunedNetworks:
        """The fitted networks, or those that are still to be trained."""
        require(*PACKAGES, extra="torch")
        from matscout.represent.fine_tuning import TunedNetworks

        if hasattr(self, "_networks") and not anew:
            return self._networks
        return TunedNetworks.start(self.weights, self.part, shortened=self.fast)

    def _lesson(self, labels: Labels) -> Lesson:
        """All that a network may learn from."""
        from matscout.represent.fine_tuning import FewLabels, Lesson

        context = self._context.transform(Embeddings(labels.materials)).vectors
        weights = np.ones(len(labels)) if labels.weights is None else labels.weights
        rows = np.arange(len(labels))
        return Lesson(
            self._networks.store(labels.materials),
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
        found = np.flatnonzero(rows)
        judged = inner_folds(labels.units[found], JUDGING_SHARE, self.seed, labels.measured[found]) == 0
        if judged.all():
            return replace(lesson, learn=found, judge=found)
        return replace(lesson, learn=found[~judged], judge=found[judged])

    def _tell(self, materials: Materials) -> Told:
        context = self._context.transform(Embeddings(materials))
        encoded = self._networks.encodable(materials)
        values = np.tile(self._usual, (len(materials), 1))
        values[encoded.rows] = self._networks.predict(materials[encoded.rows], context.vectors[encoded.rows])
        there = np.zeros(len(materials), dtype=np.bool_)
        there[encoded.rows] = True
        guessed = tuple(
            RowProblem(
                problem.row,
                problem.value,
                problem.reason,
                f"what is usual among the labels stands in its place; {problem.advice}",
                dropped=False,
            )
            for problem in encoded.problems
            if problem.dropped
        )
        return Told(values, there, (*guessed, *context.problems))

    def _numbers(self, told: Told, in_domain: Rows, level: float) -> Predictions:
        assert isinstance(self._intervals, Conformal)
        self._intervals.require(level)
        said = self._intervals.distribution(
            transform_of(self._target.scale),
            self._scale.kept(told.values[:, 0]),
            np.ones(len(in_domain)),
            self._limits,
        )
        # Of what cannot be encoded nothing is known but the labels: the width is cut to theirs.
        doubt = np.where(told.encoded, 1.0, UNKNOWN)
        return Predictions(
            target=self._target.name,
            unit=self._target.unit,
            level=level,
            distribution=replace(
                said, below=doubt * said.below, above=doubt * said.above, unsure=~(said.knows_more & told.encoded)
            ),
            in_domain=in_domain,
            assumption=self.assumption,
            problems=told.problems,
        )

    def _classes(self, told: Told, in_domain: Rows, level: float) -> ClassPredictions:
        assert isinstance(self._intervals, Scores)
        return ClassPredictions(
            target=self._target.name,
            level=level,
            classes=self._target.classes,
            probabilities=told.values,
            sets=class_sets(told.values, self._intervals, level) | ~told.encoded[:, None],
            in_domain=in_domain,
            assumption=self.assumption,
            problems=told.problems,
        )


def _scale_of(values: Floats, target: Target) -> TargetTransform:
    """What brings values to the scale of the target, and how far predictions go."""
    return TargetTransform.fit(transform_of(target.scale).kind, values)


def _with_ceiling(intervals: Conformal, target: Target) -> Conformal:
    """The same; artefacts of earlier versions hold no spread of the labels, but the labels."""
    if intervals.ceiling is not None:
        return intervals
    return replace(intervals, ceiling=Ceiling.fit(target.values, np.arange(len(target.values)), None))


def _require_enough(labels: Labels, usable: Rows, problems: Sequence[RowProblem]) -> None:
    left = labels.measured & usable
    if left.sum() >= MINIMUM_ROWS and len(np.unique(labels.units[left])) > 1:
        return
    first = f"; the first reason: {problems[0]}" if problems else ""
    raise InputError(
        f"{int(left.sum())} of {int(labels.measured.sum())} labelled crystals can be encoded, and a model needs at "
        f"least {MINIMUM_ROWS} of more than one {labels.unit}{first}"
    )
