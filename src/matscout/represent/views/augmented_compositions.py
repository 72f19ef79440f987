"""Two copies of each composition with an element dropped or masked: GraphCL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor

from matscout.data.elements import N_ELEMENTS
from matscout.errors import UsageError
from matscout.represent.composition_arrays import blocks_of
from matscout.represent.composition_batches import CompositionBatch
from matscout.represent.trainable import BatchKind, View


class AugmentedCompositions(View):
    """``copy 1`` and ``copy 2``; in each one element was drawn at random, and dropped or hidden.

    Of the augmentations of GraphCL (Y. You et al., doi:10.48550/arXiv.2010.13902) these are node dropping and attribute
    masking. The others say nothing here: where every element is joined to every other, a subgraph is what is left when
    nodes are dropped, and there is no edge to add. Both copies of a composition are changed in the same way, at
    elements drawn apart. A pure element stays as it is. Of a composition that stands twice in a batch one is shown: the
    copies of two would be false pairs.

    Parameters
    ----------
    dropped
        Probability that an element is dropped; otherwise it is hidden.

    Raises
    ------
    UsageError
        If the probability is not within 0..1.
    """

    needs: ClassVar[BatchKind | None] = "composition"

    def __init__(self, dropped: float = 0.5) -> None:
        if not 0.0 <= dropped <= 1.0:
            raise UsageError(f"view.dropped is from 0 to 1; got {dropped:g}")
        self.dropped = dropped

    def __call__(self, batch: CompositionBatch, generator: torch.Generator) -> Mapping[str, CompositionBatch]:
        """``{"copy 1": ..., "copy 2": ...}``, in one order, which is not that of the batch."""
        device, batch = batch.elements.device, _once(batch.to(torch.device("cpu")))
        drops = torch.rand(len(batch), generator=generator) < self.dropped
        return {f"copy {number}": _changed(batch, drops, generator).to(device) for number in (1, 2)}


def _once(batch: CompositionBatch) -> CompositionBatch:
    """The first of each composition; they are one where the fractions agree to five digits."""
    counts = torch.cat([torch.full((number,), length) for number, length in batch.blocks])
    owners = torch.repeat_interleave(counts)
    table = torch.zeros(len(counts), N_ELEMENTS)
    table[owners, batch.elements] = batch.fractions
    _, numbers = torch.unique(table.round(decimals=5), dim=0, return_inverse=True)
    first = torch.full((len(counts),), len(counts)).scatter_reduce(0, numbers, torch.arange(len(counts)), "amin")
    kept = first[numbers] == torch.arange(len(counts))
    tokens, labels = kept[owners], None if batch.labels is None else batch.labels[kept]
    return CompositionBatch(batch.elements[tokens], batch.fractions[tokens], blocks_of(counts[kept].numpy()), labels)


def _changed(batch: CompositionBatch, drops: Tensor, generator: torch.Generator) -> CompositionBatch:
    """One element of each composition dropped, or hidden where not ``drops`` [n]; sorted by number of elements."""
    counts = torch.cat([torch.full((number,), length) for number, length in batch.blocks])
    owners, starts = torch.repeat_interleave(counts), counts.cumsum(0) - counts
    drawn = starts + (torch.rand(len(counts), generator=generator) * counts).long().clamp_max(counts - 1)
    changed = torch.zeros(len(owners), dtype=torch.bool)
    changed[drawn[counts > 1]] = True
    lengths = counts - (drops & (counts > 1)).long()
    order = torch.argsort(lengths, stable=True)
    rank = torch.empty_like(order)
    rank[order] = torch.arange(len(order))
    kept = torch.nonzero(~(changed & drops[owners])).flatten()
    kept = kept[torch.argsort(rank[owners[kept]], stable=True)]
    fractions = batch.fractions[kept]
    totals = torch.zeros(len(counts)).index_add(0, owners[kept], fractions)
    elements = torch.where(changed, N_ELEMENTS, batch.elements)[kept]
    labels = None if batch.labels is None else batch.labels[order]
    return CompositionBatch(elements, fractions / totals[owners[kept]], blocks_of(lengths[order].numpy()), labels)
