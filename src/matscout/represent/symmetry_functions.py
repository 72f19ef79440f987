"""Weighted atom-centred symmetry functions of sites: what they see of their neighbours, one by one and in pairs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.crystal.neighbours import Pairs

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Radial(NamedTuple):
    """f functions: sums of exp(-sharpness (distance - centre)²), damped.

    Parameters
    ----------
    sharpness
        1/Å², [f].
    centres
        Å, [f].
    """

    sharpness: Floats
    centres: Floats


class Angular(NamedTuple):
    """g functions: sums over pairs of neighbours of 2 (1/2 + sign cos(angle) / 2)^power exp(-sharpness d²), damped.

    d² is the sum of the three squared distances in the triangle.

    Parameters
    ----------
    sharpness
        1/Å², [g].
    powers
        Whole numbers, [g]: the higher, the narrower in the angle.
    signs
        1 for a maximum at 0°, -1 for one at 180°, [g].
    """

    sharpness: Floats
    powers: Integers
    signs: Floats


class _Sides(NamedTuple):
    """p pairs: vectors [p, 3], Å; how far they are damped [p]; weights [p, w] of the second sites."""

    vectors: Floats
    damped: Floats
    weights: Floats


def damping(distances: Floats, cutoff: float) -> Floats:
    """Falls as a cosine from 1 at distance 0 to 0 at the cutoff."""
    return np.asarray(np.where(distances < cutoff, 0.5 * (np.cos(np.pi * distances / cutoff) + 1.0), 0.0))


def radial_sums(pairs: Pairs, weights: Floats, functions: Radial, cutoff: float) -> Floats:
    """Radial functions of s sites for w weightings, [s, w, f].

    Parameters
    ----------
    pairs
        p pairs closer than the cutoff.
    weights
        [s, w]: how much each site counts as neighbour.
    functions
        f radial functions.
    cutoff
        Å.
    """
    apart = pairs.distances[:, None] - functions.centres
    values = np.exp(-functions.sharpness * apart**2) * damping(pairs.distances, cutoff)[:, None]
    return np.asarray(_sums(pairs.offsets, pairs.second, weights, values))


def angular_sums(pairs: Pairs, weights: Floats, functions: Angular, cutoff: float) -> Floats:
    """Angular functions of s sites, [s, w, g]; a pair of neighbours counts as the product of their weights.

    Parameters
    ----------
    pairs
        p pairs closer than the cutoff.
    weights
        [s, w]: how much each site counts as neighbour.
    functions
        g angular functions.
    cutoff
        Å; the two neighbours must be closer to each other as well.
    """
    sides = _Sides(pairs.vectors, damping(pairs.distances, cutoff), weights[pairs.second])
    return np.asarray(_triangles(pairs.offsets, sides, functions, cutoff))


@njit(cache=True)  # type: ignore[untyped-decorator]
def _sums(offsets: Integers, second: Integers, weights: Floats, values: Floats) -> Floats:
    sites = len(offsets) - 1
    sums = np.zeros((sites, weights.shape[1], values.shape[1]))
    for site in range(sites):
        for pair in range(offsets[site], offsets[site + 1]):
            for weight in range(weights.shape[1]):
                for function in range(values.shape[1]):
                    sums[site, weight, function] += weights[second[pair], weight] * values[pair, function]
    return sums


@njit(cache=True)  # type: ignore[untyped-decorator]
def _triangles(offsets: Integers, sides: _Sides, functions: Angular, cutoff: float) -> Floats:
    """[s, w, g]."""
    sites, count = len(offsets) - 1, sides.weights.shape[1]
    sums = np.zeros((sites, count, len(functions.signs)))
    values = np.empty(len(functions.signs))
    for site in range(sites):
        for one in range(offsets[site], offsets[site + 1]):
            for other in range(offsets[site], one):
                if _values(sides.vectors[one], sides.vectors[other], functions, cutoff, values):
                    damped = sides.damped[one] * sides.damped[other]
                    for weight in range(count):
                        product = damped * sides.weights[one, weight] * sides.weights[other, weight]
                        for function in range(len(values)):
                            sums[site, weight, function] += product * values[function]
    return sums


@njit(cache=True)  # type: ignore[untyped-decorator]
def _values(one: Floats, other: Floats, functions: Angular, cutoff: float, into: Floats) -> bool:
    """The functions [g] of a triangle given by two sides [3], damped by the third; False if that is too long."""
    first, second, product, third = 0.0, 0.0, 0.0, 0.0
    for axis in range(3):
        first += one[axis] ** 2
        second += other[axis] ** 2
        product += one[axis] * other[axis]
        third += (one[axis] - other[axis]) ** 2
    if third >= cutoff**2:
        return False
    cosine = product / np.sqrt(first * second)
    scale = np.cos(np.pi * np.sqrt(third) / cutoff) + 1.0
    squares, last, gaussian = first + second + third, -1.0, 0.0
    for function in range(len(into)):
        if functions.sharpness[function] != last:
            last = functions.sharpness[function]
            gaussian = scale * np.exp(-last * squares)
        into[function] = gaussian * (0.5 + 0.5 * functions.signs[function] * cosine) ** functions.powers[function]
    return True
