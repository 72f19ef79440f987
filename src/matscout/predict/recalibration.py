"""Recalibration: chances changed by how often such chances came true."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

Floats = NDArray[np.float64]

NEVER = 1e-6
"""No chance is taken to be nearer to 0 or 1."""


@dataclass(frozen=True)
class Recalibration:
    """``logit c' = offset + slope logit c`` for chances c (Platt 1999; for chances Cox 1958, doi:10.2307/2333203).

    The slope is positive, so the order by chance stays. What was no more likely than not stays so.

    Parameters
    ----------
    offset, slope
        0 and 1 leave chances as they are.
    """

    offset: float = 0.0
    slope: float = 1.0

    def apply(self, chances: Floats) -> Floats:
        """Changed chances, elementwise."""
        if self == AS_TOLD:
            return chances
        changed = expit(self.offset + self.slope * logit(np.clip(chances, NEVER, 1 - NEVER)))
        return np.asarray(np.where(chances <= 0.5, np.minimum(changed, 0.5), changed), dtype=np.float64)


AS_TOLD = Recalibration()
