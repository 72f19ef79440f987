"""All pairs of sites that are closer than a cutoff, over the borders of the cell."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.data.neighbour_bounds import searchable_cutoff
from matscout.data.neighbour_search import load_neighbour_search

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Pairs:
    """p directed pairs of sites of many crystals, those of one site together, crystal by crystal.

    Parameters
    ----------
    offsets
        int64 [s + 1]: site i is the first one of the pairs ``offsets[i]:offsets[i + 1]``.
    second
        int64 [p], the other site, counted over all crystals.
    shifts
        int64 [p, 3]: in which cell it lies, in lattice vectors.
    vectors
        float64 [p, 3], from the first site to the second, Å.
    distances
        float64 [p], Å.
    """

    offsets: Integers
    second: Integers
    shifts: Integers
    vectors: Floats
    distances: Floats

    @property
    def first(self) -> Integers:
        """The first site of each pair, [p]."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))


def pairs_within(crystals: Crystals, cutoff: float) -> Pairs:
    """All pairs closer than ``cutoff`` (Å), over the borders of the cell along which a crystal is periodic.

    Parameters
    ----------
    crystals
        n crystals.
    cutoff
        Å.
    """
    positions = crystals.positions
    parts = [
        _pairs_of_one(positions[start:stop], lattice, pbc, cutoff)
        for lattice, pbc, start, stop in zip(
            crystals.lattices, crystals.pbc, crystals.offsets[:-1], crystals.offsets[1:], strict=True
        )
    ]
    counts = [
        np.bincount(first.astype(np.int64), minlength=stop - start)  # vesin counts without a sign
        for (first, *_), start, stop in zip(parts, crystals.offsets[:-1], crystals.offsets[1:], strict=True)
    ]
    shifted = [second + start for (_, second, *_), start in zip(parts, crystals.offsets[:-1], strict=True)]
    return Pairs(
        np.concatenate([[0], np.cumsum(np.concatenate([*counts, []]))]).astype(np.int64),
        np.concatenate([*shifted, []]).astype(np.int64),
        np.concatenate([*(part[2] for part in parts), np.zeros((0, 3))]).astype(np.int64),
        np.concatenate([*(part[3] for part in parts), np.zeros((0, 3))]),
        np.concatenate([*(part[4] for part in parts), []]),
    )


def _pairs_of_one(positions: Floats, lattice: Floats, pbc: NDArray[np.bool_], cutoff: float) -> tuple[Any, ...]:
    searched = searchable_cutoff(lattice, cutoff)
    pairs = tuple(_search(searched).compute(points=positions, box=lattice, periodic=pbc, quantities="ijSDd"))
    if searched == cutoff:
        return pairs
    near = pairs[4] <= cutoff
    return tuple(part[near] for part in pairs)


@lru_cache(maxsize=8)
def _search(cutoff: float) -> Any:
    return load_neighbour_search().NeighborList(cutoff=cutoff, full_list=True, sorted=True)
