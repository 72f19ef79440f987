"""Distribution: what a model believes of a number, on the scale on which it was judged.

A model says a centre m and a width s for each row; its errors on rows that it had not seen say how large an error is
in units of the width. With q(z) the size of error that a share ``2 Phi(z) - 1`` of them stays below (an
:class:`ErrorShape`), and b(z) the width of the interval that holds as many of the labels themselves, the quantile at
``Phi(z)`` is, on the scale,

    Q(z) = m + sign(z) min(s q(|z|), b(|z|) / 2),

so that no interval is wider than one that does not know the material. (Where errors below and above differ, b is
divided as they are; where less than that part is left up to a limit of the target, the rest is added to the other
side.) Intervals, chances, expected improvements and draws all come from Q, so that they never contradict each other. On
a logarithmic scale Q is brought back by the exponential: half of what is above the centre is not spread evenly over all
numbers up to the upper end, but over its decades.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from matscout.data.ragged import Rows
from matscout.data.read_only import lock
from matscout.predict.profiles import Profile, Side
from matscout.predict.states import Stored
from matscout.predict.transforms import LINEAR, SMALLEST, TargetTransform

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Limit = float | Floats

REACH = 5.0
"""Standard deviations of the normal distribution that integrals reach to either side."""
STEPS = np.linspace(-REACH, REACH, 201)
"""Where integrals are evaluated, in standard deviations."""
CHANCES = np.exp(-0.5 * STEPS**2) / np.exp(-0.5 * STEPS**2).sum()
"""The share of the distribution that each step stands for."""
BEYOND = 8.0
"""Standard deviations beyond which nothing counts."""
POINTS = 201
"""Where such integrals are evaluated."""
ROWS_AT_ONCE = 10_000
MARKED_LEVEL = 0.9
"""Where the interval of this level is as wide as one that knows nothing of the material, the prediction is marked."""
MARKED_STEP = float(ndtri(0.5 + MARKED_LEVEL / 2))
LEAST = 1e-300
"""Least width of anything: there is no certainty."""
NO_LIMITS = (-np.inf, np.inf)
NARROWEST = 1e-12
"""Least width, as a share of the size of the centre: a certain value is an interval of next to no width."""


@dataclass(frozen=True, eq=False)
class Distribution(Stored):
    """What m values may be.

    Parameters
    ----------
    scale
        From the target's unit to the scale of the other columns.
    centre
        float64 [m], the middle on the scale, before it is moved into the limits.
    below, above
        float64 [m], widths to either side on the scale.
    profiles
        How errors are distributed: one profile, or one for each of several models that said something of other rows.
    unsure
        bool [m], whether a model knows no more of a row than what the labels are like on average.
    limits
        Smallest and largest value there can be, in the target's unit, of all rows or float64 [m] each. What lies beyond
        one is moved to it.
    profile
        int64 [m], which of the profiles each row has; None: the only one.
    """

    scale: TargetTransform
    centre: Floats
    below: Floats
    above: Floats
    profiles: tuple[Profile, ...] = (Profile(),)
    unsure: Bools | None = None
    limits: tuple[Limit, Limit] = NO_LIMITS
    profile: NDArray[np.int64] | None = None

    @classmethod
    def between(
        cls,
        predicted: Floats,
        lower: Floats,
        upper: Floats,
        level: float,
        *,
        scale: TargetTransform = LINEAR,
        limits: tuple[Limit, Limit] = NO_LIMITS,
    ) -> Distribution:
        """Two halves of normal distributions [m] that meet at a value and reach to the ends of an interval.

        All in the target's unit; the interval lies within the limits.
        """
        middle, low, high = (scale.forward(column) for column in (predicted, lower, upper))
        step = float(ndtri(0.5 + level / 2))
        return cls(scale, middle, (middle - low) / step, (high - middle) / step, limits=limits)

    def __post_init__(self) -> None:
        columns = [
            self.centre,
            self.below,
            self.above,
            *(one for one in (self.unsure, self.profile) if one is not None),
        ]
        if len({len(column) for column in columns}) > 1:
            raise ValueError(f"columns of a distribution differ in length: {[len(column) for column in columns]}")
        if len(self) and min(float(self.below.min()), float(self.above.min())) < 0:
            raise ValueError("a distribution must have lower <= predicted <= upper: widths are not negative")
        lock(self)

    def __len__(self) -> int:
        return len(self.centre)

    def __getitem__(self, rows: Rows) -> Distribution:
        return replace(
            self,
            centre=self.centre[rows],
            below=self.below[rows],
            above=self.above[rows],
            unsure=None if self.unsure is None else self.unsure[rows],
            limits=(_rows_of(self.limits[0], rows), _rows_of(self.limits[1], rows)),
            profile=None if self.profile is None else self.profile[rows],
        )

    @classmethod
    def joined(cls, parts: Sequence[Distribution]) -> Distribution:
        """One block of consecutive ones on one scale; each keeps its profile and its limits.

        Raises
        ------
        ValueError
            If they are on different scales.
        """
        if any(part.scale != parts[0].scale for part in parts):
            raise ValueError("distributions on different scales cannot be joined")
        columns: dict[str, Any] = {
            name: np.concatenate([getattr(part, name) for part in parts]) for name in ("centre", "below", "above")
        }
        profiles = tuple(dict.fromkeys(profile for part in parts for profile in part.profiles))
        places = [np.array([profiles.index(profile) for profile in part.profiles]) for part in parts]
        unsure = [np.zeros(len(part), dtype=np.bool_) if part.unsure is None else part.unsure for part in parts]
        return replace(
            parts[0],
            **columns,
            profiles=profiles,
            unsure=np.concatenate(unsure),
            limits=(
                _one_or_all(np.concatenate([part._limits[0] for part in parts])),
                _one_or_all(np.concatenate([part._limits[1] for part in parts])),
            ),
            profile=np.concatenate([place[part._which] for place, part in zip(places, parts, strict=True)]),
        )

    @cached_property
    def middle(self) -> Floats:
        """The centre moved into the limits, on the scale, [m]."""
        return np.clip(self.centre, *self._ends)

    @property
    def widest_limits(self) -> tuple[float, float]:
        """Smallest and largest value that any row may have, in the target's unit."""
        low, high = self.limits
        return float(np.min(low, initial=np.inf)), float(np.max(high, initial=-np.inf))

    @property
    def knows_more(self) -> Bools:
        """False where it knows no more than what the labels are like on average, [m]."""
        return np.ones(len(self), dtype=np.bool_) if self.unsure is None else ~self.unsure

    def spans(self, value: float) -> Bools:
        """Whether a value in the target's unit lies within the interval of the level at which rows are marked, [m]."""
        ends = np.broadcast_to([-MARKED_STEP, MARKED_STEP], (len(self), 2))
        low, high = self._back(self._places(ends)).T
        return np.asarray((low <= value) & (value <= high))

    def quantile(self, share: float) -> Floats:
        """What a share of the distribution lies at or below, in the target's unit, [m]."""
        steps = np.full(len(self), float(ndtri(share)))
        return self._back(np.clip(self.middle + self._away(steps), *self._ends))

    def reach(self, steps: Floats | float, scale: TargetTransform) -> Floats:
        """The quantiles at deviations (one, or [m]) on a scale as if there were no limits, [m].

        Of values that all reach a limit it tells which one reaches it by most.
        """
        places = self.centre + self._away(np.broadcast_to(np.asarray(steps, dtype=np.float64), self.centre.shape))
        return self._on(scale, places)

    def cdf(self, limit: Floats | float) -> Floats:
        """The share of the distribution at or below a limit (or limits [m]) in the target's unit, [m]."""
        return np.asarray(ndtr(self._deviations(limit, reached=True)))

    def share_between(self, low: float, high: float) -> Floats:
        """The share of the distribution in ``low..high``, ends included, in the target's unit, [m].

        However small it is, its size is told: far above the middle it is reckoned from the upper end.
        """
        begin, end = self._deviations(low, reached=False), self._deviations(high, reached=True)
        upper = begin > 0
        begin, end = np.where(upper, -end, begin), np.where(upper, -begin, end)
        return np.asarray(np.clip(ndtr(end) - ndtr(begin), 0.0, 1.0), dtype=np.float64)

    def expected_between(
        self, gain: Callable[[Floats], Floats], low: float, high: float, scale: TargetTransform
    ) -> Floats:
        """The expected value of what is gained at places on a scale, nothing of it outside ``low..high`` there, [m].

        The integral is taken over just these, however far out they lie: what has next to no chance is still ordered.
        """
        ends = scale.inverse(np.array([low, high]))
        starts = range(0, len(self), ROWS_AT_ONCE)
        blocks = [self[start : start + ROWS_AT_ONCE]._integrated(gain, ends, scale) for start in starts]
        return np.concatenate(blocks) if blocks else np.zeros(0)

    def _integrated(self, gain: Callable[[Floats], Floats], ends: Floats, scale: TargetTransform) -> Floats:
        begin, end = self._deviations(float(ends[0]), reached=False), self._deviations(float(ends[1]), reached=True)
        some = begin < end
        begin, end = np.where(some, begin, 0.0), np.where(some, end, 0.0)
        begin, end = np.maximum(begin, np.minimum(end, 0.0) - BEYOND), np.minimum(end, np.maximum(begin, 0.0) + BEYOND)
        steps = begin[:, None] + (end - begin)[:, None] * np.linspace(0.0, 1.0, POINTS)
        gains = np.maximum(gain(self._on(scale, self._places(steps))), 0.0)
        return np.asarray(np.trapezoid(gains * np.exp(-0.5 * steps**2), steps, axis=1) / np.sqrt(2 * np.pi))

    def _deviations(self, values: Floats | float, *, reached: bool) -> Floats:
        """The deviations of the normal distribution at values in the target's unit (one, or [m]), [m].

        What lies beyond a limit is at it: a limit itself is passed by all that if it counts as ``reached``, else by
        none of it.
        """
        at = np.broadcast_to(np.asarray(values, dtype=np.float64), self.centre.shape)
        low, high = self.limits
        away = self.scale.placed(at) - self.middle
        free = np.sign(away) * self._steps(np.abs(away), away > 0)
        if reached:
            return np.where(at >= high, np.inf, np.where(at < low, -np.inf, free))
        return np.where(at <= low, -np.inf, np.where(at > high, np.inf, free))

    @cached_property
    def mean(self) -> Floats:
        """The expected value in the target's unit, [m]."""
        return self._expected(self._back)

    @cached_property
    def deviation(self) -> Floats:
        """One standard deviation on the scale, [m]."""
        place = len(STEPS) // 2
        return np.sqrt(self._expected(lambda block: np.square(block - block[:, place, None])))

    @cached_property
    def std(self) -> Floats:
        """One standard deviation in the target's unit, [m]: half of the distance of its ends."""
        low, high = self._back(self.middle - self.deviation), self._back(self.middle + self.deviation)
        return np.asarray(np.maximum((high - low) / 2, np.finfo(np.float64).tiny))

    def samples(self, n: int, seed: int) -> Floats:
        """Values drawn at random in the target's unit, [m, n]; the same chances for all rows.

        So what is drawn for a row does not depend on the others, and rows can be compared.
        """
        return self.at_chances(np.random.default_rng(seed).standard_normal(n))

    def at_chances(self, steps: Floats) -> Floats:
        """The values at deviations [n] of the normal distribution, in the target's unit, [m, n]."""
        return self._back(self._at(slice(None), steps))

    @property
    def _which(self) -> NDArray[np.int64]:
        return np.zeros(len(self), dtype=np.int64) if self.profile is None else self.profile

    def _parts(self) -> Iterator[tuple[Profile, Bools | slice]]:
        """Each profile and its rows."""
        if len(self.profiles) == 1:
            yield self.profiles[0], slice(None)
            return
        for place, profile in enumerate(self.profiles):
            yield profile, self._which == place

    def _back(self, places: Floats) -> Floats:
        return self.scale.inverse(places)

    def _on(self, scale: TargetTransform, places: Floats) -> Floats:
        """Places on the own scale as places on another one."""
        if scale == self.scale:
            return places
        return scale.forward(np.maximum(self._back(places), SMALLEST) if scale.kind == "log" else self._back(places))

    @cached_property
    def _ends(self) -> tuple[Floats, Floats]:
        """The limits on the scale, [m] each."""
        low, high = self._limits
        return self.scale.placed(low), self.scale.placed(high)

    @property
    def _limits(self) -> tuple[Floats, Floats]:
        """The limits of each row, [m] each."""
        low, high = (np.broadcast_to(np.asarray(one, dtype=np.float64), self.centre.shape) for one in self.limits)
        return low, high

    @cached_property
    def _room(self) -> tuple[Floats, Floats]:
        """How far the middle lies above the lower limit and below the upper one, on the scale, [m] each."""
        low, high = self._ends
        return self.middle - low, high - self.middle

    def _away(self, steps: Floats) -> Floats:
        """How far quantiles at deviations [m] lie from the middle, on the scale, [m]."""
        distances, side = np.zeros(len(self)), self._side(steps > 0)
        for profile, rows in self._parts():
            distances[rows] = profile.half(np.abs(steps[rows]), side[rows])
        return np.sign(steps) * distances

    def _side(self, upwards: Bools) -> Side:
        """The upper sides or the lower ones, as asked for [m], or for each quantile [m, n]."""
        shape = (-1, *[1] * (upwards.ndim - 1))
        below, above = (np.maximum(one, self._least).reshape(shape) for one in (self.below, self.above))
        room = np.where(upwards, *(one.reshape(shape) for one in self._room))
        widths = np.where(upwards, above, below)
        return Side(widths, widths / (below + above), room)

    @cached_property
    def _least(self) -> Floats:
        """The least width of each, [m]."""
        return NARROWEST * np.abs(self.middle) + LEAST

    def _steps(self, away: Floats, upwards: Bools) -> Floats:
        """The deviation at distances from the middle, [m]: the inverse of :meth:`_away`."""
        deviations, side = np.zeros(len(self)), self._side(upwards)
        for profile, rows in self._parts():
            deviations[rows] = profile.step(away[rows], side[rows])
        return deviations

    def _at(self, rows: slice, steps: Floats) -> Floats:
        """Quantiles on the scale at deviations [n], [rows, n]."""
        part = self[rows]
        return part._places(np.broadcast_to(steps, (len(part), len(steps))))

    def _places(self, steps: Floats) -> Floats:
        """Quantiles on the scale at deviations [m, n], [m, n]."""
        distances, side = np.zeros(steps.shape), self._side(steps > 0)
        for profile, rows in self._parts():
            distances[rows] = profile.half(np.abs(steps[rows]), side[rows])
        return np.clip(self.middle[:, None] + np.sign(steps) * distances, *(end[:, None] for end in self._ends))

    def _expected(self, function: Callable[[Floats], Floats]) -> Floats:
        """The expected value of a function of places on the scale, elementwise, [m]."""
        starts = range(0, len(self), ROWS_AT_ONCE)
        blocks = [function(self._at(slice(start, start + ROWS_AT_ONCE), STEPS)) @ CHANCES for start in starts]
        return np.concatenate(blocks) if blocks else np.zeros(0)


def _rows_of(limit: Limit, rows: Rows) -> Limit:
    return limit[rows] if isinstance(limit, np.ndarray) else limit


def _one_or_all(limits: Floats) -> Limit:
    """Limits of rows as one number if it is the same for all."""
    return float(limits[0]) if len(limits) and (limits == limits[0]).all() else limits


def distribution_of(
    draws: Floats, level: float, scale: TargetTransform = LINEAR, limits: tuple[float, float] = NO_LIMITS
) -> Distribution:
    """Halves of normal distributions on a scale around the medians of draws [m, n], to the ends of their intervals."""
    shares = [(1 - level) / 2, 0.5, (1 + level) / 2]
    lower, median, upper = np.quantile(np.clip(draws, *limits), shares, axis=1)
    return Distribution.between(median, lower, upper, level, scale=scale, limits=limits)
