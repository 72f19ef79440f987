"""Vectors between sites of periodic cells, the shortest over all images."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.data.unit_cells import heights_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def shortest_vectors(steps: Floats, lattice: Floats, periodic: tuple[bool, bool, bool]) -> Floats:
    """The shortest vectors that differ from ``steps`` (Å, [p, 3]) by vectors of a lattice, [p, 3].

    Rounding fractional differences is not enough in oblique cells: as many images are searched as can be nearest.
    """
    inverse = np.linalg.inv(lattice)
    repeats = np.array(periodic, dtype=np.bool_)
    outcome: Floats = _shortest(
        np.ascontiguousarray(steps, dtype=np.float64),
        np.ascontiguousarray(lattice),
        inverse,
        repeats,
        heights_of(lattice),
    )
    return outcome


@njit(cache=True)  # type: ignore[untyped-decorator]
def _shortest(steps: Floats, lattice: Floats, inverse: Floats, repeats: NDArray[np.bool_], heights: Floats) -> Floats:
    outcome, bounds = np.empty_like(steps), np.zeros(3, dtype=np.int64)
    for at in range(len(steps)):
        x, y, z = steps[at, 0], steps[at, 1], steps[at, 2]
        for axis in range(3):
            if repeats[axis]:
                whole = np.round(
                    steps[at, 0] * inverse[0, axis] + steps[at, 1] * inverse[1, axis] + steps[at, 2] * inverse[2, axis]
                )
                x -= whole * lattice[axis, 0]
                y -= whole * lattice[axis, 1]
                z -= whole * lattice[axis, 2]
        outcome[at, 0], outcome[at, 1], outcome[at, 2] = x, y, z
        least = x * x + y * y + z * z
        # An image so many planes away is farther off than what is known already.
        for axis in range(3):
            bounds[axis] = int(np.floor(np.sqrt(least) / heights[axis] + 0.5)) if repeats[axis] else 0
        for i in range(-bounds[0], bounds[0] + 1):
            for j in range(-bounds[1], bounds[1] + 1):
                for k in range(-bounds[2], bounds[2] + 1):
                    a = x + i * lattice[0, 0] + j * lattice[1, 0] + k * lattice[2, 0]
                    b = y + i * lattice[0, 1] + j * lattice[1, 1] + k * lattice[2, 1]
                    c = z + i * lattice[0, 2] + j * lattice[1, 2] + k * lattice[2, 2]
                    square = a * a + b * b + c * c
                    if square < least - 1e-12:
                        least = square
                        outcome[at, 0], outcome[at, 1], outcome[at, 2] = a, b, c
    return outcome
