"""Recalibration: chances changed by how often such chances came true."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

Floats = NDArray[np.float64]

NEVER = 1e-300
"""No chance but 0 is smaller, and none but 1 nearer to it than numbers are to each other."""


@dataclass(frozen=True)
class Recalibration:
    """``logit c' = offset + slope logit c`` for chances c (Platt 1999; for chances Cox 1958, doi:10.2307/2333203).

    The slope is positive, so the order by chance stays. What was no more likely than not stays so: where c = 1/2
    becomes more, all below are made smaller in proportion. What cannot be, or must be, stays so, too.

    Parameters
    ----------
    offset, slope
        0 and 1 leave chances as they are.
    """

    offset: float = 0.0
    slope: float = 1.0

    def apply(self, chances: Floats) -> Floats:
        """Changed chances, elementwise."""
        if self == AS_PREDICTED:
            return chances
        changed = expit(self.offset + self.slope * logit(np.clip(chances, NEVER, 1.0 - 1e-16)))
        changed = np.where(chances <= 0.5, changed * min(0.5 / expit(self.offset), 1.0), changed)
        return np.asarray(np.where((chances <= 0) | (chances >= 1), chances, changed), dtype=np.float64)


AS_PREDICTED = Recalibration()
