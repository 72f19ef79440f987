"""Charts whose points carry names: positions for the template, which draws them as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from matscout.app.wording import number
from matscout.data.powers import superscript
from matscout.data.scales import Scale as ScaleKind
from matscout.evaluation.log_axes import log_labels, log_ticks

WIDTH, HEIGHT = 420.0, 320.0
"""Of every chart, in units of its view box."""

LEFT, RIGHT, TOP, BOTTOM = 60.0, 10.0, 10.0, 44.0
"""Margins for ticks and labels."""

WRITTEN_OUT = (1e-2, 1e5)
"""Ticks whose largest is beyond are written in thousands, millions, thousandths, ..., so that they fit the margin."""

LONGEST_TICK = 7
"""Characters beside a tick, for which there is room."""

LONGEST_LABEL = 40
"""Characters of the name of an axis that fit beside it; a longer one is cut."""


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
    """Values of a column -> positions on an axis from ``start`` to ``end``; ``kind`` "log" for their logarithms.

    ``low`` and ``high`` are the values at its ends, on a logarithmic scale their decimal logarithms.
    """

    low: float
    high: float
    start: float
    end: float
    kind: ScaleKind = "linear"

    @classmethod
    def over(cls, values: NDArray[np.float64], start: float, end: float, kind: ScaleKind = "linear") -> Scale:
        """All values, on a logarithmic scale positive ones, with some room on either side."""
        places = np.log10(values) if kind == "log" else values
        low, high = float(places.min()), float(places.max())
        room = 0.05 * (high - low) or 0.5 * abs(high) or 1.0
        return cls(low - room, high + room, start, end, kind)

    def at(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Positions of values, to a tenth."""
        places = np.log10(values) if self.kind == "log" else values
        share = (places - self.low) / (self.high - self.low)
        return np.round(self.start + share * (self.end - self.start), 1)

    def axis(self, label: str) -> Axis:
        """Round numbers along the axis, all in one notation; a power of ten common to them stands in the label."""
        if self.kind == "log":
            inside = log_ticks(10**self.low, 10**self.high)
            if np.allclose(np.log10(inside) % 1, 0.0):
                return self._axis(label, inside, log_labels(inside))
        else:
            places = np.asarray(MaxNLocator(6).tick_values(self.low, self.high), dtype=np.float64)
            inside = places[(places >= self.low) & (places <= self.high)]
        power = _common_power(inside)
        labels = _written(inside, power)
        if max(map(len, labels), default=0) > LONGEST_TICK:
            # Neighbouring numbers below 0.1 differ in a far digit only.
            power = 3 * math.floor(math.log10(np.abs(inside).max()) / 3)
            labels = _written(inside, power)
        return self._axis(f"{label}, in 10{superscript(power)}" if power else label, inside, labels)

    def _axis(self, label: str, places: NDArray[np.float64], labels: list[str]) -> Axis:
        ticks = tuple(Tick(at, text) for at, text in zip(self.at(places), labels, strict=True))
        return Axis(shortened(label), ticks)


def _written(places: NDArray[np.float64], power: int) -> list[str]:
    return [number(float(place), 6) for place in places / 10.0**power]


def _common_power(ticks: NDArray[np.float64]) -> int:
    """A multiple of three by whose power of ten ticks [k] are divided, 0 where they can be written out."""
    largest = float(np.abs(ticks).max()) if len(ticks) else 0.0
    if not largest or WRITTEN_OUT[0] <= largest < WRITTEN_OUT[1]:
        return 0
    return 3 * math.floor(math.log10(largest) / 3)


def shortened(label: str) -> str:
    """A label that fits its axis, cut in the middle: a unit stands at its end."""
    if len(label) <= LONGEST_LABEL:
        return label
    half = (LONGEST_LABEL - 1) // 2
    return f"{label[:half].rstrip()}…{label[len(label) - half :].lstrip()}"


def horizontal(values: NDArray[np.float64], kind: ScaleKind = "linear", *, bare: bool = False) -> Scale:
    """The scale of the x axis; ``bare`` without room for ticks."""
    ends = (6.0, WIDTH - 6.0) if bare else (LEFT, WIDTH - RIGHT)
    return Scale.over(values, *ends, kind)


def vertical(values: NDArray[np.float64], kind: ScaleKind = "linear", *, bare: bool = False) -> Scale:
    """The scale of the y axis, upwards."""
    ends = (HEIGHT - 6.0, 6.0) if bare else (HEIGHT - BOTTOM, TOP)
    return Scale.over(values, *ends, kind)


def path(x: NDArray[np.float64], y: NDArray[np.float64]) -> str:
    """Points of a polyline."""
    return " ".join(f"{a:g},{b:g}" for a, b in zip(x, y, strict=True))


def dots(x: NDArray[np.float64], y: NDArray[np.float64], names: Sequence[str], kinds: Sequence[str]) -> tuple[Dot, ...]:
    """Points with their names."""
    return tuple(Dot(float(a), float(b), name, kind) for a, b, name, kind in zip(x, y, names, kinds, strict=True))
