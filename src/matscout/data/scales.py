"""Scale of a target: whether its values are told apart by differences or by factors."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from matscout.errors import UsageError
from matscout.remarks import Remark

Floats = NDArray[np.float64]
Scale = Literal["linear", "log"]
AskedScale = Literal["auto", "linear", "log"]

THREE_DECADES = 1000.0
"""Values span decades if the largest is so many times the smallest,"""
WIDE = ((0.05, 100.0), (0.01, 1000.0))
"""and what lies this far from both ends is so many times apart: two decades without the outer twentieths, or three
without the outer hundredths."""


def natural_scale(values: Floats) -> Scale:
    """The scale on which errors of known values [n] are alike.

    "log" for positive values over three decades or more, not only at their ends, see :data:`WIDE` (by the outer
    hundredths only if their logarithms are less lopsided); else "linear". A single value far from all others has no
    say. On a linear scale the error bars of such values are made for the largest of them, and say nothing about the
    rest.
    """
    if len(values) == 0 or values.min() <= 0:
        return "linear"
    values = _without_striking(np.sort(values))
    if values[-1] < THREE_DECADES * values[0]:
        return "linear"
    if _spans(values, *WIDE[0]):
        return "log"
    inner = values[1:-1] if len(values) >= MANY else values
    if not _spans(inner, *WIDE[1]):
        return "linear"
    from scipy.stats import skew

    return "log" if abs(float(skew(np.log(values)))) < abs(float(skew(values))) else "linear"


def _without_striking(values: Floats) -> Floats:
    """Sorted positive values without the largest or smallest that is :data:`STRIKING` times away from the next."""
    if len(values) < FEWEST_TO_STRIKE:
        return values
    first = int(values[1] >= STRIKING * values[0])
    last = len(values) - int(values[-1] >= STRIKING * values[-2])
    return values[first:last]


def _spans(values: Floats, share: float, times: float) -> bool:
    low, high = np.quantile(values, [share, 1 - share])
    return bool(high >= times * low)


def check_scale(scale: str) -> AskedScale:
    """The name of a scale, or :class:`~matscout.errors.UsageError` with the choices."""
    for known in get_args(AskedScale):
        if scale == known:
            return known  # type: ignore[no-any-return]
    raise UsageError(f"there is no scale {scale!r}; choose one of {', '.join(get_args(AskedScale))}")


MANY = 20
"""From so many values on the smallest and the largest have no say in the outer hundredths."""
STRIKING = 1000.0
"""A value this many times the next is told: mostly its unit or its decimal point is wrong."""
FEWEST_TO_STRIKE = 3
"""Of fewer values none strikes."""


def scale_remark(name: str, values: Floats, asked: AskedScale = "auto") -> str:
    """What a reader should know of the scale of known values [n], "" if it goes without saying."""
    if asked != "auto":
        text = f"{name!r} is compared by {'factors' if asked == 'log' else 'differences'}, as requested."
        return Remark("judged-as-asked-for", text)
    if natural_scale(values) == "log":
        decades = float(np.log10(values.max() / values.min()))
        text = f"{name!r} spans {decades:.1f} decades, so it is learned and compared by factors (--scale linear for "
        return Remark("judged-by-factors", f"{text}differences).")
    positive = values[values > 0]
    if len(positive) < len(values) and natural_scale(positive) == "log":
        text = (
            f"{name!r} spans decades, and {len(values) - len(positive):,} of {len(values):,} values are 0 or "
            "negative: they have no logarithm, so values are compared by differences, dominated by the largest "
            "values. To compare by factors, write a detection limit (<0.001) instead of 0, or remove negative "
            "values."
        )
        return Remark("no-factors-of-these-values", text)
    return ""


def striking_row(values: Floats) -> int | None:
    """The position of a value whose size is :data:`STRIKING` times that of any other; None if there is none."""
    sizes = np.abs(values)
    if np.isfinite(sizes).sum() < FEWEST_TO_STRIKE:
        return None
    order = np.argsort(np.where(np.isfinite(sizes), sizes, -1.0))
    largest, second = sizes[order[-1]], sizes[order[-2]]
    return int(order[-1]) if second > 0 and largest >= STRIKING * second else None
