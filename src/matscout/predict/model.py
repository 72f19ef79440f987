"""Model: a plug-in supplies a predictor; what makes honest predictions of it happens here, once for all."""

from __future__ import annotations

import copy
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from inspect import signature
from pathlib import Path
from typing import Any, ClassVar, Self, final

import numpy as np
from numpy.typing import NDArray

from matscout import registry
from matscout.counting import counted
from matscout.data.dataset import Dataset, Target, Task
from matscout.data.given import Given
from matscout.data.kinds import KindName
from matscout.data.made_up import Label, as_number, made_up_dataset
from matscout.data.materials import Materials
from matscout.extras import missing_words
from matscout.predict.answers import Calibration, answer
from matscout.predict.artefact_folder import save_state
from matscout.predict.base import Answer, Explanation, LeftOut, Metric
from matscout.predict.calibrating import AnyUnseen, calibrate, require_task, stored_calibration
from matscout.predict.card import Card
from matscout.predict.conformal import Calibrator, Conformal
from matscout.predict.domain import Domain
from matscout.predict.explaining import Effects, labelled_neighbours
from matscout.predict.former_names import renamed_words
from matscout.predict.given_materials import materials_for
from matscout.predict.labels import Labels, training_labels
from matscout.predict.likeness_calibration import LikenessCalibration
from matscout.predict.states import State, join_states, part_state, state_of, values_of
from matscout.predict.stored_predictors import predictor_of
from matscout.predict.summary import Summary
from matscout.predict.target_facts import facts_of, target_of
from matscout.predict.uncalibrated import RawClasses, RawDraws, RawLikeness, RawNumbers
from matscout.predict.unfitted import Unfitted
from matscout.progress import Progress, silent
from matscout.remarks import Remark
from matscout.represent.addresses import OPTIONS_ELSEWHERE, Address, option_text
from matscout.represent.embedding import make_representation
from matscout.shown import Shown

Upgrade = Callable[[State], State]


