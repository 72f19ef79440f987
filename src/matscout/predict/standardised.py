"""A target with median 0 and standard deviation 1, as networks learn it, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.scales import Scale
from matscout.predict.distributions import Distribution
from matscout.predict.profiles import Shape
from matscout.predict.transforms import TargetTransform, transform_of

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Standardised:
    """A target on its scale (see :mod:`matscout.data.scales`), with median 0 and standard deviation 1.

    Parameters
    ----------
    transform
        From values to that scale.
    centre, spread
        Median and standard deviation of the training values on it.
    """

    transform: TargetTransform
    centre: float
    spread: float

    @classmethod
    def fit(cls, values: Floats, scale: Scale) -> Self:
        """From known values [n], positive where the scale is logarithmic."""
        transform = TargetTransform.fit(transform_of(scale).kind, values)
        changed = transform.forward(values)
        return cls(transform, float(np.median(changed)), float(changed.std()) or 1.0)

    def forward(self, values: Floats) -> Floats:
        """From the target's unit, elementwise."""
        return np.asarray((self.transform.forward(values) - self.centre) / self.spread)

    def inverse(self, changed: Floats) -> Floats:
        """Back to the target's unit, elementwise."""
        return self.transform.inverse(changed * self.spread + self.centre)

    def state(self) -> dict[str, Any]:
        """As JSON."""
        return {"transform": self.transform.state(), "centre": self.centre, "spread": self.spread}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """The same again from :meth:`state`."""
        return cls(TargetTransform.from_state(state["transform"]), state["centre"], state["spread"])

    def restored(self, said: Distribution, limits: tuple[float, float]) -> Distribution:
        """What was said of standardised values, of the values themselves."""
        profiles = tuple(
            profile
            if profile.blind is None
            else replace(profile, blind=Shape(profile.blind.steps, profile.blind.sizes * self.spread))
            for profile in said.profiles
        )
        return replace(
            said,
            scale=TargetTransform(self.transform.kind),
            centre=self.transform.kept(said.centre * self.spread + self.centre),
            below=said.below * self.spread,
            above=said.above * self.spread,
            profiles=profiles,
            limits=limits,
        )
