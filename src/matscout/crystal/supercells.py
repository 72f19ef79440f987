"""Near-cubic supercells: every site of one as a neighbour of each site of the cell, at its periodic distance."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.errors import InputError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def supercell_pairs(crystals: Crystals, most: int = 50) -> tuple[Integers, Integers, Floats]:
    """Offsets [s + 1], second sites and distances (Å) [p] from each site to every site of its supercell, itself too.

    The supercell repeats the reduced cell so often along each axis that its planes are as far apart as possible, with
    at most ``most`` sites; a cell that has more stays as it is. Of equally good ones the smallest is taken. A distance
    is the shortest to any periodic image of the site.

    Parameters
    ----------
    crystals
        n crystals, s sites, in their primitive cells.
    most
        Sites of a supercell.

    Raises
    ------
    InputError
        If a crystal is not periodic along all three axes: it has no supercell that could be near-cubic.
    """
    if not crystals.periodic.all():
        row = int(np.flatnonzero(~crystals.periodic)[0])
        raise InputError(
            f"crystal {row + 1} is periodic along {crystals.pbc[row].sum()} of 3 axes; near-cubic supercells need all; "
            "leave it out"
        )
    repeats: list[Integers] = []
    lattices = np.empty_like(crystals.lattices)
    fractional = np.empty_like(crystals.fractional)
    for at, lattice in enumerate(crystals.lattices):
        sites = slice(crystals.offsets[at], crystals.offsets[at + 1])
        lattices[at] = reduced(lattice)
        fractional[sites] = crystals.fractional[sites] @ lattice @ np.linalg.inv(lattices[at])
        repeats.append(most_cubic(lattices[at], int(sites.stop - sites.start), most))
    offsets, second, distances = _pairs(
        lattices, crystals.offsets, fractional, np.array(repeats, dtype=np.int64).reshape(-1, 3)
    )
    return offsets, second, distances


@njit(cache=True)  # type: ignore[untyped-decorator]
def reduced(lattice: Floats) -> Floats:
    """A basis of the same lattice with short vectors, rows [3, 3]: greedy reduction (I. Semaev, 2001)."""
    basis = lattice.copy()
    for _ in range(100):
        lengths = np.array([np.sqrt((basis[row] ** 2).sum()) for row in range(3)])
        basis = basis[np.argsort(lengths)]
        before = (basis[2] ** 2).sum()
        # The second by the first, then the third by the nearest point of the plane of both.
        basis[1] -= np.round(np.dot(basis[1], basis[0]) / np.dot(basis[0], basis[0])) * basis[0]
        best, least = basis[2].copy(), before
        one, two = np.dot(basis[0], basis[0]), np.dot(basis[1], basis[1])
        cross = np.dot(basis[0], basis[1])
        first, second = np.dot(basis[2], basis[0]), np.dot(basis[2], basis[1])
        determinant = one * two - cross * cross
        centre_one = np.round((first * two - second * cross) / determinant)
        centre_two = np.round((second * one - first * cross) / determinant)
        for i in range(-1, 2):
            for j in range(-1, 2):
                tried = basis[2] - (centre_one + i) * basis[0] - (centre_two + j) * basis[1]
                square = (tried**2).sum()
                if square < least * (1.0 - 1e-9):
                    best, least = tried, square
        done = least >= before * (1.0 - 1e-9)
        basis[2] = best
        lengths_now = np.array([(basis[row] ** 2).sum() for row in range(3)])
        if done and lengths_now[0] <= lengths_now[1] * (1.0 + 1e-9) and lengths_now[1] <= lengths_now[2] * (1.0 + 1e-9):
            break
    return basis


@njit(cache=True)  # type: ignore[untyped-decorator]
def most_cubic(lattice: Floats, sites: int, most: int) -> Integers:
    """How often to repeat a cell of so many sites along each axis, [3]; see :func:`supercell_pairs`."""
    inverse = np.linalg.inv(lattice)
    apart = 1.0 / np.sqrt((inverse**2).sum(axis=0))
    limit = max(1, most // sites)
    best, repeats = 0.0, np.ones(3, np.int64)
    for a in range(1, limit + 1):
        for b in range(1, limit // a + 1):
            for c in range(1, limit // (a * b) + 1):
                width = min(a * apart[0], b * apart[1], c * apart[2])
                better = width > best * (1.0 + 1e-6)
                smaller = width > best * (1.0 - 1e-6) and a * b * c < repeats.prod()
                if better or smaller:
                    best, repeats = width, np.array([a, b, c])
    return repeats


@njit(cache=True)  # type: ignore[untyped-decorator]
def _shortest(step: Floats, lattice: Floats) -> float:
    """Length of the shortest vector that differs from fractional ``step`` [3] by lattice vectors, Å."""
    least = np.inf
    wrapped = step - np.round(step)
    for i in range(-1, 2):
        for j in range(-1, 2):
            for k in range(-1, 2):
                x, y, z = wrapped[0] + i, wrapped[1] + j, wrapped[2] + k
                square = 0.0
                for axis in range(3):
                    part = x * lattice[0, axis] + y * lattice[1, axis] + z * lattice[2, axis]
                    square += part * part
                least = min(least, square)
    return float(np.sqrt(least))


@njit(cache=True)  # type: ignore[untyped-decorator]
def _pairs(
    lattices: Floats, offsets: Integers, fractional: Floats, repeats: Integers
) -> tuple[Integers, Integers, Floats]:
    counts = np.diff(offsets) * repeats[:, 0] * repeats[:, 1] * repeats[:, 2]
    starts = np.zeros(len(fractional) + 1, np.int64)
    for crystal in range(len(lattices)):
        for site in range(offsets[crystal], offsets[crystal + 1]):
            starts[site + 1] = starts[site] + counts[crystal]
    second, distances = np.empty(starts[-1], np.int64), np.empty(starts[-1])
    at = 0
    for crystal in range(len(lattices)):
        times = repeats[crystal]
        lattice = np.empty((3, 3))
        for row in range(3):
            lattice[row] = lattices[crystal, row] * times[row]
        for site in range(offsets[crystal], offsets[crystal + 1]):
            for other in range(offsets[crystal], offsets[crystal + 1]):
                for a in range(times[0]):
                    for b in range(times[1]):
                        for c in range(times[2]):
                            step = (fractional[other] + np.array([a, b, c]) - fractional[site]) / times
                            second[at], distances[at] = other, _shortest(step, lattice)
                            at += 1
    return starts, second, distances
