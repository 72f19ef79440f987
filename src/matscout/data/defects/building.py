"""Supercells with their defects, atom by atom, from the sparse form."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.data.defects.column_store import NOWHERE, Defects
from matscout.data.defects.hosts import supercell_sites
from matscout.data.ragged import offsets_of
from matscout.data.structures import Structures
from matscout.errors import InputError

Floats = NDArray[np.float64]


def built(defects: Defects) -> Structures:
    """See :meth:`Defects.structures`."""
    unknown = np.flatnonzero(~defects.placed)
    if len(unknown):
        raise InputError(
            f"arrangement {unknown[0] + 1} has no positions, only counts: name the sites (v(S)@12) and the host"
        )
    made = [_atoms(defects, row) for row in range(len(defects))]
    numbers = np.concatenate([*(one for one, _ in made), np.zeros(0, dtype=np.int64)]).astype(np.uint8)
    return Structures(
        np.array([defects.cell_of(row) for row in range(len(defects))]).reshape(-1, 3, 3),
        offsets_of([len(one) for one, _ in made]),
        numbers,
        np.concatenate([*(places for _, places in made), np.zeros((0, 3))]),
        np.ones(len(numbers)),
    )


def _atoms(defects: Defects, row: int) -> tuple[NDArray[np.int64], Floats]:
    """Atomic numbers and fractional coordinates of one arrangement."""
    host = defects.hosts[defects.host[row]]
    positions, numbers = supercell_sites(host, defects.matrix_of(row))
    entries = slice(defects.offsets[row], defects.offsets[row + 1])
    sites, now = defects.sites[entries], defects.now[entries].astype(np.int64)
    added = sites == NOWHERE
    if (defects.was[entries][added] > 0).any() or len(np.unique(sites[~added])) < (~added).sum():
        raise InputError(
            f"arrangement {row + 1} names a position that is no site of {host.formula}, or a site twice: correct it"
        )
    changed = numbers.copy()
    changed[sites[~added]] = now[~added]
    kept = changed > 0
    places = np.concatenate([positions[kept], defects.positions[entries][added]])
    return np.concatenate([changed[kept], now[added]]), places @ np.linalg.inv(defects.cell_of(row))
