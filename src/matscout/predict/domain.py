"""Domain: how similar materials are to the labelled ones, and which of those are nearest.

Two elements are alike as far as they are near on Mendeleev's scale (Villars and others 2004,
doi:10.1016/j.jallcom.2003.08.060; an ordering in which neighbours replace each other in compounds):
``s(a, b) = exp(-|M_a - M_b| / 4)``. Two compositions with atomic fractions f and g then have the overlap
``k(f, g) = sum_ab f_a g_b s(a, b)`` and the similarity ``k(f, g) / sqrt(k(f, f) k(g, g))``: 1 for the same fractions
(formulas scaled), near 0 where no element of one is related to any of the other. ``s`` is positive definite, so this
is the cosine of the angle between the compositions in a space that it spans.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from matscout.data.compositions import Compositions
from matscout.data.elements import N_ELEMENTS
from matscout.data.materials import Materials
from matscout.predict.base import State
from matscout.represent.tables import own_table

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

SCALE = 4.0
"""Steps on Mendeleev's scale over which the likeness of two elements falls by a factor e."""
USUAL = 0.95
"""Share of the training materials that count as near enough to the others."""
ENOUGH = 0.85
"""A material this similar to a labelled one is in the domain however close the labelled ones are to each other (doped
series are near-copies): GaAs and GaP, or NaCl and KCl, are about 0.9 similar."""
MARGIN = 0.1
"""A number of the context may lie outside the training range by this share of it."""
ROWS_AT_ONCE = 2048
TOLERANCE = 1e-6
"""Similarities are computed in single precision: 100,000 materials against 5,000 in about two seconds."""


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The k most similar labelled materials of m materials, most similar first.

    Parameters
    ----------
    rows
        int64 [m, k], positions among the labelled materials.
    similarities
        float64 [m, k], in 0..1.
    """

    rows: NDArray[np.int64]
    similarities: Floats


@dataclass(frozen=True, eq=False)
class Domain:
    """The labelled materials as a yardstick for new ones.

    Parameters
    ----------
    compositions
        The n labelled compositions.
    threshold
        A material is in the domain if its nearest labelled material is at least this similar: 95 % of the labelled
        ones are to their nearest one in another unit, and at most 0.85.
    context
        Context column -> (lowest, highest) training value, or the categories seen.
    """

    compositions: Compositions
    threshold: float
    context: Mapping[str, tuple[float, float] | tuple[str, ...]]

    @classmethod
    def fit(cls, materials: Materials, units: NDArray[np.int64]) -> Domain:
        """Learn from labelled materials; rows of one unit [n] (composition or group) do not vouch for each other."""
        context: dict[str, tuple[float, float] | tuple[str, ...]] = {}
        for name, column in materials.context.items():
            if column.dtype.kind == "f":
                context[name] = (float(np.nanmin(column)), float(np.nanmax(column)))
            else:
                context[name] = tuple(np.unique(column).tolist())
        unfinished = cls(materials.compositions, 0.0, context)
        nearest = [
            np.where(units[rows, None] == units, -1.0, similarities).max(axis=1)
            for rows, similarities in unfinished._blocks(materials.compositions)
        ]
        threshold = float(np.quantile(np.concatenate(nearest), 1.0 - USUAL))
        return cls(materials.compositions, min(threshold, ENOUGH), context)

    def nearest(self, materials: Materials, k: int = 1) -> Neighbours:
        """The k most similar labelled materials of each material (all of them if there are fewer)."""
        k = min(k, len(self.compositions))
        rows, similarities = [], []
        for _, block in self._blocks(materials.compositions):
            some = np.argpartition(block, -k, axis=1)[:, -k:]
            found = np.take_along_axis(block, some, axis=1)
            # Equal ones in the order of the labelled materials.
            order = np.lexsort((some, -found), axis=1)
            rows.append(np.take_along_axis(some, order, axis=1))
            similarities.append(np.take_along_axis(found, order, axis=1))
        return Neighbours(
            np.concatenate(rows).astype(np.int64), np.clip(np.concatenate(similarities), 0.0, 1.0, dtype=np.float64)
        )

    def contains(self, materials: Materials) -> NDArray[np.bool_]:
        """True where the nearest labelled material is near enough and the context is within its training range, [m]."""
        nearest = [block.max(axis=1) for _, block in self._blocks(materials.compositions)]
        inside = np.concatenate(nearest) >= self.threshold - TOLERANCE
        for name, known in self.context.items():
            inside &= _within(materials.context[name], known)
        return np.asarray(inside, dtype=np.bool_)

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        compositions = self.compositions
        arrays = {name: getattr(compositions, name) for name in ("offsets", "elements", "amounts")}
        context = {name: list(known) for name, known in self.context.items()}
        return State({"threshold": self.threshold, "context": context}, arrays)

    @classmethod
    def from_state(cls, state: State) -> Domain:
        """The domain again."""
        context = {name: tuple(known) for name, known in state.spec["context"].items()}
        compositions = Compositions(*(state.arrays[name] for name in ("offsets", "elements", "amounts")))
        return cls(compositions, state.spec["threshold"], context)

    def _blocks(self, compositions: Compositions) -> Iterator[tuple[slice, Singles]]:
        """Pairs of rows (a slice) and their similarities to all labelled materials, float32 [block, n]."""
        likeness = element_likeness()
        towards = np.ascontiguousarray((_scaled(self.compositions, likeness) @ likeness).T, dtype=np.float32)
        for start in range(0, max(len(compositions), 1), ROWS_AT_ONCE):
            rows = slice(start, start + ROWS_AT_ONCE)
            yield rows, _scaled(compositions[rows], likeness).astype(np.float32) @ towards


@cache
def element_likeness() -> Floats:
    """How alike two elements are, [118, 118]; elements without a Mendeleev number are like no other."""
    numbers = own_table("magpie").column("MendeleevNumber")
    likeness = np.exp(-np.abs(numbers[:, None] - numbers) / SCALE)
    return np.where(np.isnan(likeness), np.eye(N_ELEMENTS), likeness)


def _scaled(compositions: Compositions, likeness: Floats) -> csr_array:
    """Atomic fractions [n, 118] scaled so that each row has overlap 1 with itself."""
    columns = compositions.elements.astype(np.int64) - 1
    shape = (len(compositions), N_ELEMENTS)
    fractions = csr_array((compositions.fractions, columns, compositions.offsets), shape=shape)
    overlap = fractions.multiply(fractions @ likeness).sum(axis=1)
    return csr_array(
        (compositions.fractions / np.sqrt(overlap)[compositions.rows], columns, compositions.offsets), shape=shape
    )


def _within(column: NDArray[Any], known: tuple[float, float] | tuple[str, ...]) -> NDArray[np.bool_]:
    if isinstance(known[0], str):
        return np.asarray(np.isin(column.astype(np.str_), np.array(known)), dtype=np.bool_)
    low, high = float(known[0]), float(known[1])
    margin = MARGIN * (high - low)
    return np.asarray((column >= low - margin) & (column <= high + margin), dtype=np.bool_)
