"""Which materials are trained on, and in which batches: functions of the seed and the epoch alone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Dataset, Sampler

from matscout.errors import InputError

Rows = NDArray[np.int64]


def split_rows(families: Rows, validation_share: float, seed: int) -> tuple[Rows, Rows]:
    """Rows for training and for validation, each ascending; whole families, drawn at random.

    A family that is larger than what is left of the share is passed over; if all are, the smallest is held back.

    Raises
    ------
    InputError
        If one of the two would be empty.
    """
    n = len(families)
    held_back = round(n * validation_share)
    if not 0 < held_back < n:
        raise InputError(
            f"{n} materials and loader.validation_share={validation_share:g} leave {held_back} for validation and "
            f"{n - held_back} for training; both need at least one"
        )
    order = np.random.default_rng(seed).permutation(n)
    _, first, shuffled, counts = np.unique(families[order], return_index=True, return_inverse=True, return_counts=True)
    drawn, room = [], held_back
    for family in np.argsort(first):
        if counts[family] <= room:
            drawn.append(family)
            room -= counts[family]
    held = np.isin(shuffled, drawn or [np.argmin(counts)])
    if held.all():
        raise InputError(f"all {n} materials are of one composition, so none can be held out for validation")
    return np.sort(order[~held]), np.sort(order[held])


class EpochBatches(Sampler[Rows]):
    """The rows of each batch of an epoch: all rows once, in batches of nearly equal size.

    The order depends on the seed and the number of the epoch only, so a resumed run sees what it would have seen.

    Parameters
    ----------
    rows
        What to go through.
    batch_size
        The sum of sizes of a batch, on average; where all sizes are 1, the most rows in a batch.
    seed
        Shuffles anew in each epoch; None keeps the order.
    sizes
        Of every material of the corpus, see :attr:`matscout.represent.trainable.Corpus.sizes`; None for 1.
    """

    def __init__(self, rows: Rows, batch_size: int, seed: int | None, sizes: Rows | None = None) -> None:
        self._rows, self._seed, self._epoch = rows, seed, 0
        self._sizes = None if sizes is None or (sizes == 1).all() else sizes
        total = len(rows) if self._sizes is None else int(self._sizes[rows].sum())
        self._count = min(len(rows), math.ceil(total / batch_size))

    def set_epoch(self, epoch: int) -> None:
        """Lightning calls this before each epoch."""
        self._epoch = epoch

    def __len__(self) -> int:
        share, _ = self._share()
        return self._count // share if self._seed is not None else self._count

    def __iter__(self) -> Iterator[Rows]:
        if self._seed is None:
            yield from self._split(self._rows)
            return
        order = np.random.default_rng([self._seed, self._epoch]).permutation(self._rows)
        share, rank = self._share()
        batches = self._split(order)[: self._count // share * share]
        yield from batches[rank::share]

    def _split(self, order: Rows) -> list[Rows]:
        """Parts of nearly equal size, none of them empty."""
        if self._sizes is None:
            return np.array_split(order, self._count)
        ends = self._sizes[order].cumsum()
        first = np.arange(1, self._count)
        cuts = np.searchsorted(ends, ends[-1] * first / self._count)
        cuts = np.maximum.accumulate(np.maximum(cuts - first, 0)) + first
        return np.split(order, np.minimum(cuts, len(order) - first[::-1]))

    @staticmethod
    def _share() -> tuple[int, int]:
        """Number of processes that train together, and which of them this is."""
        together = torch.distributed.is_available() and torch.distributed.is_initialized()
        return (torch.distributed.get_world_size(), torch.distributed.get_rank()) if together else (1, 0)


def loader(corpus: Dataset[Any], batches: EpochBatches, workers: int = 0) -> DataLoader[Any]:
    """Batches of a corpus, made by ``workers`` other processes (0: by this one)."""
    return DataLoader(
        corpus,
        sampler=batches,
        batch_size=None,  # the sampler already gives whole batches
        collate_fn=_as_it_is,
        num_workers=workers,
        persistent_workers=workers > 0,
        # Of its own: else a run that goes on draws from the chance of the epoch one number more than a whole one.
        generator=torch.Generator(),
    )


def _as_it_is(batch: Any) -> Any:
    return batch
