"""Conformal intervals and class sets: error bars scaled to be right about a stated share of the time, for any model.

A model's own spread s_i says which rows it is less sure of; its residuals r_i on rows it has not seen say how wrong
it is. The scores |r_i| / (s_i + floor) of K exchangeable units (groups, or materials) are pooled, and the interval of
a new row is ``prediction +- q (s + floor)`` with q their quantile at ``level`` when a further unit of infinite score
is added (Vovk, Gammerman, Shafer 2005, doi:10.1007/b106715; Lei and others 2018, doi:10.1080/01621459.2017.1307116;
for groups Lee, Barber, Willett 2023, arXiv:2306.06342). :meth:`Scores.collect` lets every unit count equally;
:meth:`Scores.of_rows` lets every row count equally instead.

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
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.errors import UsageError
from matscout.predict.ceilings import EVEN, Ceiling, SignedScores
from matscout.predict.distributions import MARKED_STEP, NO_LIMITS, Distribution
from matscout.predict.profiles import NORMAL, ErrorShape, Profile
from matscout.predict.standardised import Standardised
from matscout.predict.states import Stored
from matscout.predict.transforms import LINEAR

Floats = NDArray[np.float64]

GROUPS = "groups"
"""What is exchangeable where rows come in groups of the user's."""
FLOOR = 0.25
"""Added to every spread unless somebody says otherwise, as a share of the mean spread."""
LEAST_FLOOR = 1e-12
"""Of spreads that are all zero."""

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
            f"add some, or choose a level of at most {highest_level(n_units)}"
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
    origin = origin or f"come from errors on {left_out} left out of the fit, scaled to the requested level"
    beyond = "" if unit == "group" else "; for a new family or paper, name a group column"
    few = ""
    if highest_level(n_units) < DEFAULT_LEVEL:
        few = (
            f"; with {n_units} {unit}s, the highest possible level is {highest_level(n_units)} ({DEFAULT_LEVEL} "
            f"needs {units_needed(DEFAULT_LEVEL)})"
        )
    return (
        f"intervals {origin}; they carry no guarantee, especially with few {left_out} (matscout evaluate measures the "
        f"coverage), and assume a new {unit} similar to the labelled ones{beyond}{few}"
    )


@dataclass(frozen=True, eq=False)
class Scores(Stored):
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

    @classmethod
    def of_rows(cls, scores: Floats, units: NDArray[np.int64], unit: str) -> Scores:
        """In which every row counts equally, while the units [n] are what is exchangeable.

        Coverage is meant over rows: the next measurement of a new group, which more often belongs to a large group. So
        a row's share is 1 / (n + 1) for n rows, while the K units limit the level. (Equal shares for groups give the
        average over groups instead, and shares of K / (K + 1) / n the correction for K units: both make wider intervals
        by paper than the rows need, and a worse interval score.)
        """
        n = len(scores)
        return cls(np.sort(scores), np.full(n, 1.0 / (n + 1.0)), len(np.unique(units)), unit)

    def quantile(self, level: float) -> float:
        """The smallest score q such that scores <= q hold a share of at least ``level``.

        Raises
        ------
        UsageError
            If ``level`` is greater than K / (K + 1).
        """
        self.require(level)
        position = np.searchsorted(np.cumsum(self.shares), level - 1e-9)
        return float(self.values[min(int(position), len(self.values) - 1)])

    def require(self, level: float) -> None:
        """Refuse a level that the training units cannot support, with a :class:`~matscout.errors.UsageError`."""
        require_level(level, self.n_units, self.unit)

    @property
    def shape(self) -> ErrorShape:
        """The scores as sizes of errors against the share that stays below."""
        return ErrorShape.of(self.values, np.cumsum(self.shares))


