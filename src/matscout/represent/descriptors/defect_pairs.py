"""Point defects by their counts and pairs: histograms of distances, nearest and summed inverse distances by kind."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.data.defects.column_store import Defects, type_name
from matscout.data.materials import Materials
from matscout.represent.base import Embedding, Representation, defects_of
from matscout.represent.descriptors.defect_counts import DefectCounts

Floats = NDArray[np.float64]

CENTRES = np.linspace(2.0, 14.0, 14)
"""Å, of the Gaussians of the histogram,"""
WIDTH = 0.7
"""and their standard deviation."""


class DefectPairColumns:
    """The columns of pairs of n arrangements: names, and float64 [n, columns]."""

    def __init__(self, defects: Defects) -> None:
        pairs = defects.pairs()
        codes = np.sort(np.stack([defects.codes[pairs.first], defects.codes[pairs.second]]), axis=0)
        kinds, which = np.unique(codes, axis=1, return_inverse=True)
        self.names: tuple[str, ...] = ()
        blocks = [np.zeros((len(defects), 0))]
        bells = np.exp(-0.5 * ((pairs.distances[:, None] - CENTRES) / WIDTH) ** 2)
        inverse = 1.0 / np.maximum(pairs.distances, 1e-6)
        for kind, (one, two) in enumerate(kinds.T.tolist()):
            own = which.ravel() == kind
            blocks.append(_summed(pairs.rows[own], bells[own], inverse[own], len(defects)))
            label = f"{type_name(one // 256, one % 256)}-{type_name(two // 256, two % 256)}"
            histogram = (f"pairs {label} near {centre:.1f} Å" for centre in CENTRES)
            self.names += (*histogram, f"nearest 1/d {label} (1/Å)", f"sum 1/d {label} (1/Å)")
        self.table = np.concatenate(blocks, axis=1)


def _summed(rows: NDArray[np.int64], bells: Floats, inverse: Floats, n: int) -> Floats:
    """Histogram, nearest and summed inverse distance of each arrangement, [n, 16]."""
    table = np.zeros((n, len(CENTRES) + 2))
    np.add.at(table[:, : len(CENTRES)], rows, bells)
    np.maximum.at(table[:, -2], rows, inverse)
    np.add.at(table[:, -1], rows, inverse)
    return table


class DefectPairsRepresentation(Representation):
    """Columns for the kinds of defects and of pairs that occur in the batch; a model keeps those of its training.

    Distances are the shortest over periodic images. Arrangements of which only counts are known have zeros for pairs.
    """

    needs = "defects"
    open_ended = True

    @property
    def columns(self) -> tuple[str, ...]:
        """None: they depend on the defects."""
        return ()

    def represent(self, materials: Materials) -> Embedding:
        """Counts, then for each kind of pair 14 Gaussians of distances, the nearest 1/d and the sum of 1/d."""
        counts, pairs = DefectCounts().represent(materials), DefectPairColumns(defects_of(materials, self.name))
        vectors = np.concatenate([counts.vectors, pairs.table], axis=1)
        return Embedding(vectors, counts.rows, (*counts.columns, *pairs.names))
