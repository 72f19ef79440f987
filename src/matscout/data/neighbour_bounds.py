"""What a search for neighbours would take, known before it is made: the search itself knows no bounds.

vesin divides a cell into boxes as wide as the cutoff. Of more than 100,000 boxes it makes fewer, larger ones, which
ends the process where a cell is but one or two boxes thin. And it lists every pair, however many lie on one spot.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.data.unit_cells import heights_of

Floats = NDArray[np.float64]

MOST_BOXES = 50_000
THICK = 4
"""Boxes across a cell from which on larger ones do no harm."""
MOST_PAIRS = 2_000_000
_WIDER = 1.25
_MOST_BINS = 10_000


def searchable_cutoff(lattice: Floats, cutoff: float) -> float:
    """The least cutoff of ``cutoff`` (Å) or more by which a cell can be searched."""
    across = heights_of(lattice)
    boxes = np.maximum(np.floor(across / cutoff), 1.0)
    while boxes.prod() > MOST_BOXES and boxes.min() <= THICK:
        cutoff *= _WIDER
        boxes = np.maximum(np.floor(across / cutoff), 1.0)
    return cutoff


def pairs_to_expect(fractional: Floats, lattice: Floats, cutoff: float) -> float:
    """About how many pairs of n sites [n, 3] lie within a cutoff, Å: those that share a bin as wide as it."""
    across = heights_of(lattice)
    bins = np.clip(np.floor(across / cutoff), 1, _MOST_BINS).astype(np.int64)
    places = np.minimum(np.floor((fractional % 1.0) * bins), bins - 1).astype(np.int64)
    _, counts = np.unique(np.ravel_multi_index(tuple(places.T), tuple(bins)), return_counts=True)
    images = np.prod(1.0 + 2.0 * np.where(bins == 1, cutoff / across, 0.0))
    return float(np.square(counts.astype(np.float64)).sum() / 2 * images)