@dataclass(frozen=True, eq=False)
class Intervals(Stored):
    """Error bars from the spread that a model states: the width of each row, and the shape of all errors.

    Parameters
    ----------
    n_units, unit
        How many training units they rest on and what these are in the plural; levels that they cannot support are
        refused.
    scores
        |residual| / (spread + floor) of the training rows, over the factor of the side on which it lies. None where the
        spread is that of a normal distribution.
    floor
        Added to the spread of each row, on the scale of residuals and spreads.
    ceiling
        How wide the intervals may become, None if that is not known.
    sides
        What the widths below and above the prediction are multiplied by, see :func:`sides_of`.
    """

    n_units: int
    unit: str
    scores: Scores | None = None
    floor: float = 0.0
    ceiling: Ceiling | None = None
    sides: tuple[float, float] = EVEN

    def require(self, level: float) -> None:
        """Refuse a level that the training units cannot support, with a :class:`~matscout.errors.UsageError`."""
        require_level(level, self.n_units, self.unit)

    @cached_property
    def shape(self) -> ErrorShape:
        """Sizes of errors in units of the width."""
        return NORMAL if self.scores is None else self.scores.shape

    def widths(self, spreads: Floats) -> Floats:
        """The width of rows of spread [m], on the scale of the spreads, [m]."""
        return np.asarray(spreads + self.floor, dtype=np.float64)

    def drawn(self, centre: Floats, spreads: Floats) -> Floats:
        """Centres [m] where they are predicted: drawn towards the middle of the labels if that was learned."""
        return centre if self.ceiling is None else self.ceiling.drawn(centre, self.widths(spreads))

    def distribution(
        self, scale: Standardised, centre: Floats, spreads: Floats, limits: tuple[float, float] = NO_LIMITS
    ) -> Distribution:
        """What m values may be, of which a model says centre and spread [m] on the scale."""
        widths, (below, above), ceiling = self.widths(spreads), self.sides, self.ceiling
        if ceiling is not None:
            return ceiling.distribution(scale, centre, widths, self.shape, sides=self.sides, limits=limits)
        distribution = Distribution(LINEAR, centre, below * widths, above * widths, (Profile(self.shape),))
        return scale.restored(distribution, limits)


class Calibrator(ABC):
    """Makes intervals from what a model said of rows that it had not seen."""

    origin: ClassVar[str] = ""
    """Where the intervals come from, if not from errors on rows left out of the fit."""

    @abstractmethod
    def fit(
        self,
        residuals: Floats,
        spreads: Floats,
        values: Floats,
        units: NDArray[np.int64] | None = None,
        unit: str = "materials",
    ) -> Intervals:
        """Intervals.

        Parameters
        ----------
        residuals, spreads
            Label less prediction, and spread, of rows that the model had not seen, [n]; NaN if there are none.
        values
            The labels [n] on the same scale, NaN where only a bound is known.
        units, unit
            Which rows belong together [n] (None: each is its own unit), and what these are called in the plural.
        """


@dataclass(frozen=True)
class Conformal(Calibrator):
    """Wider where the model's own spread is larger, and on the side where errors are.

    Parameters
    ----------
    floor
        Added to every spread, as a share of the mean spread: keeps rows on which all trees agree from exact certainty.
        0 for spreads that are expected errors already.
    rows_equally
        Whether every row counts equally, see :meth:`Scores.of_rows`, not every unit.
    doubted
        Whether a large spread is a sign of doubt. It is none where spreads follow from the predictions themselves
        (errors are a share of the value).
    """

    floor: float = FLOOR
    rows_equally: bool = False
    doubted: bool = True

    def fit(
        self,
        residuals: Floats,
        spreads: Floats,
        values: Floats,
        units: NDArray[np.int64] | None = None,
        unit: str = "materials",
    ) -> Intervals:
        """As for any calibrator."""
        usable = np.isfinite(residuals) & np.isfinite(spreads)
        floor = (self.floor * float(spreads[usable].mean()) or LEAST_FLOOR) if self.floor else 0.0
        widths, named = spreads + floor, np.arange(len(values)) if units is None else units
        known, judged = (np.where(usable, column, np.nan) for column in (values, widths))
        ceiling = Ceiling.fit(known, named, judged, grouped=unit == GROUPS)
        ceiling = ceiling if self.doubted else replace(ceiling, largest=None, draws=False)
        signed = SignedScores.of(residuals[usable], widths[usable], values[usable], ceiling, doubted=self.doubted)
        collect = Scores.of_rows if self.rows_equally else Scores.collect
        scores = collect(signed.sizes, named[usable], unit)
        return Intervals(scores.n_units, unit, scores, floor, signed.ceiling, signed.sides)


@dataclass(frozen=True)
class Gaussian(Calibrator):
    """The model's spread taken at its word: ``prediction +- z spread`` with z of the normal distribution."""

    origin: ClassVar[str] = "are Gaussian, with the spread that the process states"

    def fit(
        self,
        residuals: Floats,
        spreads: Floats,
        values: Floats,
        units: NDArray[np.int64] | None = None,
        unit: str = "materials",
    ) -> Intervals:
        """As for any calibrator; only the labels and their units have a say."""
        named = np.arange(len(values)) if units is None else units
        ceiling = Ceiling.fit(values, named, None, reach=2.0 * MARKED_STEP)
        return Intervals(len(np.unique(named[np.isfinite(values)])), unit, ceiling=ceiling)


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
