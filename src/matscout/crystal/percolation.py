"""From molecules over chains and layers to frameworks: how far bonds must reach until atoms hang together."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@njit(cache=True)  # type: ignore[untyped-decorator]
def _rank(vectors: Integers, count: int, candidate: Integers) -> bool:
    """Whether ``candidate`` is independent of the first ``count`` of ``vectors``."""
    x, y, z = candidate
    if count == 0:
        return bool(x != 0 or y != 0 or z != 0)
    a, b, c = vectors[0]
    if count == 1:
        return bool(b * z - c * y != 0 or c * x - a * z != 0 or a * y - b * x != 0)
    d, e, f = vectors[1]
    return count == 2 and (b * f - c * e) * x + (c * d - a * f) * y + (a * e - b * d) * z != 0


@njit(cache=True)  # type: ignore[untyped-decorator]
def _root(parents: Integers, cells: Integers, site: int) -> int:
    """The root of a site; afterwards ``cells[site]`` is where the root lies, seen from the site's own cell."""
    root = site
    cell = np.zeros(3, dtype=np.int64)
    while parents[root] != root:
        cell += cells[root]
        root = parents[root]
    while parents[site] != root and parents[site] != site:
        following, step = parents[site], cells[site].copy()
        parents[site], cells[site] = root, cell
        cell = cell - step
        site = following
    return root


@njit(cache=True)  # type: ignore[untyped-decorator]
def _thresholds_of_one(first: Integers, second: Integers, shifts: Integers, reach: Floats, sites: int) -> Floats:
    thresholds = np.full(3, np.inf)
    parents, cells = np.arange(sites), np.zeros((sites, 3), dtype=np.int64)
    bases, ranks, best = np.zeros((sites, 3, 3), dtype=np.int64), np.zeros(sites, dtype=np.int64), 0
    for pair in np.argsort(reach):
        one, other = _root(parents, cells, first[pair]), _root(parents, cells, second[pair])
        here = cells[first[pair]] if first[pair] != one else np.zeros(3, dtype=np.int64)
        there = shifts[pair] + (cells[second[pair]] if second[pair] != other else np.zeros(3, dtype=np.int64))
        if one == other:
            if ranks[one] < 3 and _rank(bases[one], ranks[one], there - here):
                bases[one, ranks[one]] = there - here
                ranks[one] += 1
        else:
            parents[other], cells[other] = one, here - there
            for at in range(ranks[other]):
                if ranks[one] < 3 and _rank(bases[one], ranks[one], bases[other, at]):
                    bases[one, ranks[one]] = bases[other, at]
                    ranks[one] += 1
        while best < ranks[one]:
            thresholds[best] = reach[pair]
            best += 1
        if best == 3:
            break
    return thresholds


@njit(cache=True)  # type: ignore[untyped-decorator]
def dimension_thresholds(
    crystals: Integers, offsets: Integers, second: Integers, shifts: Integers, reach: Floats
) -> Floats:
    """The reach of bonds at which some part of a crystal becomes a chain, a layer, a framework; [n, 3].

    Ascending; infinite where the pairs do not reach that far. Bonds are added from the shortest on. A part of the net
    is periodic in as many directions as the translations that lead from an atom to its images along bonds (P. M. Larsen
    et al., Phys. Rev. Materials 3, 034003, 2019, doi:10.1103/PhysRevMaterials.3.034003). A layered crystal has a low
    second and a high third value, one of molecules has three high ones.

    Parameters
    ----------
    crystals
        int64 [n + 1], offsets of the crystals' sites.
    offsets, second, shifts
        From :class:`~matscout.crystal.neighbours.Pairs`.
    reach
        float64 [p], what orders the bonds: distances, or distances over sums of radii.
    """
    n = len(crystals) - 1
    thresholds = np.empty((n, 3))
    for crystal in range(n):
        start, stop = crystals[crystal], crystals[crystal + 1]
        low, high = offsets[start], offsets[stop]
        first = np.empty(high - low, dtype=np.int64)
        for site in range(start, stop):
            first[offsets[site] - low : offsets[site + 1] - low] = site - start
        thresholds[crystal] = _thresholds_of_one(
            first, second[low:high] - start, shifts[low:high], reach[low:high], stop - start
        )
    return thresholds
