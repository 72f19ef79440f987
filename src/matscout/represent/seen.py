"""Marks of compositions: 64 bits each, by which a representation knows what it was trained on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.data.compositions import Compositions

CELL = 1e-4
"""Atomic fractions are told apart to this: compositions that agree within a cell are the same."""

_EDGE = 0.2113
"""Where in a cell the fraction 0 lies. The edges of the cells are then no simple fractions, so that 1/64 written in two
ways, which differ in the last bit, never fall on two sides of one."""


def marks(compositions: Compositions) -> NDArray[np.uint64]:
    """One mark for each composition, equal where the atomic fractions fall into the same cells, [n].

    The sum over the elements of a 64-bit mixture of atomic number and cell, so that order and number of formula units
    do not matter. Different compositions get the same mark by chance once in 2^64: among 10^6 formulas seen and
    10^5 asked for, with a probability of 5e-9.
    """
    cells = np.floor(compositions.fractions / CELL + _EDGE).astype(np.uint64)
    mixed = _mix((compositions.elements.astype(np.uint64) << np.uint64(32)) | cells)
    return np.add.reduceat(mixed, compositions.offsets[:-1]) if len(compositions) else np.zeros(0, dtype=np.uint64)


def proportions(compositions: Compositions) -> NDArray[np.uint64]:
    """One mark for each composition by its proportions alone: that of NaCl is that of GaAs, [n]."""
    rows = np.repeat(np.arange(len(compositions)), np.diff(compositions.offsets))
    order = np.lexsort((compositions.fractions, rows))
    places = np.arange(len(rows)) - compositions.offsets[:-1][rows] + 1
    cells = np.floor(compositions.fractions[order] / CELL + _EDGE).astype(np.uint64)
    mixed = _mix((places.astype(np.uint64) << np.uint64(32)) | cells)
    return np.add.reduceat(mixed, compositions.offsets[:-1]) if len(compositions) else np.zeros(0, dtype=np.uint64)


def _mix(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64 (doi:10.1145/2660193.2660195): every input bit flips half of the output bits."""
    mixed = numbers + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


def are_seen(wanted: NDArray[np.uint64], seen: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which of ``wanted`` occur in the ascending array ``seen``, [n]."""
    if not len(seen):
        return np.zeros(len(wanted), dtype=np.bool_)
    places = np.minimum(np.searchsorted(seen, wanted), len(seen) - 1)
    return np.asarray(seen[places] == wanted)
