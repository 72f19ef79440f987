"""Distribution of the angles between the bonds of an atom, in bins of 5°."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.crystal.bonding import Bonding
from matscout.crystal.crystals import Crystals
from matscout.represent.gaussian_bins import REACH, gaussian_shares
from matscout.represent.structure_representation import StructureRepresentation

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CUTOFF = 6.0
"""Å; what is farther is no bond."""


class AngularDistribution(StructureRepresentation):
    """Share of the bond angles in each bin; an angle counts as the product of the weights of its bonds.

    Bonds have weights in place of a cutoff (:func:`~matscout.crystal.bonds.bond_weights`; compare R. Hoppe,
    doi:10.1524/zkri.1979.150.1-4.23), and every angle is a Gaussian, reflected at 0° and 180°, so that nothing jumps
    where atoms move. A crystal in which no atom has two bonds has no vector. Neighbours, and the atoms in the middle,
    count as much as they are there; where the table of covalent radii is blank (beyond curium) there is no vector.

    Parameters
    ----------
    step
        Degrees, width of the bins; a divisor of 180.
    broadening
        Degrees, standard deviation of the Gaussians.
    """

    takes_slabs: ClassVar[bool] = True
    takes_disorder: ClassVar[bool] = True
    intensive: ClassVar[bool] = True

    def __init__(self, step: float = 5.0, broadening: float = 5.0) -> None:
        self.step = step
        self.broadening = broadening

    @property
    def columns(self) -> tuple[str, ...]:
        """By the middles of the bins."""
        number = round(180.0 / self.step)
        return tuple(f"share of bond angles at {(place + 0.5) * self.step:.4g}°" for place in range(number))

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 36]."""
        bonding = Bonding.within(crystals, CUTOFF)
        pairs, bins = bonding.pairs, _Bins(self.dim, self.step, self.broadening)
        directions = pairs.vectors / pairs.distances[:, None]
        of_sites = _histograms(pairs.offsets, directions, bonding.weights, bins)
        totals = np.stack([bonding.pool.total(column) for column in of_sites.T], axis=1)
        totals[np.isnan(bonding.pool.total(bonding.radius))] = np.nan
        with np.errstate(invalid="ignore"):
            return np.asarray(totals / totals.sum(axis=1, keepdims=True))


class _Bins(NamedTuple):
    """Number, width and smearing of the bins, degrees."""

    number: int
    step: float
    broadening: float


@njit(cache=True)  # type: ignore[untyped-decorator]
def _histograms(offsets: Integers, directions: Floats, weights: Floats, bins: _Bins) -> Floats:
    """Sums over the angles of each site, [s, bins]."""
    sums = np.zeros((len(offsets) - 1, bins.number))
    # The bins go on beyond 180°, and what falls there is reflected; so is what falls below 0°.
    beyond = min(bins.number, int(REACH * bins.broadening / bins.step) + 1)
    shares = np.zeros(bins.number + 2 * beyond)
    for site in range(len(offsets) - 1):
        for one in range(offsets[site], offsets[site + 1]):
            for two in range(offsets[site], one):
                weight = weights[one] * weights[two]
                if weight > 0.0:
                    cosine = 0.0
                    for axis in range(3):
                        cosine += directions[one, axis] * directions[two, axis]
                    angle = np.degrees(np.arccos(min(1.0, max(-1.0, cosine)))) + beyond * bins.step
                    first, last = gaussian_shares(angle, bins.step, bins.broadening, shares)
                    for at in range(first, last):
                        place = at - beyond
                        place = -1 - place if place < 0 else place
                        place = 2 * bins.number - 1 - place if place >= bins.number else place
                        sums[site, place] += weight * shares[at]
    return sums
