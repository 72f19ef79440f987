"""Point defects by canonical edges: the N - 1 edges of a minimum spanning tree over the defects, in fixed order.

The fingerprint of A. Ustyuzhanin's slides on defects in two-dimensional crystals (2023). A tree does not fix the shape
of four or more defects, and ties between edges make it jump, so it serves as a baseline; ``defect-pairs`` keeps all
pairs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import minimum_spanning_tree

from matscout.data.defects.column_store import Defects
from matscout.data.defects.images import shortest_vectors
from matscout.data.materials import Materials
from matscout.represent.base import Embedding, Representation, defects_of

Floats = NDArray[np.float64]

MOST = 12
"""Edges that are kept; arrangements of more defects lose the longest."""
PARTS = ("was", "now", "other was", "other now", "distance (Å)", "height (Å)")


class DefectEdges(Representation):
    """For each edge, the shortest first: atomic numbers of its ends before and after, its length, its height."""

    needs = "defects"

    @property
    def columns(self) -> tuple[str, ...]:
        """Six for each of 12 edges, and the number of defects."""
        edges = (f"edge {place} {part}" for place in range(1, MOST + 1) for part in PARTS)
        return ("number of defects", *edges)

    def represent(self, materials: Materials) -> Embedding:
        """Edges that are not there are zeros; a single defect is an edge of length 0 to itself."""
        defects = defects_of(materials, self.name)
        table = np.zeros((len(defects), len(self.columns)))
        table[:, 0] = defects.sizes
        placed = defects.placed
        for row in range(len(defects)):
            edges = _edges(defects, row) if placed[row] else _ends(defects, row)
            table[row, 1 : 1 + edges.size] = edges.ravel()
        return Embedding(table, np.arange(len(defects)), self.columns)


def _ends(defects: Defects, row: int) -> Floats:
    """Without positions: each defect by itself, [e, 6]."""
    entries = slice(int(defects.offsets[row]), int(defects.offsets[row + 1]))
    ends = np.column_stack([defects.was[entries], defects.now[entries]]).astype(np.float64)
    ends = ends[np.lexsort(ends.T[::-1])][:MOST]
    return np.concatenate([ends, np.zeros((len(ends), 4))], axis=1)


def _edges(defects: Defects, row: int) -> Floats:
    entries = slice(int(defects.offsets[row]), int(defects.offsets[row + 1]))
    size = entries.stop - entries.start
    if size < 2:
        return _ends(defects, row)
    host, places = defects.hosts[defects.host[row]], defects.positions[entries]
    steps = (places[None] - places[:, None]).reshape(-1, 3)
    vectors = shortest_vectors(steps, defects.cell_of(row), host.periodic)
    lengths = np.linalg.norm(vectors, axis=1).reshape(size, size)
    heights = np.zeros((size, size)) if host.normal is None else np.abs(vectors @ host.normal).reshape(size, size)
    was, now = defects.was[entries].astype(np.float64), defects.now[entries].astype(np.float64)
    order = np.lexsort((np.round(lengths.sum(axis=1), 3), now, was))
    rank = np.argsort(order)
    # Of equally long edges those of the first defects are taken.
    tied = np.round(lengths, 3) + 1e-7 * (rank[:, None] + rank[None]) + 1e-9 * np.minimum(rank[:, None], rank[None])
    tree = minimum_spanning_tree(csr_array(np.triu(tied, 1))).tocoo()
    edges = []
    for one, two in zip(tree.row.tolist(), tree.col.tolist(), strict=True):
        first, second = (one, two) if rank[one] < rank[two] else (two, one)
        ends = (was[first], now[first], was[second], now[second])
        edges.append((*ends, lengths[one, two], heights[one, two]))
    return np.array(sorted(edges, key=lambda edge: (round(edge[4], 3), edge)))[:MOST]
