"""Target transforms: values that a learner finds easier, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.scales import Scale
from matscout.predict.states import Stored

Floats = NDArray[np.float64]
TransformKind = Literal["none", "log", "yeo-johnson"]

WIDE_RATIO = 10.0
"""Positive values whose 95 % quantile is this many times their 5 % quantile are offered the logarithm."""
LARGEST_LOGARITHM = 700.0
"""Beyond is no number of a computer."""
SMALLEST = 1e-100
"""Values that vary less are left as they are (Yeo-Johnson with power 1)."""
MARGIN = 0.5
"""How far beyond the training values a transformed prediction may go, as a share of their range."""
STRONG_SKEW = 0.5
"""Values at least this skewed are offered the Yeo-Johnson transform."""


@dataclass(frozen=True)
class TargetTransform(Stored):
    """A strictly increasing function of the target, fixed by the training values.

    Parameters
    ----------
    kind
        "none", "log" (natural) or "yeo-johnson" (Yeo and Johnson 2000, doi:10.1093/biomet/87.4.954).
    power
        Lambda of Yeo-Johnson, applied to values in units of their standard deviation.
    centre, scale
        What is subtracted from the values, and by what they are divided, before Yeo-Johnson.
    low, high
        Where the way back starts at least and at most: the range of the training values, widened by ``MARGIN`` of
        itself, transformed (for the logarithm downwards by the same factor as upwards). So no exponential runs away.
    """

    kind: TransformKind
    power: float = 1.0
    centre: float = 0.0
    scale: float = 1.0
    low: float = -np.inf
    high: float = np.inf

    @classmethod
    def fit(cls, kind: TransformKind, values: Floats) -> Self:
        """The transform of this kind for values [n]."""
        if kind == "none":
            return cls(kind)
        spread = float(values.std())
        if kind == "log" or spread < SMALLEST:
            raw = cls(kind)
        else:
            from scipy.stats import yeojohnson

            centre = float(np.median(values))
            raw = cls(kind, float(yeojohnson((values - centre) / spread)[1]), centre, spread)
        low, high = float(values.min()), float(values.max())
        margin = MARGIN * (high - low)
        if kind == "log":
            beyond = float(np.log1p(margin / high))
            return cls(kind, low=float(np.log(low)) - beyond, high=float(np.log(high)) + beyond)
        ends = raw.forward(np.array([low - margin, high + margin]))
        return cls(kind, raw.power, raw.centre, raw.scale, float(ends[0]), float(ends[1]))

    def forward(self, values: Floats) -> Floats:
        """From the target's unit to the learner's, elementwise."""
        if self.kind == "none":
            return values
        if self.kind == "log":
            return np.asarray(np.log(values), dtype=np.float64)
        from scipy.stats import yeojohnson

        return np.asarray(yeojohnson((values - self.centre) / self.scale, self.power), dtype=np.float64)

    def placed(self, values: Floats) -> Floats:
        """As :meth:`forward`; what has no logarithm lies below everything that has one."""
        if self.kind != "log":
            return self.forward(values)
        return np.where(values > 0, np.log(np.where(values > 0, values, 1.0)), -np.inf)

    def kept(self, changed: Floats) -> Floats:
        """Moved to where the way back may start, elementwise."""
        return np.clip(changed, self.low, self.high)

    def inverse(self, changed: Floats) -> Floats:
        """From the learner's unit back to the target's, elementwise."""
        if self.kind == "none":
            return changed
        inside = self.kept(changed)
        if self.kind == "log":
            return np.asarray(np.exp(np.clip(inside, -LARGEST_LOGARITHM, LARGEST_LOGARITHM)), dtype=np.float64)
        return self.centre + self.scale * _inverse_yeo_johnson(inside, self.power)


LINEAR = TargetTransform("none")
LOGARITHMIC = TargetTransform("log")


def transform_of(scale: Scale) -> TargetTransform:
    """What brings values to a scale."""
    return LOGARITHMIC if scale == "log" else LINEAR


def offered_transforms(values: Floats) -> tuple[TransformKind, ...]:
    """The transforms worth judging for values [n] on a linear scale, "none" first.

    The logarithm for positive values over a wide range, else Yeo-Johnson for skewed ones.
    """
    low, high = np.quantile(values, [0.05, 0.95])
    if values.min() > 0 and high >= WIDE_RATIO * low:
        return ("none", "log")
    from scipy.stats import skew

    if values.std() > 0 and abs(float(skew(values))) >= STRONG_SKEW:
        return ("none", "yeo-johnson")
    return ("none",)


def _inverse_yeo_johnson(changed: Floats, power: float) -> Floats:
    """Solve equation 2.1 of Yeo and Johnson for the value."""
    up, down = np.maximum(changed, 0.0), np.maximum(-changed, 0.0)
    right = np.expm1(up) if abs(power) < 1e-8 else np.maximum(power * up + 1.0, SMALLEST) ** (1.0 / power) - 1.0
    other = 2.0 - power
    left = np.expm1(down) if abs(other) < 1e-8 else np.maximum(other * down + 1.0, SMALLEST) ** (1.0 / other) - 1.0
    return np.asarray(np.where(changed >= 0, right, -left), dtype=np.float64)
