"""Learner: vectors and values -> estimates, without knowing what a material is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Task
from matscout.errors import UsageError
from matscout.predict.states import State, Stored, values_of
from matscout.registry import load_class, name_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Estimate:
    """What a regressor says about m rows.

    Parameters
    ----------
    mean, median
        float64 [m], centre of the learner's own predictive distribution (equal where it has only one).
    std
        float64 [m], the learner's own spread; not calibrated, but larger where it knows less.
    """

    mean: Floats
    median: Floats
    std: Floats


class Learner(Stored, ABC):
    """A plug-in of the family "learners": a dataclass whose arguments are its options.

    What fitting finds out are fields too, with ``field(init=False)``. All are stored, see
    :class:`matscout.predict.states.Stored`.
    """

    task: ClassVar[Task]
    """Whether it learns numbers or classes."""

    blind: ClassVar[bool] = False
    """Whether it looks at no vectors, only at the labels."""

    extrapolates: ClassVar[bool] = False
    """Whether it can predict beyond the labels that it has seen: forests average labels, and cannot."""

    column_sets: ClassVar[tuple[str, ...]] = ()
    """Names of the column sets (:mod:`matscout.predict.column_sets`) on which ``auto`` tries it, in this order."""

    plain_column_sets: ClassVar[tuple[str, ...]] = ()
    """Those on which ``auto`` lets it learn the target as it is, where another scale may be easier."""

    first_only: ClassVar[bool] = False
    """Whether only the first of these that is offered counts."""

    takes_all: ClassVar[bool] = False
    """Whether ``auto`` tries it on all column sets that are offered."""

    by_distances: ClassVar[bool] = False
    """Whether ``auto`` tries it also on column sets that ask for learners by distances."""

    on_trial: ClassVar[bool] = True
    """Whether ``auto`` gives it up after the first inner fold where it errs much more than the best so far."""

    turn: ClassVar[int] = 100
    """The lower, the earlier ``auto`` tries it."""

    @classmethod
    def suits(cls, values: Floats) -> bool:
        """Whether it is worth trying on such labels, [n]."""
        return True

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        known = super().state()
        return State({"learner": name_of(type(self)), "task": self.task, **known.spec}, known.arrays)

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The fitted learner again, with equal estimates; of the class that it was."""
        if not hasattr(cls, "__dataclass_fields__"):
            fitted: Self = learner_class(state.spec["learner"], state.spec["task"]).from_state(state)
            return fitted
        values = values_of(cls.stored_fields(), state)
        options = [one.name for one in fields(cls) if one.init and one.name in values]  # type: ignore[arg-type]
        learner = cls(**{name: values.pop(name) for name in options})
        for name, value in values.items():
            setattr(learner, name, value)
        return learner


class Classifier(Learner):
    """Learns classes 0..c-1."""

    task = "classification"

    @abstractmethod
    def fit(self, vectors: Floats, classes: NDArray[np.int64], n_classes: int, weights: Floats | None = None) -> Self:
        """Learn from vectors [n, d] and classes [n]; a class may be absent from the rows."""

    @abstractmethod
    def predict(self, vectors: Floats) -> Floats:
        """Probabilities [m, c]; rows sum to 1."""


class Regressor(Learner):
    """Learns numbers."""

    task = "regression"

    classifier: ClassVar[type[Classifier] | None] = None
    """What learns classes in the same way, under the same name; None if there is nothing."""

    statistics: ClassVar[tuple[str, ...]] = ("mean",)
    """What of its estimates a stack may choose from: "mean", which comes first, and "median"."""

    @abstractmethod
    def fit(self, vectors: Floats, values: Floats, weights: Floats | None = None) -> Self:
        """Learn from vectors [n, d] (finite), values [n] and optional non-negative weights [n]."""

    @abstractmethod
    def predict(self, vectors: Floats) -> Estimate:
        """Estimates for vectors [m, d]."""


def learner_class(name: str, task: Task) -> type[Any]:
    """What learns numbers, or classes, under a name in the catalogue of learners.

    Raises
    ------
    UsageError
        If there is none.
    """
    learner = of_task(load_class("learners", name), task)
    if learner is None:
        raise UsageError(f"the learner {name!r} learns no {'classes' if task == 'classification' else 'numbers'}")
    return learner


def of_task(plug_in: type[Learner], task: Task) -> type[Any] | None:
    """What of a plug-in learns numbers, or classes; None if nothing does."""
    learner = plug_in.classifier if issubclass(plug_in, Regressor) and task == "classification" else plug_in
    return learner if learner is not None and learner.task == task else None
