"""How alike two arrangements of point defects are: by their hosts, kinds of defects, and distances of pairs."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from matscout.data.defects.column_store import Defects
from matscout.predict.pair_kernel import site_names

Floats = NDArray[np.float64]

COLUMNS = 2048
"""Into which kinds of defects, and kinds of pairs at distances, are folded; two of them seldom share one."""
STEP = 0.5
"""Å, of distances."""
BROAD = 1.0
"""Å, standard deviation by which distances are alike,"""
FADING = 6.0
"""and over which pairs count less by a factor e."""
SINGLE = 2.0
"""Weight of a defect beside that of a close pair."""


def folded_defects(defects: Defects) -> Floats:
    """Vectors whose cosines are the likeness, [n, 2048]; none is zero."""
    names, pairs = site_names(defects), defects.pairs()
    table = np.zeros((len(defects), COLUMNS))
    hosts = [f"host {defects.hosts[place].formula}" for place in defects.host.tolist()]
    np.add.at(table, (np.arange(len(defects)), _columns(hosts)), 0.5)
    np.add.at(table, (defects.rows, _columns(names.tolist())), SINGLE)
    kinds = [" ".join(sorted(both)) for both in zip(names[pairs.first], names[pairs.second], strict=True)]
    weights = np.exp(-pairs.distances / FADING)
    base = np.floor(pairs.distances / STEP).astype(np.int64)
    for shift in range(-4, 5):
        apart = (base + shift + 0.5) * STEP - pairs.distances
        columns = _columns([f"{kind} {bin_}" for kind, bin_ in zip(kinds, (base + shift).tolist(), strict=True)])
        np.add.at(table, (pairs.rows, columns), weights * np.exp(-0.5 * (apart / BROAD) ** 2))
    return table


def _columns(names: list[str]) -> NDArray[np.int64]:
    return np.array([_column(name) for name in names], dtype=np.int64)


@lru_cache(maxsize=100_000)
def _column(name: str) -> int:
    return int.from_bytes(sha256(name.encode()).digest()[:4], "big") % COLUMNS
