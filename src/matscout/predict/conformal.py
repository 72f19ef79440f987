"""Conformal intervals and class sets: error bars that are right a stated share of the time, whatever the model.

A model's own spread s_i says which rows it is less sure of; its residuals r_i on rows it has not seen say how wrong
it is. The scores |r_i| / (s_i + floor) of K exchangeable units (groups, or materials) are pooled so that every unit
counts equally, and the interval of a new row is ``prediction +- q (s + floor)`` with q their quantile at
``level`` when a further unit of infinite score is added (Vovk, Gammerman, Shafer 2005, doi:10.1007/b106715;
Lei and others 2018, doi:10.1080/01621459.2017.1307116; for groups Lee, Barber, Willett 2023, arXiv:2306.06342).

What this rests on: a new unit is drawn like the K units of the training data. With residuals from a calibration set
that no training touched, coverage is then at least ``level``. Here they are out-of-bag or cross-validated residuals,
which spares labels and is close to ``level`` in practice, but for which only 1 - 2 (1 - level) can be guaranteed
(CV+ and jackknife+: Barber and others 2021, doi:10.1214/20-AOS1965).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from matscout.errors import UsageError
from matscout.predict.base import State
from matscout.predict.states import join_states, part_state

Floats = NDArray[np.float64]

FLOOR = 0.25
"""Added to every spread, as a share of the mean spread: keeps rows on which all trees agree from exact certainty."""


def require_level(level: float, n_units: int, unit: str = "rows") -> None:
    """Refuse a level that n units cannot support.

    Raises
    ------
    UsageError
        If ``level`` is not between 0 and 1, or greater than n / (n + 1).
    """
    if not 0.0 < level < 1.0:
        raise UsageError(f"the level of the intervals must lie between 0 and 1, e.g. 0.9; got {level}")
    if level > n_units / (n_units + 1) + 1e-12:
        needed = math.ceil(level / (1.0 - level) - 1e-9)
        raise UsageError(
            f"intervals at level {level} need at least {needed} training {unit}; there are {n_units}: "
            f"add some, or ask for a level of at most {math.floor(1000 * n_units / (n_units + 1)) / 1000}"
        )


def assumption(residuals: str, unit: str) -> str:
    """What the coverage rests on, in a sentence for the user.

    Parameters
    ----------
    residuals
        How the residuals were found: "out-of-bag", "out-of-fold", "leave-one-out".
    unit
        What is exchangeable: "material" or "group".
    """
    beyond = "" if unit == "group" else "; for a new family or paper they are too narrow (name a group column for that)"
    return (
        f"conformal intervals from {residuals} errors: right as often as stated for a new {unit} drawn like the "
        f"training {unit}s{beyond}; strictly guaranteed is only twice the miss rate (80 % for intervals at 90 %)"
    )


@dataclass(frozen=True, eq=False)
class Scores:
    """Nonconformity scores of the training rows, ascending, with the share of the whole that each stands for.

    Parameters
    ----------
    values
        float64 [n], ascending.
    shares
        float64 [n], 1 / ((K + 1) times the rows of its unit); they sum to K / (K + 1).
    n_units
        K.
    unit
        What is exchangeable, in the plural, for messages: "materials", "groups".
    """

    values: Floats
    shares: Floats
    n_units: int
    unit: str

    @classmethod
    def collect(cls, scores: Floats, units: NDArray[np.int64] | None = None, unit: str = "materials") -> Scores:
        """From scores [n], not finite where a row has none, and the unit of each row [n] (None: each its own)."""
        usable = np.isfinite(scores)
        rows = np.flatnonzero(usable)
        names = rows if units is None else units[rows]
        _, codes, sizes = np.unique(names, return_inverse=True, return_counts=True)
        order = np.argsort(scores[rows], kind="stable")
        shares = np.asarray(1.0 / (sizes[codes] * (len(sizes) + 1.0)), dtype=np.float64)
        return cls(scores[rows][order], shares[order], len(sizes), unit)

    def quantile(self, level: float) -> float:
        """The smallest score q such that scores <= q hold a share of at least ``level``.

        Raises
        ------
        UsageError
            If ``level`` is greater than K / (K + 1).
        """
        require_level(level, self.n_units, self.unit)
        position = np.searchsorted(np.cumsum(self.shares), level - 1e-9)
        return float(self.values[min(int(position), len(self.values) - 1)])

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        return State({"n_units": self.n_units, "unit": self.unit}, {"values": self.values, "shares": self.shares})

    @classmethod
    def from_state(cls, state: State) -> Scores:
        """The scores again."""
        return cls(state.arrays["values"], state.arrays["shares"], state.spec["n_units"], state.spec["unit"])


class Intervals(ABC):
    """Error bars from the spread that a learner states."""

    @abstractmethod
    def half_width(self, spreads: Floats, level: float) -> Floats:
        """Half the width of the intervals at ``level`` for rows of spread [m], in the unit of the target."""

    @abstractmethod
    def std(self, spreads: Floats) -> Floats:
        """Standard deviation of the predictive distribution for rows of spread [m], in the unit of the target."""

    @abstractmethod
    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""

    @classmethod
    @abstractmethod
    def from_state(cls, state: State) -> Self:
        """The intervals again."""


@dataclass(frozen=True, eq=False)
class Gaussian(Intervals):
    """The learner's spread taken at its word: ``prediction +- z spread`` with z of the normal distribution.

    Parameters
    ----------
    n_units, unit
        Number of training units and what they are; levels that they cannot support are refused as elsewhere.
    """

    n_units: int
    unit: str

    def half_width(self, spreads: Floats, level: float) -> Floats:
        """Half the width of the intervals at ``level`` for rows of spread [m], in the unit of the target."""
        require_level(level, self.n_units, self.unit)
        return np.asarray(norm.ppf((1.0 + level) / 2.0) * spreads, dtype=np.float64)

    def std(self, spreads: Floats) -> Floats:
        """The spread itself, [m]."""
        return spreads

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        return State({"n_units": self.n_units, "unit": self.unit})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The intervals again."""
        return cls(**state.spec)


