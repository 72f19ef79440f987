"""Compositions as arrays for networks, without padding: one token per element, those of equal length side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.compositions import Compositions


@dataclass(frozen=True, eq=False)
class CompositionArrays:
    """n compositions, those with fewer elements first; a token is one element of one composition.

    Parameters
    ----------
    elements
        int64 [tokens], atomic number - 1.
    fractions
        float32 [tokens], atomic fractions; they sum to 1 within a composition.
    blocks
        ``(n_k, k)`` for each number of elements k that occurs, ascending: so many compositions of k elements.
    """

    elements: NDArray[np.int64]
    fractions: NDArray[np.float32]
    blocks: tuple[tuple[int, int], ...]

    @classmethod
    def from_compositions(cls, compositions: Compositions) -> Self:
        """From compositions that are already sorted by their number of elements (:func:`by_length`).

        Raises
        ------
        ValueError
            If they are not sorted.
        """
        elements = compositions.elements.astype(np.int64) - 1
        return cls(elements, compositions.fractions.astype(np.float32), blocks_of(compositions.lengths))

    def __len__(self) -> int:
        return sum(count for count, _ in self.blocks)


def blocks_of(lengths: NDArray[np.int64]) -> tuple[tuple[int, int], ...]:
    """``(n_k, k)`` of ascending lengths; raises ``ValueError`` if they do not ascend."""
    if (np.diff(lengths) < 0).any():
        raise ValueError("compositions in a batch must be sorted by their number of elements")
    starts = np.flatnonzero(np.diff(lengths, prepend=-1))
    return tuple((stop - start, int(lengths[start])) for start, stop in pairwise([*starts.tolist(), len(lengths)]))


def by_length(compositions: Compositions) -> NDArray[np.int64]:
    """The rows sorted by number of elements, otherwise in their order, [n]."""
    return np.argsort(compositions.lengths, kind="stable")


def length_buckets(compositions: Compositions, tokens: int) -> Iterator[NDArray[np.int64]]:
    """Rows in order of length, cut so that each part has compositions of one length and about ``tokens`` tokens."""
    order = by_length(compositions)
    lengths = compositions.lengths[order]
    for block in np.split(order, np.flatnonzero(np.diff(lengths)) + 1):
        if len(block):
            count = max(1, tokens // int(compositions.lengths[block[0]]))
            yield from np.split(block, range(count, len(block), count))
