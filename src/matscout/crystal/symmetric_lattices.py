"""Lattices by their parameters, and what a crystal system leaves free of them."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.space_groups import FAMILIES, LAST_NUMBERS, SYSTEMS

Floats = NDArray[np.float64]

FREE_PARAMETERS = {
    "a": (True, True, True, True, True, True),
    "m": (True, True, True, False, True, False),
    "o": (True, True, True, False, False, False),
    "t": (True, False, True, False, False, False),
    "h": (True, False, True, False, False, False),
    "c": (True, False, False, False, False, False),
}
"""Letter of a crystal family -> which of a, b, c, alpha, beta and gamma are free in the standard setting."""


def system_of(number: int) -> str:
    """The crystal system of a space group, one of :data:`~matscout.crystal.space_groups.SYSTEMS`."""
    return SYSTEMS[int(np.searchsorted(LAST_NUMBERS, number))]


def family_of(number: int) -> str:
    """The letter of the crystal family of a space group: a, m, o, t, h or c."""
    return FAMILIES[system_of(number)]


@cache
def _families() -> NDArray[np.str_]:
    return np.array(["", *(family_of(number) for number in range(1, 231))])


def constrained(parameters: Floats, space_groups: NDArray[np.integer]) -> Floats:
    """Lattice parameters [n, 6] that keep the rules of their space groups [n]; only free ones are read."""
    kept, families = parameters.copy(), _families()[space_groups]
    equal_axes = np.isin(families, ("t", "h", "c"))
    kept[equal_axes, 1] = kept[equal_axes, 0]
    kept[families == "c", 2] = kept[families == "c", 0]
    fixed_angles = ~np.array([FREE_PARAMETERS[letter][3:] for letter in families], dtype=np.bool_).reshape(-1, 3)
    kept[:, 3:][fixed_angles] = 90.0
    kept[families == "h", 5] = 120.0
    return kept


def vectors_of(parameters: Floats) -> Floats:
    """Cell vectors [n, 3, 3], Å, rows, of parameters [n, 6] (Å and degrees): a along x, b in the plane of x and y.

    NaN where no cell has such angles.
    """
    lengths, angles = parameters[:, :3], np.radians(parameters[:, 3:])
    cosines, sine = np.cos(angles), np.sin(angles[:, 2])
    cosines[parameters[:, 3:] == 90.0] = 0.0
    vectors = np.zeros((len(parameters), 3, 3))
    vectors[:, 0, 0] = 1.0
    vectors[:, 1, 0], vectors[:, 1, 1] = cosines[:, 2], sine
    vectors[:, 2, 0] = cosines[:, 1]
    vectors[:, 2, 1] = (cosines[:, 0] - cosines[:, 1] * cosines[:, 2]) / sine
    squares = 1.0 - vectors[:, 2, 0] ** 2 - vectors[:, 2, 1] ** 2
    vectors[:, 2, 2] = np.sqrt(np.where(squares > 0.0, squares, np.nan))
    return np.asarray(vectors * lengths[:, :, None])


def parameters_of(lattices: Floats) -> Floats:
    """The parameters [n, 6] (Å and degrees) of cells [n, 3, 3] whose vectors (Å) are the rows."""
    lengths = np.linalg.norm(lattices, axis=2)
    units = lattices / lengths[:, :, None]
    cosines = np.einsum("nij,nij->ni", units[:, [1, 0, 0]], units[:, [2, 2, 1]])
    return np.concatenate([lengths, np.degrees(np.arccos(np.clip(cosines, -1.0, 1.0)))], axis=1)
