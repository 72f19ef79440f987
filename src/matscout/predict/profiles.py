"""Profile: how the errors of a fitted model are distributed, in units of the width that it states for each row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from matscout.predict.states import Stored

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NARROWEST = 1e-12
"""Least difference of two sizes, as a share of the largest."""
MOST_KNOTS = 256
"""A shape of more scores is thinned to so many knots."""


@dataclass(frozen=True, eq=False)
class Shape(Stored):
    """Sizes of errors against how many stay below: piecewise linear in the deviation z of a normal distribution.

    Parameters
    ----------
    steps
        float64 [k], ascending from 0: the share ``2 Phi(z) - 1`` of the errors is smaller than the size.
    sizes
        float64 [k], ascending from 0, in units of the width. Beyond the last the ratio of size and step stays the same.
    """

    steps: Floats
    sizes: Floats

    @classmethod
    def of(cls, scores: Floats, levels: Floats) -> Shape:
        """From sizes of errors [n], ascending, and the levels up to which they hold the others, [n].

        Each error is exactly at its level, in between levels are interpolated.
        """
        chosen = levels < 1.0 - 1e-12
        steps, sizes = np.asarray(ndtri(0.5 + levels[chosen] / 2)), scores[chosen]
        if len(steps) > MOST_KNOTS:
            kept = np.searchsorted(steps, np.linspace(steps[0], steps[-1], MOST_KNOTS))
            kept = np.unique(np.minimum(kept, len(steps) - 1))
            steps, sizes = steps[kept], sizes[kept]
        # Equal errors would make a step in sizes; a hair between them keeps the shape invertible.
        least = NARROWEST * ((float(sizes[-1]) if len(sizes) else 0.0) or 1.0)
        sizes = np.maximum.accumulate(np.maximum(sizes, 0.0)) + least * np.arange(1, len(sizes) + 1)
        return cls(np.concatenate([[0.0], steps]), np.concatenate([[0.0], sizes]))

    def size(self, steps: Floats | float) -> Floats:
        """The size of error at deviations of 0 or more, elementwise."""
        return _beyond(np.asarray(steps, dtype=np.float64), self.steps, self.sizes)

    def step(self, sizes: Floats) -> Floats:
        """The deviation at sizes of 0 or more, elementwise: the inverse of :meth:`size`."""
        return _beyond(sizes, self.sizes, self.steps)


def _beyond(at: Floats, known: Floats, values: Floats) -> Floats:
    """Interpolated linearly, and proportional beyond the last."""
    inside = np.interp(at, known, values)
    ratio = values[-1] / known[-1] if known[-1] > 0 else 0.0
    return np.asarray(np.where(at > known[-1], at * ratio, inside), dtype=np.float64)


NORMAL = Shape(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
"""That of a normal distribution, whose width is its standard deviation."""


@dataclass(frozen=True, eq=False)
class Side:
    """One side of each of m distributions, or one for each quantile [m, n].

    Parameters
    ----------
    widths
        On this side.
    share
        Of the widths of both sides.
    room
        How far the middle lies from the limit on the other side.
    """

    widths: Floats
    share: Floats
    room: Floats

    def __getitem__(self, rows: Bools | slice) -> Side:
        return Side(self.widths[rows], self.share[rows], self.room[rows])


@dataclass(frozen=True, eq=False)
class Profile(Stored):
    """How the errors of one fitted model are distributed.

    Parameters
    ----------
    shape
        What the widths of rows are multiplied by.
    blind
        Widths on the scale of intervals that hold a share of the labels: none is wider. None where that is not known
        (laws that are drawn, artefacts of earlier versions).
    """

    shape: Shape = NORMAL
    blind: Shape | None = None

    def half(self, steps: Floats, side: Side) -> Floats:
        """How far quantiles at deviations of 0 or more lie from the middle on a side, elementwise."""
        free = side.widths * self.shape.size(steps)
        if self.blind is None:
            return free
        widest = self.blind.size(steps)
        return np.minimum(free, widest - np.minimum(widest * (1 - side.share), side.room))

    def step(self, away: Floats, side: Side) -> Floats:
        """The deviation at distances from the middle on a side, elementwise: the inverse of :meth:`half`."""
        steps = self.shape.step(away / side.widths)
        if self.blind is None:
            return steps
        other = np.minimum(away * (1 - side.share) / side.share, side.room)
        return np.maximum(steps, self.blind.step(away + other))
