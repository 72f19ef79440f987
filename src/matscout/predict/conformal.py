"""Conformal intervals and class sets: error bars scaled to be right about a stated share of the time, for any model.

A model's own spread s_i says which rows it is less sure of; its residuals r_i on rows it has not seen say how wrong
it is. The scores |r_i| / (s_i + floor) of K exchangeable units (groups, or materials) are pooled, and the interval of
a new row is ``prediction +- q (s + floor)`` with q their quantile at ``level`` when a further unit of infinite score
is added (Vovk, Gammerman, Shafer 2005, doi:10.1007/b106715; Lei and others 2018, doi:10.1080/01621459.2017.1307116;
for groups Lee, Barber, Willett 2023, arXiv:2306.06342). :meth:`Scores.collect` lets every unit count equally;
:func:`matscout.predict.regression_stack.pool_rows` lets every row count equally instead.

What this rests on: a new unit is drawn like the K units of the training data. With residuals from a calibration set
that no training touched, coverage would then be at least ``level``. Here the residuals are out-of-bag or
cross-validated ones and the prediction comes from one final model fitted to all rows. That spares labels and is close
to ``level`` where it was measured, but nothing is guaranteed for a finite number of rows: CV+ and jackknife+, which
keep the model of every fold and combine their intervals, would guarantee 1 - 2 (1 - level) (Barber and others 2021,
doi:10.1214/20-AOS1965); this is their cheaper cousin without it.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.errors import UsageError
from matscout.predict.ceilings import EVEN, Ceiling, SignedScores
from matscout.predict.distributions import NO_LIMITS, Distribution
from matscout.predict.profiles import NORMAL, Profile, Shape
from matscout.predict.states import State, join_states, part_state
from matscout.predict.transforms import TargetTransform

Floats = NDArray[np.float64]

GROUPS = "groups"
"""What is exchangeable where rows come in groups of the user's."""
FLOOR = 0.25
"""Added to every spread, as a share of the mean spread: keeps rows on which all trees agree from exact certainty."""

DEFAULT_LEVEL = 0.9
"""The level at which intervals are asked for unless somebody says otherwise."""


def highest_level(n_units: int) -> float:
    """The highest level that n units can support, n / (n + 1) rounded down to three digits."""
    return math.floor(1000 * n_units / (n_units + 1)) / 1000


def units_needed(level: float) -> int:
    """The fewest units n that can support a level: n / (n + 1) >= level."""
    return math.ceil(level / (1.0 - level) - 1e-9)


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
        raise UsageError(
            f"intervals at level {level} need at least {units_needed(level)} training {unit}; there are {n_units}: "
            f"add some, or ask for a level of at most {highest_level(n_units)}"
        )


def assumption(unit: str, n_units: int, origin: str = "") -> str:
    """What the coverage rests on, in a sentence for the user.

    Parameters
    ----------
    unit
        What is exchangeable: "material", "reaction" or "group".
    n_units
        How many of them the intervals rest on; if they are too few for ``DEFAULT_LEVEL``, the sentence says so.
    origin
        Where the intervals come from, if not from errors on rows left out of the fit.
    """
    left_out = "groups" if unit == "group" else "rows"
    origin = origin or f"come from errors on {left_out} left out of the fit, scaled to the level asked for"
    beyond = "" if unit == "group" else "; for a new family or paper, name a group column"
    few = ""
    if highest_level(n_units) < DEFAULT_LEVEL:
        few = (
            f"; with {n_units} {unit}s the highest level that can be asked for is {highest_level(n_units)} "
            f"({DEFAULT_LEVEL} needs {units_needed(DEFAULT_LEVEL)})"
        )
    return (
        f"intervals {origin}; there is no guarantee, least of all with few {left_out}: evaluate measures the coverage; "
        f"they hold for a new {unit} like the labelled ones{beyond}{few}"
    )


