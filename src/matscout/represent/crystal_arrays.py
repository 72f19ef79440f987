"""Crystals as arrays for networks, without padding: one row per distinct site, one pair per kind of neighbour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Singles = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class NeighbourArrays:
    """k neighbours of r rows, those of one row together.

    Parameters
    ----------
    offsets
        int64 [r + 1]: row i owns the neighbours ``offsets[i]:offsets[i + 1]``.
    kinds
        int64 [k], what the neighbour is: a species of the batch, or a site of the batch.
    distances
        float32 [k], Å.
    shares
        float32 [k]; they sum to 1 for each row.
    """

    offsets: Integers
    kinds: Integers
    distances: Singles
    shares: Singles

    @cached_property
    def rows(self) -> Integers:
        """The row of each neighbour, [k]."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    def sums(self, values: NDArray[Any]) -> NDArray[Any]:
        """Sum over the neighbours of each row: [k, ...] -> [r, ...]."""
        return range_sums(values, self.offsets)


@dataclass(frozen=True, eq=False)
class CrystalArrays:
    """n crystals; a row is a distinct site of one of them, with how often it occurs.

    Parameters
    ----------
    elements
        int64 [q], atomic number - 1 of each species of each crystal.
    states
        float32 [q], oxidation states, elementary charges.
    row_offsets
        int64 [n + 1]: crystal i owns the rows ``row_offsets[i]:row_offsets[i + 1]``.
    row_species
        int64 [r], the species on a row.
    row_shares
        float32 [r]; they sum to 1 for each crystal.
    pairs
        What a row sees: species at distances.
    places
        The same as sites at distances, for what puts other species on the sites.
    site_offsets, site_species
        int64 [n + 1] and [s], the species on each site.
    row_sites
        int64 [r], the first of the sites that a row stands for.
    site_rows
        int64 [s], the row that stands for a site.
    """

    elements: Integers
    states: Singles
    row_offsets: Integers
    row_species: Integers
    row_shares: Singles
    pairs: NeighbourArrays
    places: NeighbourArrays
    site_offsets: Integers
    site_species: Integers
    row_sites: Integers
    site_rows: Integers

    def __len__(self) -> int:
        return len(self.row_offsets) - 1

    def means(self, values: NDArray[Any]) -> NDArray[Any]:
        """Mean over the sites of each crystal: [r, width] -> [n, width]."""
        return range_sums(values * self.row_shares[:, None], self.row_offsets)


def range_sums(values: NDArray[Any], offsets: Integers) -> NDArray[Any]:
    """Sums over ranges ``offsets[i]:offsets[i + 1]`` of all values, [k, ...] -> [n, ...]; 0 for an empty range."""
    sums = np.zeros((len(offsets) - 1, *values.shape[1:]), dtype=values.dtype)
    filled = np.diff(offsets) > 0
    if filled.any():
        sums[filled] = np.add.reduceat(values, offsets[:-1][filled], axis=0)
    return sums
