"""How far an energy above the hull by a force field may be believed: its interval, and what another one says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.data.read_only import lock

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class HullInterval:
    """Between what the energies above the hull of n materials lie.

    Parameters
    ----------
    lower, upper
        float64 [n], eV/atom; NaN where there is none.
    widths
        float64 [n], half the width before it is cut off at the hull, eV/atom.
    level
        The share of materials of other chemical systems that lie inside.
    phases
        How many reference phases the level rests on.
    """

    lower: Floats
    upper: Floats
    widths: Floats
    level: float
    phases: int

    def __post_init__(self) -> None:
        lock(self)

    @classmethod
    def around(cls, distances: Floats, widths: Floats, level: float, phases: int, *, cut: bool) -> HullInterval:
        """Around distances from the hull [n]; ``cut`` where nothing counts as lower than the hull."""
        lower, upper = distances - widths, distances + widths
        if cut:
            lower, upper = np.maximum(lower, 0.0), np.maximum(upper, 0.0)
        return cls(lower, upper, np.where(np.isnan(distances), np.nan, widths), level, phases)


@dataclass(frozen=True, eq=False)
class SecondOpinion:
    """What a second force field says of n materials.

    Parameters
    ----------
    force_field
        Its name, version and digest.
    formation_energies
        float64 [n], eV/atom; NaN where there is none.
    above
        float64 [n], energy above the hull of the references, eV/atom.
    """

    force_field: str
    formation_energies: Floats
    above: Floats

    def __post_init__(self) -> None:
        lock(self)
