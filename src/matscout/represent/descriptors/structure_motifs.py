"""Motifs of the bond graph of a crystal: coordination, polyhedra that share corners, edges or faces, rings, layers."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.bond_graph import METALS, RING_SIZES, BondGraph
from matscout.crystal.crystals import Crystals
from matscout.crystal.tables import own_table
from matscout.represent.structure_representation import StructureRepresentation

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CLASSES = ("s metal", "d metal", "f metal", "p metal", "metalloid", "nonmetal", "chalcogen or halogen")
COORDINATION = ("1 or less", *map(str, range(2, 9)), "9 to 11", "12", "13 or more")
LEAST_COORDINATION = np.array([2, 3, 4, 5, 6, 7, 8, 9, 12, 13])
"""Where the second and each later one of ``COORDINATION`` begins."""

LEAST_VERTICES = 3
"""A centre with fewer has no polyhedron; the planar groups of carbonates and borates are some."""

SHARED = ("corners", "edges", "faces")
CENTRES = ("the same element", "other elements")
DIMENSIONS = ("molecules", "chains", "layers", "frameworks")


class StructureMotifs(StructureRepresentation):
    """Counts of motifs per atom, from what each atom is bonded to (:class:`~matscout.crystal.bond_graph.BondGraph`).

    A polyhedron is made of those atoms bonded to its centre that are more electronegative. Two polyhedra share a
    corner, an edge or a face if they have one, two, or more atoms in common; numbers of such neighbours are means over
    the polyhedra around a class of elements, 0 without any. Elements without electronegativity (the light noble gases)
    centre nothing; beyond curium there is no covalent radius, so no vector.
    """

    takes_slabs: ClassVar[bool] = True
    takes_disorder: ClassVar[bool] = False
    intensive: ClassVar[bool] = True
    columns = (
        *(f"share of atoms: {kind} with coordination {number}" for kind in CLASSES for number in COORDINATION),
        *(f"share of atoms: {kind} in a polyhedron" for kind in CLASSES),
        *(f"{shared} shared with {centres} per polyhedron of {kind}"
          for kind in CLASSES for centres in CENTRES for shared in SHARED),
        *(f"rings of {size} through an atom" for size in RING_SIZES),
        *(f"share of atoms in {what}" for what in DIMENSIONS),
    )  # fmt: skip

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 136]."""
        graph = BondGraph.of(crystals)
        mutual = graph.mutual()
        kinds = element_classes()[crystals.atomic_numbers - 1]
        coordination = np.searchsorted(LEAST_COORDINATION, graph.coordination, side="right")
        atoms = np.diff(crystals.offsets)[:, None]
        vectors = np.hstack(
            [
                _counts(crystals, kinds * len(COORDINATION) + coordination, len(CLASSES) * len(COORDINATION)) / atoms,
                _polyhedra(graph, kinds),
                np.add.reduceat(mutual.rings(), crystals.offsets[:-1]) / atoms,
                _counts(crystals, mutual.dimensions(), len(DIMENSIONS)) / atoms,
            ]
        )
        sized = ~self.unknown_elements()[crystals.atomic_numbers - 1]
        vectors[~np.logical_and.reduceat(sized, crystals.offsets[:-1])] = np.nan
        return vectors

    def unknown_elements(self) -> NDArray[np.bool_]:
        """Those without a covalent radius, [118]."""
        return np.asarray(np.isnan(own_table("magpie").column("CovalentRadius")))


def element_classes() -> Integers:
    """Place of each element in ``CLASSES``, [118]."""
    places = np.full(118, CLASSES.index("nonmetal"))
    blocks = {
        "s metal": (3, 4, 11, 12, 19, 20, 37, 38, 55, 56, 87, 88),
        "d metal": (*range(21, 31), *range(39, 49), *range(72, 81), *range(104, 113)),
        "f metal": (*range(57, 72), *range(89, 104)),
        "metalloid": (5, 14, 32, 33, 51, 52, 85),
        "chalcogen or halogen": (8, 9, 16, 17, 34, 35, 53, 117),
    }
    for kind, numbers in blocks.items():
        places[np.array(numbers) - 1] = CLASSES.index(kind)
    rest = METALS.difference(*blocks.values())
    places[np.array(sorted(rest)) - 1] = CLASSES.index("p metal")
    return places


def _counts(crystals: Crystals, places: Integers, width: int) -> Floats:
    """How many sites of each crystal are in each place, [s] -> [n, width]."""
    counts = np.bincount(crystals.owners * width + places, minlength=len(crystals) * width)
    return counts.reshape(len(crystals), width).astype(np.float64)


class Sharing(NamedTuple):
    """p ordered pairs of polyhedra that have vertices in common: both centres, and how many vertices, [p] each."""

    first: Integers
    second: Integers
    vertices: Integers


def shared_vertices(graph: BondGraph) -> tuple[Integers, Sharing]:
    """The number of vertices of the polyhedron around each site [s], 0 for none, and what polyhedra share."""
    electronegativity = own_table("magpie").column("Electronegativity")[graph.crystals.atomic_numbers - 1]
    sites = len(graph.coordination)
    vertices = electronegativity[graph.second] > electronegativity[graph.first]
    counts = np.bincount(graph.first[vertices], minlength=sites)
    counts[counts < LEAST_VERTICES] = 0
    bonds = np.flatnonzero(vertices & (counts > 0)[graph.first])
    bonds = bonds[np.argsort(graph.second[bonds], kind="stable")]
    at_vertex = np.bincount(graph.second[bonds], minlength=sites)
    one, other = _all_pairs(at_vertex)
    one, other = bonds[one], bonds[other]
    centres = np.column_stack([graph.first[one], graph.first[other], graph.shifts[one] - graph.shifts[other]])
    apart = (centres[:, 0] != centres[:, 1]) | centres[:, 2:].any(axis=1)
    pairs, common = np.unique(centres[apart], axis=0, return_counts=True)
    return counts, Sharing(pairs[:, 0], pairs[:, 1], common)


def _all_pairs(counts: Integers) -> tuple[Integers, Integers]:
    """All ordered pairs within groups of so many members; members are counted through all groups."""
    ends = np.cumsum(counts)
    sizes = np.repeat(counts, counts)
    one = np.repeat(np.arange(len(sizes)), sizes)
    within = np.arange(len(one)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return one, np.repeat(np.repeat(ends - counts, counts), sizes) + within


def _polyhedra(graph: BondGraph, kinds: Integers) -> Floats:
    """Share of atoms in a polyhedron, and its neighbours by what is shared, each by class of the centre, [n, 49]."""
    crystals, width = graph.crystals, len(CENTRES) * len(SHARED)
    vertices, sharing = shared_vertices(graph)
    numbers = crystals.atomic_numbers
    unlike = numbers[sharing.first] != numbers[sharing.second]
    shared = np.minimum(sharing.vertices, len(SHARED)) - 1
    cells = crystals.owners * len(CLASSES) + kinds
    centres = np.bincount(cells, vertices > 0, minlength=len(crystals) * len(CLASSES))
    places = (cells[sharing.first] * len(CENTRES) + unlike) * len(SHARED) + shared
    neighbours = np.bincount(places, minlength=len(centres) * width).reshape(-1, width)
    per_polyhedron = neighbours / np.maximum(centres, 1.0)[:, None]
    shares = centres.reshape(len(crystals), -1) / np.diff(crystals.offsets)[:, None]
    return np.hstack([shares, per_polyhedron.reshape(len(crystals), -1)])
