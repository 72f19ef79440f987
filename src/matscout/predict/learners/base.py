"""Learner: vectors and values -> estimates, without knowing what a material is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.predict.states import State

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


class Regressor(ABC):
    """Learns numbers; one file in ``predict/learners`` each."""

    @abstractmethod
    def fit(self, vectors: Floats, values: Floats, weights: Floats | None = None) -> Self:
        """Learn from vectors [n, d] (finite), values [n] and optional non-negative weights [n]."""

    @abstractmethod
    def predict(self, vectors: Floats) -> Estimate:
        """Estimates for vectors [m, d]."""

    @abstractmethod
    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""

    @classmethod
    @abstractmethod
    def from_state(cls, state: State) -> Self:
        """The fitted learner again, with equal estimates."""


class Classifier(ABC):
    """Learns classes 0..c-1; one file in ``predict/learners`` each."""

    @abstractmethod
    def fit(self, vectors: Floats, classes: NDArray[np.int64], n_classes: int, weights: Floats | None = None) -> Self:
        """Learn from vectors [n, d] and classes [n]; a class may be absent from the rows."""

    @abstractmethod
    def predict(self, vectors: Floats) -> Floats:
        """Probabilities [m, c]; rows sum to 1."""

    @abstractmethod
    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""

    @classmethod
    @abstractmethod
    def from_state(cls, state: State) -> Self:
        """The fitted learner again, with equal probabilities."""
