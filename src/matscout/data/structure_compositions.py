"""What structures are made of."""

from __future__ import annotations

import numpy as np

from matscout.data.compositions import Compositions
from matscout.data.structures import Structures


def compositions_of(structures: Structures) -> Compositions:
    """What the structures are made of: occupancies summed per element, amounts per unit cell."""
    owners = np.repeat(np.arange(len(structures)), np.diff(structures.offsets))
    keys, entry = np.unique(owners * 256 + structures.atomic_numbers, return_inverse=True)
    amounts = np.bincount(entry, weights=structures.occupancies, minlength=len(keys))
    lengths = np.bincount(keys // 256, minlength=len(structures))
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Compositions(offsets, (keys % 256).astype(np.uint8), amounts.astype(np.float64))
