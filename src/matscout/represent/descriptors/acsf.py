"""Weighted atom-centred symmetry functions: distances and angles around the sites, statistics over the crystal."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import pairs_within
from matscout.crystal.site_pooling import SitePooling
from matscout.represent.element_weights import WEIGHTS, element_weights
from matscout.represent.structure_representation import StructureRepresentation
from matscout.represent.symmetry_functions import Angular, Radial, angular_sums, radial_sums

Floats = NDArray[np.float64]

CENTRES = tuple(1.0 + 0.5 * place for place in range(10))
"""Å."""

RADIAL_SHARPNESS = 2.0
"""1/Å²: the Gaussians are half an Å wide, as far as their centres are apart."""

ANGULAR = tuple((sharpness, power, sign) for sharpness in (0.01, 0.1) for power in (1, 4) for sign in (1, -1))
"""Sharpness (1/Å²), power and sign of each angular function."""

NEIGHBOURS = ("atoms", *WEIGHTS)
STATISTICS = ("mean", "deviation")
FUNCTIONS = (
    *(f"near {centre:g} Å" for centre in CENTRES),
    *(f"angles {'0°' if sign > 0 else '180°'} power {power} sharpness {sharpness:g} Å⁻²"
      for sharpness, power, sign in ANGULAR),
)  # fmt: skip


class Acsf(StructureRepresentation):
    """M. Gastegger et al., J. Chem. Phys. 148, 241709 (2018), doi:10.1063/1.5019667.

    Symmetry functions of J. Behler (doi:10.1063/1.3553717, G2 and G4) in which neighbours of all elements are summed,
    each counted once, and once with each of three properties of its element; pairs of neighbours with the product.
    Mean and standard deviation over the sites. What is on the site itself is not told. Functions of a property are
    blank where that of an element is not known (electronegativity of most noble gases).

    Parameters
    ----------
    cutoff
        Å; beyond there are no neighbours.
    """

    takes_slabs: ClassVar[bool] = True
    takes_disorder: ClassVar[bool] = True
    intensive: ClassVar[bool] = True
    columns = tuple(
        f"{statistic} {neighbours} {function}"
        for neighbours in NEIGHBOURS
        for function in FUNCTIONS
        for statistic in STATISTICS
    )

    def __init__(self, cutoff: float = 6.0) -> None:
        self.cutoff = cutoff

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 144]."""
        pairs, weights = pairs_within(crystals, self.cutoff), _weights(crystals)
        centres = np.array(CENTRES)
        radial = Radial(np.full(len(centres), RADIAL_SHARPNESS), centres)
        sharpness, powers, signs = np.array(ANGULAR).T
        angular = Angular(sharpness, powers.astype(np.int64), signs)
        known = np.nan_to_num(weights)
        sites = np.concatenate(
            [radial_sums(pairs, known, radial, self.cutoff), angular_sums(pairs, known, angular, self.cutoff)], axis=2
        )
        pool = SitePooling.of(crystals)
        columns = sites.reshape(len(sites), -1).T
        statistics = [statistic(column) for column in columns for statistic in (pool.mean, pool.deviation)]
        vectors = np.stack(statistics, axis=1).reshape(len(crystals), len(NEIGHBOURS), -1)
        unknown, properties = np.nonzero(np.isnan(weights))
        vectors[crystals.owners[unknown], properties] = np.nan
        return vectors.reshape(len(crystals), self.dim)


def _weights(crystals: Crystals) -> Floats:
    """How much each site counts as neighbour, [s, 4]: occupancy, and that times properties."""
    occupied = crystals.occupied
    means = [crystals.site_means(values) for values in element_weights().T]
    return np.stack([occupied, *(occupied * values for values in means)], axis=1)
