"""Unit cells: volumes, how far their faces lie apart, and which cells are none."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SMALLEST_VOLUME = 1e-3
"""Å³, of a cell."""

THINNEST_CELL = 0.1
"""Å between opposite faces of a cell; a search for neighbours takes a time that grows with its inverse."""

NO_VOLUME = ("its unit cell has no volume", "give three independent lattice vectors in Å")
"""What is wrong with a flat cell, and what to do."""


def volumes_of(lattices: Floats) -> Floats:
    """Å³, [...], of cells whose vectors (Å) are the rows of matrices [..., 3, 3]."""
    return np.asarray(np.abs(np.linalg.det(lattices)), dtype=np.float64)


def heights_of(lattices: Floats) -> Floats:
    """How far opposite faces of cells [..., 3, 3] lie apart, Å, [..., 3]."""
    return np.asarray(volumes_of(lattices)[..., None] / np.maximum(_faces(lattices), 1e-12), dtype=np.float64)


def have_volume(lattices: Floats) -> NDArray[np.bool_]:
    """Whether cells [..., 3, 3] are large (:data:`SMALLEST_VOLUME`) and thick enough (:data:`THINNEST_CELL`)."""
    volumes = volumes_of(lattices)
    return np.asarray((volumes >= SMALLEST_VOLUME) & (volumes >= THINNEST_CELL * _faces(lattices).max(axis=-1)))


def _faces(lattices: Floats) -> Floats:
    """Å², [..., 3]."""
    first, second = lattices[..., [1, 2, 0], :], lattices[..., [2, 0, 1], :]
    return np.asarray(np.linalg.norm(np.cross(first, second), axis=-1), dtype=np.float64)
