"""Powder X-ray diffraction pattern of a crystal structure (copper K alpha), one value per degree."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.diffraction import COPPER_K_ALPHA, Peaks, powder_peaks
from matscout.represent.structure_representation import StructureRepresentation

Floats = NDArray[np.float64]

WIDEST = 127
"""Degrees 2 theta."""

SMEARING = 0.05
"""Width of the Gaussians, as a share of the standard deviation of the peaks' angles."""

WHOLE = 1e-9
"""An intensity that is so little below a whole number is one."""


class XrdPattern(StructureRepresentation):
    """The smeared pattern at 0, 1, ... 127 degrees, as matminer's ``XRDPowderPattern`` makes it.

    Intensities are scaled to a maximum of 100 and cut to whole numbers; then a kernel density estimate over the peaks
    (``scipy.stats.gaussian_kde``). What is a whole number but for rounding counts as one: in matminer the last digit
    decides whether the highest peak is 100 or 99, so that a turned crystal may have another pattern there, by some
    1e-4. A crystal with less than two peaks that count has no pattern.
    """

    takes_disorder: ClassVar[bool] = True
    intensive: ClassVar[bool] = True
    columns = tuple(f"xrd {degree}°" for degree in range(WIDEST + 1))

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 128]."""
        peaks = (powder_peaks(crystals, row, COPPER_K_ALPHA, WIDEST) for row in range(len(crystals)))
        return np.array([_smeared(of_crystal) for of_crystal in peaks]).reshape(len(crystals), self.dim)


def _smeared(peaks: Peaks) -> Floats:
    angles = np.arange(WIDEST + 1.0)
    if not len(peaks.angles):
        return np.full(len(angles), np.nan)
    heights = np.floor(100.0 * peaks.intensities / peaks.intensities.max() + WHOLE)
    counted = heights > 0
    heights, centres = heights[counted], peaks.angles[counted]
    total = heights.sum()
    mean = heights @ centres / total
    variance = heights @ (centres - mean) ** 2 / (total - 1.0)
    if len(centres) < 2:
        return np.full(len(angles), np.nan)
    width = SMEARING * np.sqrt(variance)
    density = np.exp(-0.5 * ((angles[:, None] - centres) / width) ** 2) @ heights
    return np.asarray(density / (total * width * np.sqrt(2.0 * np.pi)))
