"""Crystal graphs: every site and its nearest neighbours over the borders of the cell, compiled, for many crystals.

Crystals that are not periodic along an axis (slabs, chains, molecules) have no neighbours over that border.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import Pairs
from matscout.data.ragged import ranges

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NEIGHBOURS = 12
FARTHEST = 32.0
"""Å."""

SAME_DISTANCE = 1e-6
"""Å; sites whose distances differ less from one to the next are a shell."""

_EXPECTED = 2.0
"""The first search is in a sphere that would hold so many times the neighbours wanted if sites lay at random."""

_WIDER = 1.3
"""Factor to the radius if they were too few."""


def nearest_pairs(crystals: Crystals, number: int = NEIGHBOURS, farthest: float = FARTHEST) -> Pairs:
    """The nearest neighbours of every site, nearest first, shells of equal distances in a fixed order.

    Within a shell the lighter elements come first, then the sites in the order in which they are written, then the
    cells: a crystal that is turned or moved has the same graph, and one that is renumbered has the same distances and
    elements on it. The pairs are directed, and a site need not be among the nearest of its neighbours. Those of crystal
    i are ``offsets[crystals.offsets[i]]:offsets[crystals.offsets[i + 1]]``.

    Parameters
    ----------
    crystals
        n crystals, s sites. Of a site that several species share, the heaviest counts in the order.
    number
        How many neighbours, k.
    farthest
        Å; a site has less than k neighbours if there are not more so near. T. Xie and J. C. Grossman,
        Phys. Rev. Lett. 120, 145301 (2018), doi:10.1103/PhysRevLett.120.145301, have 8 Å.
    """
    heaviest = np.zeros(len(crystals.fractional), dtype=np.int64)
    np.maximum.at(heaviest, crystals.site_of_species, crystals.atomic_numbers)
    limits = _Limits(number, farthest)
    offsets, second, shifts, vectors = _of_all(
        _Arrays(crystals.lattices, crystals.pbc, crystals.offsets, crystals.fractional, heaviest), limits
    )
    return Pairs(offsets, second, shifts, vectors, np.sqrt(np.einsum("pa,pa->p", vectors, vectors)))


def lonely(crystals: Crystals) -> NDArray[np.bool_]:
    """Sites whose atom has no other one, nor its own image, within ``FARTHEST``, [s]."""
    isolated = np.zeros(len(crystals.owners), dtype=np.bool_)
    # Any other one repeats within reach along one of its axes.
    wide = np.flatnonzero(((np.linalg.norm(crystals.lattices, axis=2) > FARTHEST) | ~crystals.pbc).all(axis=1))
    if len(wide):
        searched = crystals[wide]
        alone = np.diff(nearest_pairs(searched, 1).offsets) == 0
        _, sites = ranges(crystals.offsets, wide)
        isolated[sites[alone]] = True
    return isolated


class _Limits(NamedTuple):
    """How many neighbours, and how far they may be, Å."""

    number: int
    farthest: float


class _Arrays(NamedTuple):
    """Those of n crystals: lattices, axes along which they are periodic, offsets, sites, heaviest element of each."""

    lattices: Floats
    pbc: NDArray[np.bool_]
    offsets: Integers
    fractional: Floats
    elements: Integers


class _Cell(NamedTuple):
    """One crystal with m sites.

    Rows of the lattice are its vectors [3, 3], in Å. Sites lie within the cell [m, 3], moved there by ``moved`` cells
    [m, 3] along the axes on which it is periodic, [3]. The distances of the planes are 1 / ``reciprocal``, [3].
    """

    lattice: Floats
    pbc: NDArray[np.bool_]
    fractional: Floats
    moved: Floats
    reciprocal: Floats


class _Found(NamedTuple):
    """What is near a site, with room for r: the other sites [r], cells [r, 3], vectors [r, 3], squared distances [r].

    Vectors and distances are in Å.
    """

    second: Integers
    shifts: Integers
    vectors: Floats
    squares: Floats


@njit(cache=True)  # type: ignore[untyped-decorator]
def _room(size: int) -> _Found:
    return _Found(np.empty(size, np.int64), np.empty((size, 3), np.int64), np.empty((size, 3)), np.empty(size))


@njit(cache=True)  # type: ignore[untyped-decorator]
def _with_more_room(neighbours: _Found) -> _Found:
    """The same with twice the room."""
    size = len(neighbours.second)
    larger: _Found = _room(2 * size)
    larger.second[:size], larger.shifts[:size] = neighbours.second, neighbours.shifts
    larger.vectors[:size], larger.squares[:size] = neighbours.vectors, neighbours.squares
    return larger


@njit(cache=True)  # type: ignore[untyped-decorator]
def _search(cell: _Cell, site: int, radius: float, neighbours: _Found) -> tuple[int, _Found]:
    """All sites nearer to ``site`` than ``radius`` (Å): how many, and where they are."""
    count, reach = 0, radius * cell.reciprocal
    low, high, step = np.empty(3, np.int64), np.empty(3, np.int64), np.empty(3)
    for other in range(len(cell.fractional)):
        for axis in range(3):
            step[axis] = cell.fractional[other, axis] - cell.fractional[site, axis]
            low[axis], high[axis] = np.ceil(-reach[axis] - step[axis]), np.floor(reach[axis] - step[axis])
            if not cell.pbc[axis]:
                low[axis], high[axis] = max(low[axis], 0), min(high[axis], 0)
        for a in range(low[0], high[0] + 1):
            for b in range(low[1], high[1] + 1):
                for c in range(low[2], high[2] + 1):
                    x, y, z = step[0] + a, step[1] + b, step[2] + c
                    square = 0.0
                    if count == len(neighbours.second):
                        neighbours = _with_more_room(neighbours)
                    for axis in range(3):
                        part = x * cell.lattice[0, axis] + y * cell.lattice[1, axis] + z * cell.lattice[2, axis]
                        neighbours.vectors[count, axis] = part
                        square += part * part
                    if square < radius * radius and (other != site or a != 0 or b != 0 or c != 0):
                        neighbours.second[count], neighbours.squares[count] = other, square
                        neighbours.shifts[count, 0], neighbours.shifts[count, 1], neighbours.shifts[count, 2] = a, b, c
                        count += 1
    return count, neighbours


@njit(cache=True)  # type: ignore[untyped-decorator]
def _comes_first(neighbours: _Found, elements: Integers, one: int, two: int) -> bool:
    """Whether one of two of a shell comes before the other."""
    left, right = neighbours.second[one], neighbours.second[two]
    if elements[left] != elements[right]:
        return bool(elements[left] < elements[right])
    if left != right:
        return bool(left < right)
    for axis in range(3):
        if neighbours.shifts[one, axis] != neighbours.shifts[two, axis]:
            return bool(neighbours.shifts[one, axis] < neighbours.shifts[two, axis])
    return False


@njit(cache=True)  # type: ignore[untyped-decorator]
def _ordered(neighbours: _Found, count: int, elements: Integers) -> Integers:
    """By distance, and each shell in its order."""
    order = np.argsort(neighbours.squares[:count])
    start = 0
    for place in range(1, count + 1):
        if place < count:
            apart = np.sqrt(neighbours.squares[order[place]]) - np.sqrt(neighbours.squares[order[place - 1]])
            if apart < SAME_DISTANCE:
                continue
        for at in range(start + 1, place):
            moving, here = order[at], at
            while here > start and _comes_first(neighbours, elements, moving, order[here - 1]):
                order[here] = order[here - 1]
                here -= 1
            order[here] = moving
        start = place
    return order


@njit(cache=True)  # type: ignore[untyped-decorator]
def _enough(neighbours: _Found, count: int, radius: float, limits: _Limits) -> bool:
    """Whether the nearest are all there, with the whole of the last one's shell."""
    if radius >= limits.farthest:
        return True
    if count < limits.number:
        return False
    safe = (radius - SAME_DISTANCE) ** 2
    return int((neighbours.squares[:count] < safe).sum()) >= limits.number


