"""Forces and stresses from how an energy changes with the vectors between pairs of atoms."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import Pairs
from matscout.simulate.energies import GIGAPASCAL

Floats = NDArray[np.float64]


def forces_of(slopes: Floats, pairs: Pairs) -> Floats:
    """Forces on all sites, eV/Å, [s, 3]: an energy changes with a site as with the pairs that it is an end of.

    Parameters
    ----------
    slopes
        float64 [p, 3], derivatives of the energy by the vectors of the pairs, eV/Å.
    pairs
        p directed pairs.
    """
    first, second, sites = pairs.first, pairs.second, len(pairs.offsets) - 1
    columns = [np.bincount(first, slope, sites) - np.bincount(second, slope, sites) for slope in slopes.T]
    return np.stack(columns, axis=1).astype(np.float64)


def stresses_of(slopes: Floats, pairs: Pairs, crystals: Crystals) -> Floats:
    """Stress of each crystal, GPa, [n, 3, 3]: a strain changes all vectors alike, so that it sums r (x) dE/dr.

    A crystal that is not periodic along all axes has none: NaN.
    """
    owners = crystals.owners[pairs.first]
    products = np.einsum("pi,pj->ijp", pairs.vectors, slopes).reshape(9, -1)
    sums = np.stack([np.bincount(owners, product, len(crystals)) for product in products], axis=1).reshape(-1, 3, 3)
    symmetric = (sums + sums.transpose(0, 2, 1)) / 2.0
    stress = symmetric / crystals.volumes[:, None, None] * GIGAPASCAL
    stress[~crystals.periodic] = np.nan
    return np.asarray(stress, dtype=np.float64)
