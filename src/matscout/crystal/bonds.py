"""Bonds without a cutoff: how much each neighbour counts, and what follows for a site. Compiled, all sites at once."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LEAST_WEIGHT = 1e-6
"""A neighbour that counts less is no bond."""


@njit(cache=True)  # type: ignore[untyped-decorator]
def bond_weights(offsets: Integers, second: Integers, distances: Floats, radius: Floats, occupied: Floats) -> Floats:
    """How much each pair is a bond of its first site, [p].

    With x = d / (r_i + r_j): w = exp(1 - (x / m)^6), m the mean of x weighted by exp(1 - (x / min x)^6). Summed over
    the neighbours this is the effective coordination number (R. Hoppe, Z. Kristallogr. 150, 23, 1979,
    doi:10.1524/zkri.1979.150.1-4.23), on distances scaled by covalent radii. These let the large cations of salts see
    each other as well (caesium counts eight others in CsCl); unscaled distances would not, but carried less in a trial.

    Parameters
    ----------
    offsets, second, distances
        From :class:`~matscout.crystal.neighbours.Pairs`.
    radius, occupied
        Of each site, [s]; a neighbour counts as much as its site is occupied.
    """
    weights = np.zeros(len(second))
    for site in range(len(offsets) - 1):
        start, stop = offsets[site], offsets[site + 1]
        if start == stop:
            continue
        least = np.inf
        for pair in range(start, stop):
            least = min(least, distances[pair] / (radius[site] + radius[second[pair]]))
        total = mean = 0.0
        for pair in range(start, stop):
            scaled = distances[pair] / (radius[site] + radius[second[pair]])
            share = np.exp(1.0 - (scaled / least) ** 6) * occupied[second[pair]]
            total += share
            mean += share * scaled
        mean /= total
        for pair in range(start, stop):
            scaled = distances[pair] / (radius[site] + radius[second[pair]])
            weight = np.exp(1.0 - (scaled / mean) ** 6) * occupied[second[pair]]
            weights[pair] = weight if weight > LEAST_WEIGHT else 0.0
    return weights


@njit(cache=True)  # type: ignore[untyped-decorator]
def _legendre(order: int, cosine: float) -> float:
    """Legendre polynomial of order 1, 2, 3, 4 or 6."""
    square = cosine * cosine
    if order == 1:
        return cosine
    if order == 2:
        return (3.0 * square - 1.0) / 2.0
    if order == 3:
        return (5.0 * square - 3.0) * cosine / 2.0
    if order == 4:
        return ((35.0 * square - 30.0) * square + 3.0) / 8.0
    return (((231.0 * square - 315.0) * square + 105.0) * square - 5.0) / 16.0


ORDERS = (1, 2, 3, 4, 6)


@njit(cache=True)  # type: ignore[untyped-decorator]
def bond_angles(offsets: Integers, vectors: Floats, distances: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Steinhardt parameters q1, q2, q3, q4 and q6 of each site [s, 5], and the spread of its bond-angle cosines [s].

    q_l = sqrt(sum_jk w_j w_k P_l(cos of the angle between j and k)) / sum_j w_j, which by the addition theorem is that
    of P. J. Steinhardt et al., Phys. Rev. B 28, 784 (1983), doi:10.1103/PhysRevB.28.784, with weighted neighbours.
    """
    sites = len(offsets) - 1
    steinhardt, spread = np.full((sites, 5), np.nan), np.full(sites, np.nan)
    bonds = np.empty((len(weights), 4))
    for site in range(sites):
        count = 0
        for pair in range(offsets[site], offsets[site + 1]):
            if weights[pair] > 0.0:
                bonds[count, :3] = vectors[pair] / distances[pair]
                bonds[count, 3] = weights[pair]
                count += 1
        if count == 0:
            continue
        sums, cosines, squares, among, total = np.zeros(5), 0.0, 0.0, 0.0, 0.0
        for j in range(count):
            total += bonds[j, 3]
            for k in range(count):
                both = bonds[j, 3] * bonds[k, 3]
                cosine = bonds[j, 0] * bonds[k, 0] + bonds[j, 1] * bonds[k, 1] + bonds[j, 2] * bonds[k, 2]
                for place in range(5):
                    sums[place] += both * _legendre(ORDERS[place], cosine)
                if j != k:
                    among += both
                    cosines += both * cosine
                    squares += both * cosine * cosine
        steinhardt[site] = np.sqrt(np.maximum(sums, 0.0)) / total
        spread[site] = 0.0
        if among > 0.0:
            spread[site] = np.sqrt(max(0.0, squares / among - (cosines / among) ** 2))
    return steinhardt, spread