@njit(cache=True)  # type: ignore[untyped-decorator]
def _cell(lattice: Floats, pbc: NDArray[np.bool_], fractional: Floats) -> _Cell:
    inverse, moved = np.linalg.inv(lattice), np.floor(fractional)
    for axis in range(3):
        if not pbc[axis]:
            moved[:, axis] = 0.0
    return _Cell(lattice, pbc, fractional - moved, moved, np.sqrt((inverse**2).sum(axis=0)))


@njit(cache=True)  # type: ignore[untyped-decorator]
def _of_all(crystals: _Arrays, limits: _Limits) -> tuple[Integers, Integers, Integers, Floats]:
    """Offsets [s + 1], second sites [p], shifts [p, 3] and vectors [p, 3] of the nearest pairs of n crystals."""
    number, sites, offsets = limits.number, len(crystals.fractional), crystals.offsets
    ends, count = np.zeros(sites + 1, np.int64), 0
    second, shifts = np.empty(number * sites, np.int64), np.empty((number * sites, 3), np.int64)
    vectors = np.empty((number * sites, 3))
    neighbours = _room(256)
    for crystal in range(len(crystals.lattices)):
        start, stop = offsets[crystal], offsets[crystal + 1]
        cell = _cell(crystals.lattices[crystal], crystals.pbc[crystal], crystals.fractional[start:stop])
        volume = abs(np.linalg.det(cell.lattice)) / (stop - start)
        guess = (_EXPECTED * number * volume * 0.75 / np.pi) ** (1.0 / 3.0)
        for site in range(stop - start):
            radius = min(guess, limits.farthest)
            near, neighbours = _search(cell, site, radius, neighbours)
            while not _enough(neighbours, near, radius, limits):
                radius = min(_WIDER * radius, limits.farthest)
                near, neighbours = _search(cell, site, radius, neighbours)
            for place in _ordered(neighbours, near, crystals.elements[start:stop])[:number]:
                other = neighbours.second[place]
                second[count], vectors[count] = start + other, neighbours.vectors[place]
                # Between the sites as they are written, which may lie outside the cell.
                shifts[count] = neighbours.shifts[place] + (cell.moved[site] - cell.moved[other]).astype(np.int64)
                count += 1
            ends[start + site + 1] = count
    return ends, second[:count], shifts[:count], vectors[:count]
