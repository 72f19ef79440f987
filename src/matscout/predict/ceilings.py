"""Ceiling: error bars are no wider than what is said without knowing the material, and lie where errors are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.predict.distributions import MARKED_LEVEL, MARKED_STEP, NO_LIMITS, Distribution
from matscout.predict.profiles import ErrorShape, Profile
from matscout.predict.standardised import PLAIN, Standardised
from matscout.predict.states import Stored
from matscout.predict.transforms import LINEAR

Floats = NDArray[np.float64]


AS_WIDE = 0.95
"""An interval of so much of the width of that of the labels knows no more than these."""


@dataclass(frozen=True, eq=False)
class Ceiling(Stored):
    """How wide error bars may become: no wider than what is said without knowing the material.

    Parameters
    ----------
    blind
        Width of the interval that holds a share of the labels, each seen from the median of those of other units, on
        the scale on which errors are measured.
    largest
        The largest width met on rows that were left out: beyond it nothing was judged. None if that was not looked at.
    middle
        Median of the labels, on the same scale.
    draws
        Whether predictions that are less sure than a guess from the labels are drawn to the middle of these: where
        groups were left out, or where intervals as wide as the labels' hold too little around the prediction itself.
        (Elsewhere the least sure are mostly those beyond most labels, which is where one looks.)
    reach
        Extent of a 90 % interval over the width of its row, before anything was drawn. 0 where widths follow from the
        predictions themselves, and are no sign of doubt.
    """

    blind: ErrorShape
    largest: float | None
    middle: float
    draws: bool = False
    reach: float = 0.0

    @classmethod
    def fit(
        cls,
        values: Floats,
        units: NDArray[np.int64],
        widths: Floats | None,
        *,
        grouped: bool = False,
        reach: float = 0.0,
    ) -> Self:
        """From labels on the scale, what belongs together, and the widths of rows left out, [n] each (NaN: none).

        ``grouped`` says whether these are groups of the user's, ``reach`` how far intervals go where that is known.
        """
        known = np.isfinite(values)
        away = np.sort(values[known] - _medians_of_others(values[known], units[known]))
        levels = np.arange(1, len(away) + 1) / (len(away) + 1)
        central = levels[levels > 0.5] * 2 - 1
        low, high = (np.quantile(away, 0.5 + side * central / 2, method="weibull") for side in (-1, 1))
        largest = None if widths is None else float(np.nanmax(widths))
        return cls(ErrorShape.of(high - low, central), largest, float(np.median(values[known])), grouped, reach)

    def is_unsure(self, widths: Floats) -> NDArray[np.bool_]:
        """Whether widths [m] are larger than all met on rows left out, or as large as those of the labels."""
        beyond = self.reach * widths >= AS_WIDE * float(self.blind.size(MARKED_STEP))
        return np.asarray(beyond if self.largest is None else beyond | (widths > self.largest * (1 + 1e-9)))

    def drawn(self, centre: Floats, widths: Floats) -> Floats:
        """Centres [m], drawn towards the middle of the labels where intervals of widths [m] reach further than these.

        A prediction counts beside a guess from the labels by the ratio of both variances, if it is less sure than that
        guess; where it is surer it keeps its place.
        """
        if not self.draws:
            return centre
        blind = float(self.blind.size(MARKED_STEP))
        share = (blind / np.maximum(self.reach * widths, blind)) ** 2
        return np.asarray(self.middle + share * (centre - self.middle), dtype=np.float64)

    def judged_by(self, residuals: Floats, widths: Floats, values: Floats) -> Ceiling:
        """The same, with how far intervals of rows left out [n] reach; and drawing, if they hold too little without.

        Too little is what chance does not explain.
        """
        sides = sides_of(residuals / widths)
        shape = _shape_of(sided(residuals / widths, sides))
        distribution = self.distribution(PLAIN, values - residuals, widths, shape, sides=sides)
        low, high = (distribution.quantile(0.5 + side * MARKED_LEVEL / 2) for side in (-1, 1))
        least = MARKED_LEVEL - float(np.sqrt(MARKED_LEVEL * (1 - MARKED_LEVEL) / len(values)))
        held = float(((low <= values) & (values <= high)).mean())
        reach = sum(sides) * float(shape.size(MARKED_STEP))
        return replace(self, reach=reach, draws=self.draws or held < least)

    def distribution(
        self,
        scale: Standardised,
        centre: Floats,
        widths: Floats,
        shape: ErrorShape,
        *,
        sides: tuple[float, float],
        limits: tuple[float, float] = NO_LIMITS,
    ) -> Distribution:
        """What m values may be, of which a model says centre and width [m] on the scale."""
        below, above = sides
        centre, unsure = self.drawn(centre, widths), self.is_unsure(widths)
        widths = widths if self.largest is None else np.minimum(widths, self.largest)
        profiles = (Profile(shape, self.blind),)
        distribution = scale.restored(Distribution(LINEAR, centre, below * widths, above * widths, profiles), limits)
        # What is sure to lie on one side of most labels knows that, however wide it is.
        unsure &= distribution.spans(float(scale.inverse(np.array([self.middle]))[0]))
        return replace(distribution, unsure=unsure)


MANY_UNITS = 1000
"""From so many units on the median of all labels is that of the others."""


def _medians_of_others(values: Floats, units: NDArray[np.int64]) -> Floats:
    """The median of the labels of other units, for each of n labels."""
    names, codes = np.unique(units, return_inverse=True)
    if len(names) > MANY_UNITS or len(names) < 2:
        return np.full(len(values), np.median(values))
    return np.array([np.median(values[codes != unit]) for unit in range(len(names))])[codes]


EVEN = (1.0, 1.0)
ENOUGH_ERRORS = 20.0
"""So many errors of one side count as much as the belief that both sides are alike."""


def sides_of(scores: Floats) -> tuple[float, float]:
    """How large errors below and above the prediction are, over the mean of all, from signed scores [n].

    Of values over decades some are far below what anybody expects, and few as far above: an interval that reaches
    equally far to both sides promises too much at the top.
    """
    mean = float(np.abs(scores).mean())
    if not mean > 0:
        return EVEN
    below, above = (
        (np.abs(scores[side]).sum() + ENOUGH_ERRORS * mean) / (side.sum() + ENOUGH_ERRORS) / mean
        for side in (scores < 0, scores > 0)
    )
    return float(below), float(above)


def sided(scores: Floats, sides: tuple[float, float]) -> Floats:
    """The sizes of signed scores [n] over the factors of their sides, [n]."""
    below, above = sides
    return np.abs(scores) / np.where(scores < 0, below, above)


@dataclass(frozen=True, eq=False)
class SignedScores:
    """Errors of rows that were left out in units of their widths, and what was learned of them on the way.

    Parameters
    ----------
    centre
        float64 [n], predictions after they were drawn to the middle of the labels, on the scale.
    sizes
        float64 [n], sizes of errors over the width of the side on which they lie.
    sides
        See :func:`sides_of`.
    ceiling
        With how far intervals reach.
    """

    centre: Floats
    sizes: Floats
    sides: tuple[float, float]
    ceiling: Ceiling

    @classmethod
    def of(cls, residuals: Floats, widths: Floats, values: Floats, ceiling: Ceiling, *, doubted: bool = True) -> Self:
        """From residuals (label less prediction), widths and labels of n rows that were left out, on the scale.

        ``doubted`` says whether a large width is a sign of doubt.
        """
        ceiling = ceiling.judged_by(residuals, widths, values) if doubted else ceiling
        drawn = ceiling.drawn(values - residuals, widths)
        signed = (values - drawn if ceiling.draws else residuals) / widths
        sides = sides_of(signed)
        return cls(drawn, sided(signed, sides), sides, ceiling)


def _shape_of(sizes: Floats) -> ErrorShape:
    """That of n errors, each of which counts equally."""
    return ErrorShape.of(np.sort(sizes), np.arange(1, len(sizes) + 1) / (len(sizes) + 1))
