"""Which sites are bonded, as CrystalNN sees it from both ends, and what the bonds around a site look like."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.bond_graph import BondGraph
from matscout.crystal.crystal_nn import CrystalNeighbours, crystal_neighbours
from matscout.crystal.crystals import Crystals
from matscout.represent.descriptors.crystal_nn_fingerprint import SITE_COLUMNS, site_fingerprints

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LEAST_LIKENESS = 0.4
"""Of the motif that a site is most like; below it only its coordination is told. As in robocrystallographer."""


@dataclass(frozen=True, eq=False)
class SiteBonds:
    """Bonds of the s sites of n ordered crystals.

    Parameters
    ----------
    graph
        Mutual: two sites are bonded if at least one of them sees the other.
    distances
        float64 [b], Å, of its bonds.
    geometries
        text [s]: the motif, ``"octahedral"``, or ``"7-coordinate"``; "" where a site has no closed Voronoi cell.
    likeness
        float64 [s], 0 to 1, how much a site is like its motif; 1 without one.
    """

    graph: BondGraph
    distances: Floats
    geometries: NDArray[np.str_]
    likeness: Floats


def site_bonds(crystals: Crystals) -> SiteBonds:
    """Bonds to as many neighbours as are most likely for each site, seen from both ends.

    As robocrystallographer does it (A. M. Ganose and A. Jain, doi:10.1557/mrc.2019.94): CrystalNN, the motif with the
    largest order parameter times likelihood.
    """
    neighbours = crystal_neighbours(crystals)
    graph = _graph(crystals, neighbours).mutual()
    first, second = graph.first, graph.second
    apart = crystals.fractional[second] + graph.shifts - crystals.fractional[first]
    vectors = np.einsum("bi,bij->bj", apart, crystals.lattices[crystals.owners[first]])
    geometries, likeness = _geometries(neighbours)
    return SiteBonds(graph, np.linalg.norm(vectors, axis=1), geometries, likeness)


def _graph(crystals: Crystals, neighbours: CrystalNeighbours) -> BondGraph:
    """To the first k neighbours of each site, where k is its likeliest coordination number."""
    likelihoods = np.nan_to_num(neighbours.likelihoods)
    place = np.arange(len(neighbours.second)) - np.repeat(neighbours.offsets[:-1], np.diff(neighbours.offsets))
    kept = place < likelihoods.argmax(axis=1)[neighbours.first]
    first, second = neighbours.first[kept], neighbours.second[kept]
    inverse = np.linalg.inv(crystals.lattices)[crystals.owners[first]]
    apart = np.einsum("bi,bij->bj", neighbours.vectors[kept], inverse)
    shifts = np.rint(apart - crystals.fractional[second] + crystals.fractional[first]).astype(np.int64)
    sites = len(neighbours.offsets) - 1
    offsets = np.concatenate([[0], np.cumsum(np.bincount(first, minlength=sites))]).astype(np.int64)
    return BondGraph(crystals, offsets, second, shifts)


def _geometries(neighbours: CrystalNeighbours) -> tuple[NDArray[np.str_], Floats]:
    fingerprints = site_fingerprints(neighbours)
    words = [column.removeprefix("coordination ").partition(" ")[::2] for column in SITE_COLUMNS]
    motif = np.array([bool(name) for _, name in words])
    known = ~np.isnan(fingerprints).any(axis=1)
    values = np.nan_to_num(fingerprints)
    best = np.where(motif, values, -1.0).argmax(axis=1)
    likeness = values[np.arange(len(values)), best]
    number = np.where(motif, -1.0, values).argmax(axis=1)
    described = np.where(
        likeness >= LEAST_LIKENESS,
        np.array([name for _, name in words])[best],
        np.array([f"{count}-coordinate" for count, _ in words])[number],
    )
    return np.where(known, described, ""), np.where(likeness >= LEAST_LIKENESS, likeness, 1.0)
