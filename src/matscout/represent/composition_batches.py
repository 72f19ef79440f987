"""Compositions as tensors, without padding: one token per element, compositions of equal length side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from matscout.data.compositions import Compositions
from matscout.represent.composition_arrays import CompositionArrays, blocks_of


@dataclass(frozen=True, eq=False)
class CompositionBatch:
    """n compositions, those with fewer elements first; a token is one element of one composition.

    Layers that treat every token alike (most of the work) run over all tokens at once; those that mix the elements
    of a composition run once for each number of elements k, over a rectangle [n_k, k] that is a view of the tokens.

    Parameters
    ----------
    elements
        int64 [tokens], atomic number - 1; 118 for one that is hidden.
    fractions
        float32 [tokens], atomic fractions; they sum to 1 within a composition.
    blocks
        ``(n_k, k)`` for each number of elements k that occurs, ascending: so many compositions of k elements.
    labels
        float32 [n, t], NaN where unknown; None if there are none.
    """

    elements: Tensor
    fractions: Tensor
    blocks: tuple[tuple[int, int], ...]
    labels: Tensor | None = None

    @classmethod
    def from_compositions(cls, compositions: Compositions, labels: Tensor | None = None) -> Self:
        """From compositions that are already sorted by their number of elements.

        Raises
        ------
        ValueError
            If they are not sorted.
        """
        arrays = CompositionArrays.from_compositions(compositions)
        return cls(torch.from_numpy(arrays.elements), torch.from_numpy(arrays.fractions), arrays.blocks, labels)

    def __len__(self) -> int:
        return sum(count for count, _ in self.blocks)

    def to(self, device: torch.device) -> Self:
        """The same batch on another device."""
        labels = None if self.labels is None else self.labels.to(device, non_blocking=True)
        return replace(self, elements=self.elements.to(device), fractions=self.fractions.to(device), labels=labels)

    def rectangles(self, tokens: Tensor) -> Iterator[Tensor]:
        """Views [n_k, k, ...] of a tensor [tokens, ...], one for each number of elements k."""
        parts = torch.split_with_sizes(tokens, [count * length for count, length in self.blocks])
        for part, (count, length) in zip(parts, self.blocks, strict=True):
            yield part.view(count, length, *part.shape[1:])

    def sums(self, tokens: Tensor) -> Tensor:
        """Sum over the elements of each composition: [tokens, ...] -> [n, ...]."""
        return joined([rectangle.sum(dim=1) for rectangle in self.rectangles(tokens)], tokens)


def joined(parts: Sequence[Tensor], like: Tensor) -> Tensor:
    """What each block gives, one below the other; of an empty batch no row, as long as those of ``like``."""
    return torch.cat(list(parts)) if len(parts) else like[:0]


class CompositionStore:
    """N compositions as padded arrays, of which any rows become a batch with a few array operations.

    Parameters
    ----------
    compositions
        N compositions.
    labels
        float32 [N, t], NaN where unknown, or None.
    """

    def __init__(self, compositions: Compositions, labels: NDArray[np.float32] | None = None) -> None:
        self.lengths = compositions.lengths
        places = np.arange(len(compositions.elements)) - np.repeat(compositions.offsets[:-1], self.lengths)
        shape = (len(compositions), int(self.lengths.max(initial=1)))
        self._elements = np.zeros(shape, dtype=np.uint8)
        self._fractions = np.zeros(shape, dtype=np.float32)
        self._elements[compositions.rows, places] = compositions.elements - 1
        self._fractions[compositions.rows, places] = compositions.fractions
        self._labels = labels

    def batch(self, rows: Sequence[int] | NDArray[np.int64]) -> CompositionBatch:
        """The batch of ``rows``, sorted by number of elements."""
        rows = np.asarray(rows)
        rows = rows[np.argsort(self.lengths[rows], kind="stable")]
        lengths = self.lengths[rows]
        filled = np.arange(self._elements.shape[1]) < lengths[:, None]
        return CompositionBatch(
            torch.from_numpy(self._elements[rows][filled].astype(np.int64)),
            torch.from_numpy(self._fractions[rows][filled]),
            blocks_of(lengths),
            None if self._labels is None else torch.from_numpy(self._labels[rows]),
        )