class Predictor(Unfitted):
    """What a plug-in of the family "models" supplies: it learns from labels, and says what it expects of materials.

    Error bars, limits, domain, explanations by neighbours and saved folders are those of :class:`Model`, which
    :meth:`fit` returns.

    Parameters
    ----------
    metric
        The error to keep small: "mae" (predict the median) or "rmse" (predict the mean; of a target over decades, whose
        errors are factors, the geometric mean).
    fast
        Spend a quarter of the time or less.
    seed
        Seed of every random choice; equal seeds give equal predictions.
    """

    version: ClassVar[int] = 1
    """Of what :meth:`state` holds; a change needs an entry in :attr:`upgrades`."""

    upgrades: ClassVar[Mapping[int, Upgrade]] = {}
    """Version -> what turns the state of a predictor of that version into that of the next."""

    merges: ClassVar[bool] = True
    """Whether repeats of a material are merged before it learns; if not, it sees all rows and all targets."""

    tasks: ClassVar[frozenset[Task]] = frozenset({"regression", "classification"})
    """What it learns."""

    learns_from: ClassVar[KindName] = "composition"
    """What a row of its example data set is: what it must be given at least."""

    packages: ClassVar[tuple[str, ...]] = ()
    """Packages that not everybody has; all must be there."""
    extra: ClassVar[str] = ""
    """What of matscout brings them: ``pip install 'matscout[EXTRA]'``."""

    blind: ClassVar[bool] = False
    """Whether it looks at no material, only at the labels."""

    stops_early: ClassVar[bool] = False
    """Whether rows that it does not learn from end the training, before it repeats the labels that it learns from."""

    costly: ClassVar[bool] = False
    """Whether learning from few rows takes much longer than trees do, as networks do; tests are spared then."""

    calibrator: ClassVar[Calibrator] = Conformal()
    """What makes intervals for numbers."""

    summary: Summary | None = None
    """What it chose while it learned, if it chooses."""

    asked_as: str = ""
    """The address that asked for it, "" if it was made otherwise."""

    @classmethod
    def missing(cls) -> str:
        """What must be installed before it can learn, "" if nothing."""
        return missing_words(cls.packages, cls.extra)

    def __init__(self, *, metric: Metric = "mae", fast: bool = False, seed: int = 0) -> None:
        self.metric: Metric = metric
        self.fast = fast
        self.seed = seed

    @property
    def name(self) -> str:
        """The plug-in name: the file name with hyphens, or that of an entry point."""
        return registry.name_of(type(self))

    @property
    def options(self) -> dict[str, Any]:
        """Arguments of the constructor, as they were given or are by default."""
        return {name: getattr(self, name) for name in signature(type(self)).parameters}

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
        usual = {name: one.default for name, one in signature(type(self)).parameters.items()}
        own = {
            name: option_text(value)
            for name, value in self.options.items()
            if name not in OPTIONS_ELSEWHERE and value != usual[name]
        }
        return Address(self.name, options=own).whole

    @property
    def origin(self) -> str:
        """Digest of what it rests on beside the code of matscout, "" if nothing: weights of the user's own."""
        return ""

    @classmethod
    def example_model(cls, *, seed: int = 0, brief: bool = False) -> Self:
        """A model of this kind for its example data set; if ``brief``, one that learns within seconds."""
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
        """What a reader should know of what was learned, a sentence each."""
        return ()

    @property
    def made_of(self) -> tuple[Model, ...]:
        """Fitted models that it is made of: the first explains, and has the labelled materials; none for most."""
        return ()

    def seen(self, materials: Materials) -> dict[str, NDArray[np.bool_]]:
        """Which materials the pretraining of its representations held.

        Returns
        -------
        dict
            Representation -> bool [n], only of representations that were trained on materials.
        """
        makers = {name: make_representation(name) for name in self.representations}
        flags = {name: maker.seen(materials) for name, maker in makers.items() if maker.describes(materials.kind)}
        return {name: seen for name, seen in flags.items() if seen is not None}

    @final
    def fit(self, dataset: Dataset, target: str | None = None, progress: Progress = silent) -> Model:
        """A model that has learned from the rows of ``dataset`` in which the target is known; this stays as it is.

        Raises
        ------
        InputError
            If there are too few rows, classes or groups (see :func:`matscout.predict.labels.training_labels`).
        UsageError
            If it does not learn targets of this task, or cannot learn from such rows.
        """
        labels = training_labels(dataset, target)
        require_task(self.name, self.tasks, labels.target)
        learned = copy.copy(self)
        unseen = learned.learn(labels, dataset, progress)
        return Model.calibrated(learned, labels, unseen)

    @abstractmethod
    def learn(self, labels: Labels, dataset: Dataset, progress: Progress) -> AnyUnseen:
        """Learn from labels, and tell what was said of each before it had been seen.

        Parameters
        ----------
        labels
            n rows in which the target is known. Rows of one unit are left out together.
        dataset
            The table that they come from, for who learns from other columns too.
        progress
            Called with the name of the step and how much is done.
        """

    @abstractmethod
    def estimate(self, materials: Materials) -> RawNumbers | RawDraws | RawClasses | RawLikeness:
        """What is expected of m materials, before any calibration.

        Raises
        ------
        UsageError
            If a context column is missing, or it cannot predict such rows.
        """

    def effects(self, materials: Materials, k: int, target: Target) -> list[Effects] | None:
        """The k properties that move the prediction of each of m materials most; None if it knows of none.

        See :func:`matscout.predict.explaining.main_effects`.
        """
        return None

    @classmethod
    @abstractmethod
    def learned(cls) -> Mapping[str, Any]:
        """Names and types of the attributes that :meth:`learn` sets and :meth:`estimate` needs; they are stored."""

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        known = {name: getattr(self, name) for name in self.learned()}
        return state_of({"options": self.options, **known})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The predictor again, with equal estimates."""
        predictor = cls(**state.spec["options"])
        for name, value in values_of(cls.learned(), state).items():
            setattr(predictor, name, value)
        return predictor


@final
@dataclass(frozen=True, eq=False, repr=False)
class Model(Shown):
    """A fitted model: a predictor with error bars that were learned from its errors on rows left out.

    Parameters
    ----------
    predictor
        What the plug-in has learned.
    target
        What it predicts, with the labels.
    formulas
        text [n], of the labelled materials.
    calibration
        Turns what the predictor says into distributions or class sets.
    domain
        The labelled materials as a yardstick for new ones.
    assumption
        What the coverage of the intervals rests on, in a sentence.
    scores
        Errors on training rows that were left out while fitting, e.g. ``{"mae": 0.31}``. A little optimistic where the
        model chose its parts by these rows: :func:`matscout.evaluate` measures on others.
    left_out
        What it said of training rows that were left out while fitting; None if it does not keep that, for classes, and
        after loading.
    card
        Where the model came from; set by :func:`matscout.fit` and on loading.
    """

    predictor: Predictor
    target: Target
    formulas: NDArray[np.str_]
    calibration: Calibration
    domain: Domain
    assumption: str
    scores: Mapping[str, float]
    left_out: LeftOut | None = None
    card: Card | None = None

    loaded_by: ClassVar[str] = "matscout.predict.artefact:load"
    """What reads a folder that :meth:`save` wrote."""

    @classmethod
    def calibrated(cls, predictor: Predictor, labels: Labels, unseen: AnyUnseen) -> Self:
        """A model from a predictor that has learned, and what was said of its labels before they were seen."""
        learned = calibrate(unseen, labels, predictor.calibrator)
        return cls(
            predictor,
            labels.target,
            labels.materials.formulas,
            learned.calibration,
            predictor.made_of[0].domain if predictor.made_of else Domain.fit(labels.materials, labels.units),
            learned.assumption + unseen.remark,
            learned.scores,
            learned.left_out,
        )

    @property
    def name(self) -> str:
        """Name of the plug-in."""
        return self.predictor.name

    @property
    def metric(self) -> Metric:
        """The error that it keeps small."""
        return self.predictor.metric

    @property
    def fast(self) -> bool:
        """Whether it was fitted in a quarter of the time or less."""
        return self.predictor.fast

    @property
    def seed(self) -> int:
        """Seed of every random choice."""
        return self.predictor.seed

    @property
    def address(self) -> str:
        """What asks for a model like this one."""
        return self.predictor.address

    @property
    def representations(self) -> tuple[str, ...]:
        """Names of the representations that it learned from."""
        return self.predictor.representations

    @property
    def needs_structures(self) -> bool:
        """Whether it predicts crystal structures only, no formulas."""
        return self.predictor.needs_structures

    @property
    def tolerance(self) -> float:
        """How much a prediction x may depend on the batch, times max(1, abs(x))."""
        return self.predictor.tolerance

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of the model, a sentence each."""
        renamed = renamed_words(self.predictor.asked_as) if self.predictor.asked_as else ""
        own = self.calibration.notes(self.target) if isinstance(self.calibration, LikenessCalibration) else ()
        return (*self.predictor.notes, *own, *([Remark("model-called-otherwise-now", renamed)] if renamed else []))

    @property
    def summary(self) -> Summary | None:
        """What ``auto`` chose; None for models that do not choose."""
        return self.predictor.summary

    def seen(self, materials: Materials) -> dict[str, NDArray[np.bool_]]:
        """Which materials the pretraining of its representations held, see :meth:`Predictor.seen`."""
        return self.predictor.seen(materials)

    def predict(
        self, materials: Given, level: float = 0.9, *, settings: Mapping[str, str | float] | None = None
    ) -> Answer:
        """Predictions for every material, intervals at nominal coverage ``level``.

        Of tables, context columns that the model needs are read (:data:`matscout.data.given.Given`); ``settings`` gives
        them for all materials: ``{"T": 600}``, ``{"T": "300 C"}``.

        Raises
        ------
        InputError
            If a material cannot be read.
        UsageError
            If ``level`` needs more training rows than there were, or a context column is missing.
        """
        return next(self.predict_at(materials_for(self.card, materials, settings or {}), (level,)))

    def predict_at(self, materials: Materials, levels: Sequence[float]) -> Iterator[Answer]:
        """The predictions of :meth:`predict` at one level after the other; the predictor is asked once.

        Raises
        ------
        UsageError
            When a level is reached that needs more training rows than there were; or as :meth:`predict` says.
        """
        raw = self.predictor.estimate(materials)
        in_domain = self.domain.contains(materials) & raw.represented
        problems = tuple(dict.fromkeys((*raw.problems, *self.domain.remarks(materials))))
        judged = replace(raw, problems=problems, represented=in_domain)
        for level in levels:
            self.require(level)
            yield answer(self.target, self.calibration, judged, level, self.assumption)

    def require(self, level: float) -> None:
        """Refuse a level that the training rows cannot support, with a :class:`~matscout.errors.UsageError`."""
        for model in self.predictor.made_of:
            model.require(level)
        self.calibration.require(level)

    def explain(self, materials: Given, k: int = 3) -> list[Explanation]:
        """The k nearest labelled materials and the k most important properties for each material."""
        materials = materials_for(self.card, materials, {})
        if self.predictor.made_of:
            return self.predictor.made_of[0].explain(materials, k)
        effects = self.predictor.effects(materials, k, self.target)
        nearest = self.domain.nearest(materials, k)
        return [
            Explanation(
                labelled_neighbours(self.target, self.formulas, nearest.rows[row], nearest.similarities[row]),
                () if effects is None else effects[row],
                None if effects is None else self.target.error_unit,
            )
            for row in range(len(materials))
        ]

    def save(self, folder: str | Path) -> Path:
        """Write the model to a folder (``spec.json``, ``arrays.npz``, ``card.md``), whole or not at all.

        Raises
        ------
        UsageError
            If ``folder`` holds something else than an artefact.
        """
        return save_state(Path(folder), self.state(), self.card, self.notes, self.seed)

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        spec = {
            "plug_in": self.name,
            "model_version": self.predictor.version,
            "target": facts_of(self.target),
            "assumption": self.assumption,
            "scores": dict(self.scores),
        }
        parts = {
            "predictor": self.predictor.state(),
            "calibration": self.calibration.state(),
            "domain": self.domain.state(),
            "labels": State({}, {"formulas": self.formulas, "values": self.target.values}),
        }
        return join_states(spec, parts)

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The fitted model again, with equal predictions.

        Raises
        ------
        UsageError
            If its plug-in is not installed.
        ArtefactError
            If it is of another version of its plug-in, which has no way up from there.
        """
        spec, labels = state.spec, part_state(state, "labels").arrays
        target = target_of(spec["target"], labels["values"])
        return cls(
            predictor_of(state),
            target,
            labels["formulas"],
            stored_calibration(target, part_state(state, "calibration")),
            Domain.from_state(part_state(state, "domain")),
            spec["assumption"],
            spec["scores"],
        )

    def in_a_line(self) -> str:
        """What it is, what it predicts, from how many rows, how well."""
        scores = [f"{name} {value:.3g}" for name, value in self.scores.items()]
        return ", ".join([f"{self.address} for {self.target.label}", counted(len(self.formulas), "label"), *scores[:2]])