@dataclass(frozen=True, eq=False)
class Conformal(Intervals):
    """Symmetric intervals for numbers, wider where the model's own spread is larger.

    Parameters
    ----------
    scores
        |residual| / (spread + floor) of the training rows.
    floor
        In the unit of the target.
    """

    scores: Scores
    floor: float

    @classmethod
    def fit(
        cls, residuals: Floats, spreads: Floats, units: NDArray[np.int64] | None = None, unit: str = "materials"
    ) -> Self:
        """From residuals [n] and spreads [n] of rows that the model had not seen (NaN where there is none)."""
        usable = np.isfinite(residuals) & np.isfinite(spreads)
        floor = FLOOR * float(spreads[usable].mean()) or 1e-12
        scores = np.where(usable, np.abs(residuals) / (spreads + floor), np.nan)
        return cls(Scores.collect(scores, units, unit), floor)

    def half_width(self, spreads: Floats, level: float) -> Floats:
        """Half the width of the intervals at ``level`` for rows of spread [m], in the unit of the target."""
        return np.asarray(self.scores.quantile(level) * (spreads + self.floor), dtype=np.float64)

    def std(self, spreads: Floats) -> Floats:
        """Calibrated standard deviation [m]: the spread scaled so that the scores have mean square 1."""
        mean_square = np.average(self.scores.values**2, weights=self.scores.shares)
        return np.asarray(np.sqrt(mean_square) * (spreads + self.floor), dtype=np.float64)

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        return join_states({"floor": self.floor}, {"scores": self.scores.state()})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The intervals again."""
        return cls(Scores.from_state(part_state(state, "scores")), state.spec["floor"])


def class_scores(probabilities: Floats, classes: NDArray[np.int64]) -> Floats:
    """1 - probability of the true class, [n].

    Gives the least ambiguous sets (Sadinle, Lei, Wasserman 2019, doi:10.1080/01621459.2017.1395341).
    """
    return np.asarray(1.0 - probabilities[np.arange(len(classes)), classes], dtype=np.float64)


def class_sets(probabilities: Floats, scores: Scores, level: float) -> NDArray[np.bool_]:
    """Prediction sets [m, c] that hold the true class with probability ``level``; never empty."""
    sets = 1.0 - probabilities <= scores.quantile(level) + 1e-12
    sets[np.arange(len(sets)), probabilities.argmax(axis=1)] = True
    return np.asarray(sets, dtype=np.bool_)
