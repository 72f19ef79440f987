"""Which supercell of a host a cell is: whole numbers M with A_super = M A_host, also of strained and rotated cells."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from matscout.data.unit_cells import heights_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LARGEST_STRAIN = 0.03
"""Share by which a direction of a supercell may be longer or shorter than in the host."""
MOST_TRIED = 24
"""Ways to lay a rotated cell on the host that are tried."""
_SAME = 1e-3


def strain_of(multiples: Integers, host: Floats, cell: Floats) -> float:
    """The largest relative change of a length between M A_host and a cell, whatever rotates one into the other."""
    if abs(np.linalg.det(multiples)) < 0.5:
        return np.inf
    deformation = np.linalg.inv(multiples @ host) @ cell
    return float(np.abs(np.linalg.svd(deformation, compute_uv=False) - 1.0).max())


def nearest_supercell(host: Floats, cell: Floats) -> tuple[Integers, float]:
    """Whole numbers [3, 3] by rounding, and the strain that is left."""
    multiples = np.round(cell @ np.linalg.inv(host)).astype(np.int64)
    return multiples, strain_of(multiples, host, cell)


def rotated_supercells(host: Floats, cell: Floats, across: int | None) -> list[Integers]:
    """Whole numbers [3, 3] of all ways to lay a cell on the host by its lengths and angles, the least strained first.

    ``across`` is the axis across a layer, which stays what it is; None for what is no layer.
    """
    choices = [_vectors_as_long(host, vector, across) for vector in cell]
    if across is not None:
        choices[across] = [_unit(across), -_unit(across)]
    wanted, lengths = cell @ cell.T, np.linalg.norm(cell, axis=1)
    slack = 2.5 * LARGEST_STRAIN * np.outer(lengths, lengths)
    outcome = []
    for first, second in product(choices[0], choices[1]):
        if abs((first @ host) @ (second @ host) - wanted[0, 1]) > slack[0, 1]:
            continue
        for third in choices[2]:
            multiples = np.array([first, second, third])
            if np.linalg.det(multiples @ host) * np.linalg.det(cell) > 0:
                outcome.append((strain_of(multiples, host, cell), multiples))
    least = min((strain for strain, _ in outcome), default=np.inf)
    if least > LARGEST_STRAIN:
        return []
    best = [multiples for strain, multiples in sorted(outcome, key=lambda one: one[0]) if strain < least + _SAME]
    return best[:MOST_TRIED]


def _unit(axis: int) -> Integers:
    unit: Integers = np.eye(3, dtype=np.int64)[axis]
    return unit


def _vectors_as_long(host: Floats, vector: Floats, across: int | None) -> list[Integers]:
    """Vectors of the host's lattice of nearly the length of another one, as whole numbers."""
    length = float(np.linalg.norm(vector))
    reach = np.ceil((1.0 + LARGEST_STRAIN) * length / heights_of(host)).astype(int)
    if across is not None:
        reach[across] = 0
    ranges = [np.arange(-most, most + 1) for most in reach]
    points = np.stack(np.meshgrid(*ranges, indexing="ij"), axis=-1).reshape(-1, 3)
    apart = np.abs(np.linalg.norm(points @ host, axis=1) / length - 1.0)
    kept = points[apart < 1.5 * LARGEST_STRAIN]
    return list(kept.astype(np.int64))
