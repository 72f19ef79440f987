"""Charts whose points carry names: positions for the template, which draws them as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from matscout.app.report.wording import number

WIDTH, HEIGHT = 420.0, 320.0
"""Of every chart, in units of its view box."""

LEFT, RIGHT, TOP, BOTTOM = 52.0, 10.0, 10.0, 44.0
"""Margins for ticks and labels."""


@dataclass(frozen=True)
class Tick:
    """A place on an axis and what stands there."""

    at: float
    label: str


@dataclass(frozen=True)
class Axis:
    """An axis in units of the view box."""

    label: str
    ticks: tuple[Tick, ...]


@dataclass(frozen=True)
class Dot:
    """A point with its name; ``kind`` is its class in the style sheet."""

    x: float
    y: float
    name: str
    kind: str


@dataclass(frozen=True)
class Line:
    """A curve; ``points`` as SVG has them."""

    points: str
    kind: str


@dataclass(frozen=True)
class Chart:
    """What the template draws.

    Parameters
    ----------
    name
        Unique on the page.
    title, description
        What a screen reader says.
    x, y
        Axes; None for a map, whose axes mean nothing.
    dots, lines
        In the order in which they are drawn.
    notes
        Names to write into the picture.
    """

    name: str
    title: str
    description: str
    x: Axis | None
    y: Axis | None
    dots: tuple[Dot, ...] = ()
    lines: tuple[Line, ...] = ()
    notes: tuple[Dot, ...] = ()


@dataclass(frozen=True)
class Scale:
    """Values of a column -> positions on an axis from ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float

    @classmethod
    def over(cls, values: NDArray[np.float64], start: float, end: float) -> Scale:
        """All values with some room on either side."""
        low, high = float(values.min()), float(values.max())
        room = 0.05 * (high - low) or 0.5 * abs(high) or 1.0
        return cls(low - room, high + room, start, end)

    def at(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Positions of values, to a tenth."""
        share = (values - self.low) / (self.high - self.low)
        return np.round(self.start + share * (self.end - self.start), 1)

    def axis(self, label: str) -> Axis:
        """Round numbers along the axis."""
        places = np.asarray(MaxNLocator(6).tick_values(self.low, self.high), dtype=np.float64)
        inside = places[(places >= self.low) & (places <= self.high)]
        positions = self.at(inside)
        return Axis(label, tuple(Tick(at, number(float(place))) for at, place in zip(positions, inside, strict=True)))


def horizontal(values: NDArray[np.float64], *, bare: bool = False) -> Scale:
    """The scale of the x axis; ``bare`` without room for ticks."""
    return Scale.over(values, 6.0, WIDTH - 6.0) if bare else Scale.over(values, LEFT, WIDTH - RIGHT)


def vertical(values: NDArray[np.float64], *, bare: bool = False) -> Scale:
    """The scale of the y axis, upwards."""
    return Scale.over(values, HEIGHT - 6.0, 6.0) if bare else Scale.over(values, HEIGHT - BOTTOM, TOP)


def path(x: NDArray[np.float64], y: NDArray[np.float64]) -> str:
    """Points of a polyline."""
    return " ".join(f"{a:g},{b:g}" for a, b in zip(x, y, strict=True))


def dots(x: NDArray[np.float64], y: NDArray[np.float64], names: Sequence[str], kinds: Sequence[str]) -> tuple[Dot, ...]:
    """Points with their names."""
    return tuple(Dot(float(a), float(b), name, kind) for a, b, name, kind in zip(x, y, names, kinds, strict=True))
