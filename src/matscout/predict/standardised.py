"""The scale on which a model says what it says: that of the target, for networks with median 0 and deviation 1."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.scales import Scale
from matscout.predict.distributions import NO_LIMITS, Distribution
from matscout.predict.profiles import ErrorShape
from matscout.predict.states import Stored
from matscout.predict.transforms import LINEAR, TargetTransform, transform_of

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Standardised(Stored):
    """A target on its scale (see :mod:`matscout.data.scales`), as it is or with median 0 and standard deviation 1.

    Parameters
    ----------
    transform
        From values to that scale.
    centre, spread
        Median and standard deviation of the training values on it; 0 and 1 where they stay as they are.
    """

    transform: TargetTransform
    centre: float = 0.0
    spread: float = 1.0

    @classmethod
    def fit(cls, values: Floats, scale: Scale) -> Self:
        """From known values [n], positive where the scale is logarithmic."""
        transform = TargetTransform.fit(transform_of(scale).kind, values)
        changed = transform.forward(values)
        return cls(transform, float(np.median(changed)), float(changed.std()) or 1.0)

    @classmethod
    def plain(cls, values: Floats, scale: Scale) -> Self:
        """The scale of the target itself, whose way back ends not far beyond the values [n]."""
        return cls(TargetTransform.fit(transform_of(scale).kind, values))

    def forward(self, values: Floats) -> Floats:
        """From the target's unit, elementwise."""
        return np.asarray((self.transform.forward(values) - self.centre) / self.spread)

    def inverse(self, changed: Floats) -> Floats:
        """Back to the target's unit, elementwise."""
        return self.transform.inverse(changed * self.spread + self.centre)

    def restored(self, distribution: Distribution, limits: tuple[float, float] = NO_LIMITS) -> Distribution:
        """What was said of standardised values, of the values themselves, which lie within limits."""
        profiles = tuple(
            profile
            if profile.blind is None
            else replace(profile, blind=ErrorShape(profile.blind.steps, profile.blind.sizes * self.spread))
            for profile in distribution.profiles
        )
        return replace(
            distribution,
            scale=TargetTransform(self.transform.kind),
            centre=self.transform.kept(distribution.centre * self.spread + self.centre),
            below=distribution.below * self.spread,
            above=distribution.above * self.spread,
            profiles=profiles,
            limits=limits,
        )


PLAIN = Standardised(LINEAR)
"""Values as they are."""
