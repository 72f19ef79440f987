"""The atoms of a supercell with its defects, from the sparse form."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.data.defects.hosts import NOWHERE, HostCrystal, supercell_sites

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def atoms_of(
    host: HostCrystal, matrix: tuple[int, ...], sites: Integers, now: Integers, positions: Floats
) -> tuple[Integers, Floats]:
    """Atomic numbers and positions (Å) of a supercell.

    Parameters
    ----------
    host, matrix
        The cell without defects, and nine whole numbers of the supercell.
    sites, now, positions
        The site of each defect (:data:`NOWHERE` for interstitials), what stands there now, and where it is.
    """
    places, numbers = supercell_sites(host, matrix)
    added = sites == NOWHERE
    changed = numbers.copy()
    changed[sites[~added]] = now[~added]
    kept = changed > 0
    return np.concatenate([changed[kept], now[added]]), np.concatenate([places[kept], positions[added]])
