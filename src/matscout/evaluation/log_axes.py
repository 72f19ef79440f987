"""Logarithmic axes: few ticks, and numbers without markup, so that they read alike on a page and in a picture."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import Formatter, Locator, MaxNLocator, NullLocator
from numpy.typing import NDArray

from matscout.data.powers import superscript

MOST_TICKS = 6
"""On one axis."""

FEWEST_TICKS = 3
"""An axis on which so many numbers 1, 2, 5, 10, 20, ... do not lie has round numbers as a linear one has."""

PLAIN = (1e-3, 1e4)
"""Between these, numbers are written out; an axis with others has powers of ten."""


def log_ticks(low: float, high: float) -> NDArray[np.float64]:
    """At most :data:`MOST_TICKS` round numbers from ``low`` to ``high``, both positive.

    Powers of ten where there are enough of them, each second or third where there are too many; else 1, 2 and 5 times
    these; on less than that, equally spaced numbers.
    """
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    powers = np.arange(first, last + 1)
    if len(powers) >= FEWEST_TICKS:
        return np.power(10.0, powers[:: math.ceil(len(powers) / MOST_TICKS)])
    steps = np.sort(np.outer(np.power(10.0, np.arange(first - 1, last + 1)), [1, 2, 5]).ravel())
    inside = steps[(steps >= low * (1 - 1e-9)) & (steps <= high * (1 + 1e-9))]
    if len(inside) >= FEWEST_TICKS:
        return np.asarray(inside[:: math.ceil(len(inside) / MOST_TICKS)], dtype=np.float64)
    even = np.asarray(MaxNLocator(MOST_TICKS - 1, steps=[1, 2, 5, 10]).tick_values(low, high), dtype=np.float64)
    return even[(even >= low) & (even <= high)]


def log_labels(ticks: NDArray[np.float64]) -> list[str]:
    """Ticks [k] as text, all in one notation: ``"0.1"`` or, where they go far, ``"10⁶"`` and ``"2 × 10⁶"``.

    >>> log_labels(np.array([0.1, 1.0])), log_labels(np.array([1.0, 1e6]))
    (['0.1', '1'], ['10⁰', '10⁶'])
    """
    if len(ticks) == 0 or (ticks.min() >= PLAIN[0] and ticks.max() < PLAIN[1]):
        return [f"{tick:.6g}" for tick in ticks]
    return [_power(float(tick)) for tick in ticks]


def _power(tick: float) -> str:
    mantissa, exponent = f"{tick:.5e}".split("e")
    power = f"10{superscript(int(exponent))}"
    return power if float(mantissa) == 1 else f"{float(mantissa):g} × {power}"


def log_axes(axes: Axes, which: Literal["x", "y", "both"]) -> None:
    """Make axes logarithmic, with the ticks of :func:`log_ticks` wherever their ends come to lie."""
    for name in "xy" if which == "both" else which:
        axis = axes.xaxis if name == "x" else axes.yaxis
        axes.set_xscale("log") if name == "x" else axes.set_yscale("log")
        axis.set_major_locator(_LogTicks())
        axis.set_major_formatter(_LogLabels())
        axis.set_minor_locator(NullLocator())


class _LogTicks(Locator):
    """:func:`log_ticks` of what an axis shows."""

    def __call__(self) -> list[float]:
        """The ticks of the axis as it is."""
        assert self.axis is not None
        low, high = sorted(self.axis.get_view_interval())
        return self.tick_values(low, high)

    def tick_values(self, vmin: float, vmax: float) -> list[float]:
        """Those between two ends."""
        return [float(tick) for tick in log_ticks(vmin, vmax)] if vmin > 0 else []


class _LogLabels(Formatter):
    """:func:`log_labels` of the ticks of an axis, which are known together."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        """A number by itself."""
        return log_labels(np.array([x]))[0]

    def format_ticks(self, values: list[float]) -> list[str]:
        """All ticks of an axis."""
        return log_labels(np.asarray(values, dtype=np.float64))