@dataclass(frozen=True, eq=False)
class Scores:
    """Nonconformity scores of the training rows, ascending, with the share of the whole that each stands for.

    Parameters
    ----------
    values
        float64 [n], ascending.
    shares
        float64 [n]: 1 / ((K + 1) times the rows of its unit) where units count equally, 1 / (n + 1) where rows do.
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
        """With equal shares for the units.

        From scores [n], not finite where a row has none, and the unit of each row [n] (None: each its own).
        """
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

    @property
    def shape(self) -> Shape:
        """The scores as sizes of errors against the share that stays below."""
        return Shape.of(self.values, np.cumsum(self.shares))

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        return State({"n_units": self.n_units, "unit": self.unit}, {"values": self.values, "shares": self.shares})

    @classmethod
    def from_state(cls, state: State) -> Scores:
        """The scores again."""
        return cls(state.arrays["values"], state.arrays["shares"], state.spec["n_units"], state.spec["unit"])


class Intervals(ABC):
    """Error bars from the spread that a learner states: the width of each row, and the shape of all errors."""

    ceiling: Ceiling | None
    sides: tuple[float, float]

    @abstractmethod
    def support(self) -> int:
        """Number of training units that the intervals rest on."""

    @abstractmethod
    def require(self, level: float) -> None:
        """Refuse a level that the training units cannot support, with a :class:`~matscout.errors.UsageError`."""

    @property
    @abstractmethod
    def shape(self) -> Shape:
        """Sizes of errors in units of the width."""

    @abstractmethod
    def widths(self, spreads: Floats) -> Floats:
        """The width of rows of spread [m], on the scale of the spreads, [m]."""

    def distribution(
        self, scale: TargetTransform, centre: Floats, spreads: Floats, limits: tuple[float, float] = NO_LIMITS
    ) -> Distribution:
        """What m values may be, of which a learner says centre and spread [m] on the scale."""
        widths, (below, above), ceiling = self.widths(spreads), self.sides, self.ceiling
        if ceiling is None:
            return Distribution(scale, centre, below * widths, above * widths, (Profile(self.shape),), None, limits)
        return ceiling.distribution(scale, centre, widths, self.shape, sides=self.sides, limits=limits)

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
    ceiling
        How wide the intervals may become, None if that is not known.
    sides
        Both sides are alike.
    """

    n_units: int
    unit: str
    ceiling: Ceiling | None = None
    sides: tuple[float, float] = EVEN

    def support(self) -> int:
        """Number of training units."""
        return self.n_units

    def require(self, level: float) -> None:
        """As for any intervals."""
        require_level(level, self.n_units, self.unit)

    @property
    def shape(self) -> Shape:
        """That of a normal distribution."""
        return NORMAL

    def widths(self, spreads: Floats) -> Floats:
        """The spreads, [m]."""
        return spreads

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        return join_states({"n_units": self.n_units, "unit": self.unit}, _parts(self.ceiling))

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The intervals again."""
        return cls(state.spec["n_units"], state.spec["unit"], _ceiling(state))


@dataclass(frozen=True, eq=False)
class Conformal(Intervals):
    """Intervals for numbers, wider where the model's own spread is larger, and on the side where errors are.

    Parameters
    ----------
    scores
        |residual| / (spread + floor) of the training rows, over the factor of the side on which it lies.
    floor
        On the scale of residuals and spreads.
    ceiling
        How wide the intervals may become, None if that is not known.
    sides
        What the widths below and above the prediction are multiplied by, see :func:`sides_of`.
    """

    scores: Scores
    floor: float
    ceiling: Ceiling | None = None
    sides: tuple[float, float] = EVEN

    @classmethod
    def fit(
        cls,
        residuals: Floats,
        spreads: Floats,
        values: Floats,
        units: NDArray[np.int64] | None = None,
        unit: str = "materials",
        *,
        doubted: bool = True,
    ) -> Self:
        """From residuals (label less prediction) and spreads of rows that the model had not seen, [n], NaN if none.

        ``values`` are the labels [n], on the same scale. Where spreads follow from the predictions themselves (errors
        are a share of the value), a large one is no sign of doubt: say ``doubted=False``.
        """
        usable = np.isfinite(residuals) & np.isfinite(spreads)
        floor = FLOOR * float(spreads[usable].mean()) or 1e-12
        widths, named = spreads + floor, np.arange(len(values)) if units is None else units
        known, judged = (np.where(usable, column, np.nan) for column in (values, widths))
        ceiling = Ceiling.fit(known, named, judged, grouped=unit == GROUPS)
        ceiling = ceiling if doubted else replace(ceiling, largest=None, draws=False)
        told = SignedScores.of(residuals[usable], widths[usable], values[usable], ceiling, doubted=doubted)
        scores = np.full(len(values), np.nan)
        scores[usable] = told.sizes
        return cls(Scores.collect(scores, units, unit), floor, told.ceiling, told.sides)

    def support(self) -> int:
        """Number of training units that have a score."""
        return self.scores.n_units

    def require(self, level: float) -> None:
        """As for any intervals."""
        require_level(level, self.scores.n_units, self.scores.unit)

    @cached_property
    def shape(self) -> Shape:
        """That of the scores."""
        return self.scores.shape

    def widths(self, spreads: Floats) -> Floats:
        """The spread with the floor, [m]."""
        return np.asarray(spreads + self.floor, dtype=np.float64)

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        return join_states(
            {"floor": self.floor, "sides": list(self.sides)}, {"scores": self.scores.state(), **_parts(self.ceiling)}
        )

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The intervals again."""
        below, above = state.spec.get("sides", EVEN)
        return cls(Scores.from_state(part_state(state, "scores")), state.spec["floor"], _ceiling(state), (below, above))


def _parts(ceiling: Ceiling | None) -> dict[str, State]:
    return {} if ceiling is None else {"ceiling": ceiling.state()}


def _ceiling(state: State) -> Ceiling | None:
    """None in artefacts of earlier versions."""
    return Ceiling.from_state(part_state(state, "ceiling")) if "ceiling" in state.spec else None


def class_scores(probabilities: Floats, classes: NDArray[np.int64]) -> Floats:
    """1 - probability of the true class, [n].

    Gives the least ambiguous sets (Sadinle, Lei, Wasserman 2019, doi:10.1080/01621459.2017.1395341).
    """
    return np.asarray(1.0 - probabilities[np.arange(len(classes)), classes], dtype=np.float64)


def class_sets(probabilities: Floats, scores: Scores, level: float) -> NDArray[np.bool_]:
    """Prediction sets [m, c] that hold the true class about as often as ``level``; never empty."""
    sets = 1.0 - probabilities <= scores.quantile(level) + 1e-12
    sets[np.arange(len(sets)), probabilities.argmax(axis=1)] = True
    return np.asarray(sets, dtype=np.bool_)
