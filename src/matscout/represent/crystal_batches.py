"""Crystals as tensors, without padding: one row per distinct site, one pair per kind of neighbour of a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Self

import torch
from torch import Tensor, nn

from matscout.represent.crystal_arrays import CrystalArrays, NeighbourArrays

AT_ONCE = 2048
"""Pairs that are computed at once, so that what is computed of them stays in the cache of a processor."""


@dataclass(frozen=True, eq=False)
class BatchNeighbours:
    """k neighbours of r rows, those of one row together.

    Parameters
    ----------
    offsets
        int64 [r + 1]: row i owns the neighbours ``offsets[i]:offsets[i + 1]``.
    kinds
        int64 [k], what the neighbour is: a species of the batch, or a site of the batch.
    distances
        float32 [k], Å.
    shares
        float32 [k]; they sum to 1 for each row.
    """

    offsets: Tensor
    kinds: Tensor
    distances: Tensor
    shares: Tensor

    @classmethod
    def from_arrays(cls, arrays: NeighbourArrays) -> Self:
        """The same as tensors."""
        return cls(**{one.name: torch.from_numpy(getattr(arrays, one.name)) for one in fields(arrays)})

    @cached_property
    def rows(self) -> Tensor:
        """The row of each neighbour, [k]."""
        return owners(self.offsets)

    def of(self, rows: Tensor) -> BatchNeighbours:
        """The neighbours of some rows, in any order; one may be wanted several times."""
        offsets, places = ranges(self.offsets, rows)
        return BatchNeighbours(offsets, self.kinds[places], self.distances[places], self.shares[places])


@dataclass(frozen=True, eq=False)
class Others:
    """Something of another crystal for everything in a batch, drawn at random.

    Parameters
    ----------
    crystals
        int64 [n], another crystal for each; every crystal is the other of one.
    rows
        int64 [r], a row of that crystal for each row.
    pairs
        int64 [k], a pair of that row for each pair.
    """

    crystals: Tensor
    rows: Tensor
    pairs: Tensor


@dataclass(frozen=True, eq=False)
class Answers:
    """What a view did to crystals, for objectives that let it be found out.

    Parameters
    ----------
    elements
        int64 [r], atomic number - 1 of what was hidden on a row; -1 where nothing was.
    strain
        float32 [n], logarithm of the factor to all lengths, in units of its spread; 0 if there is no strain.
    """

    elements: Tensor
    strain: Tensor


@dataclass(frozen=True, eq=False)
class CrystalBatch:
    """n crystals; a row is a distinct site of one of them, with how often it occurs.

    Parameters
    ----------
    elements
        int64 [q], atomic number - 1 of each species of each crystal; 118 for one that is hidden.
    states
        float32 [q], oxidation states, elementary charges.
    row_offsets
        int64 [n + 1]: crystal i owns the rows ``row_offsets[i]:row_offsets[i + 1]``.
    row_species
        int64 [r], the species on a row.
    row_shares
        float32 [r]; they sum to 1 for each crystal.
    pairs
        What a row sees: species at distances.
    places
        The same as sites at distances, for what puts other species on the sites.
    site_offsets, site_species
        int64 [n + 1] and [s], the species on each site.
    row_sites
        int64 [r], the first of the sites that a row stands for.
    site_rows
        int64 [s], the row that stands for a site; None where sites of one row are no longer alike.
    labels
        float32 [n, t], NaN where unknown; None if there are none.
    others
        Something of another crystal for everything; set by views.
    answers
        What a view did to the crystals.
    compared
        int64 [r], the row of a false sample that each row of the true one is compared with; None for the same.
    counted
        bool [r], False for rows of the true sample whose false one happens to be true; None if all are false.
    made_up
        Whether this is a false sample: nothing is learned from how it is encoded.
    compositions
        int64 [n], which of the compositions beside them the crystals have; None if there are none.
    common
        What false samples that were made together, for one step, need only once; None for none.
    """

    elements: Tensor
    states: Tensor
    row_offsets: Tensor
    row_species: Tensor
    row_shares: Tensor
    pairs: BatchNeighbours
    places: BatchNeighbours
    site_offsets: Tensor
    site_species: Tensor
    row_sites: Tensor
    site_rows: Tensor | None
    labels: Tensor | None = None
    others: Others | None = None
    answers: Answers | None = None
    compared: Tensor | None = None
    counted: Tensor | None = None
    made_up: bool = False
    compositions: Tensor | None = None
    common: dict[tuple[int, int], Tensor] | None = None

    @classmethod
    def from_arrays(cls, arrays: CrystalArrays, labels: Tensor | None = None) -> Self:
        """The same as tensors."""
        around: dict[str, Any] = {
            name: BatchNeighbours.from_arrays(getattr(arrays, name)) for name in ("pairs", "places")
        }
        plain: dict[str, Any] = {
            one.name: torch.from_numpy(getattr(arrays, one.name)) for one in fields(arrays) if one.name not in around
        }
        return cls(**plain, **around, labels=labels)

    def __len__(self) -> int:
        return len(self.row_offsets) - 1

    def once(self, maker: nn.Module, part: int, make: Callable[[], Tensor]) -> Tensor:
        """What ``make`` gives, a part of what ``maker`` does with distances; once for false samples made together."""
        if self.common is None:
            return make()
        key = (id(maker), part)
        if key not in self.common:
            self.common[key] = make()
        return self.common[key]

    def to(self, device: torch.device) -> Self:
        """The same batch on another device."""
        return replace(self, **{field.name: _moved(getattr(self, field.name), device) for field in fields(self)})

    @cached_property
    def row_crystals(self) -> Tensor:
        """The crystal of each row, [r]."""
        return owners(self.row_offsets)

    @cached_property
    def site_crystals(self) -> Tensor:
        """The crystal of each site, [s]."""
        return owners(self.site_offsets)

    def over_pairs(self, values: Tensor) -> Tensor:
        """Sum over the pairs of each row: [k, ...] -> [r, ...]."""
        return summed(values, self.pairs.rows, len(self.row_species))

    def over_places(self, values: Tensor) -> Tensor:
        """Sum over the places around each row: [p, ...] -> [r, ...]."""
        return summed(values, self.places.rows, len(self.row_species))

    def over_rows(self, values: Tensor) -> Tensor:
        """Mean over the sites of each crystal: [r, ...] -> [n, ...]."""
        shares = self.row_shares.view(-1, *[1] * (values.ndim - 1))
        return summed(values * shares, self.row_crystals, len(self))

    def with_species(self, species: Tensor) -> Self:
        """The same rows with other species [s] on the sites."""
        pairs = replace(self.places, kinds=species[self.places.kinds])
        return replace(self, site_species=species, row_species=species[self.row_sites], pairs=pairs)


def _moved(value: Any, device: torch.device) -> Any:
    if isinstance(value, Tensor):
        return value.to(device, non_blocking=True)
    if isinstance(value, BatchNeighbours | Others | Answers):
        return replace(value, **{field.name: getattr(value, field.name).to(device) for field in fields(value)})
    return value


def summed(values: Tensor, places: Tensor, count: int) -> Tensor:
    """Sums of values [k, ...] that belong to the same of ``count`` places [k], [count, ...]."""
    return values.new_zeros(count, *values.shape[1:]).index_add(0, places, values)


class _Taken(torch.autograd.Function):
    """Forwards an index, which is four times as fast as an embedding; backwards an embedding."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, rows: Tensor) -> Tensor:
        ctx.save_for_backward(rows)
        ctx.count = len(values)
        return values.index_select(0, rows)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (rows,) = ctx.saved_tensors
        return torch.ops.aten.embedding_dense_backward(gradients[0], rows, ctx.count, -1, False), None


def taken(values: Tensor, rows: Tensor) -> Tensor:
    """``values[rows]`` of values [m, w], [len(rows), w]; unlike there, the gradient is the same in every run.

    Gradients of an index are added by several threads in any order, those of an embedding are not.
    """
    return torch.as_tensor(_Taken.apply(values, rows))  # type: ignore[no-untyped-call]


def owners(offsets: Tensor) -> Tensor:
    """Of ranges ``offsets[i]:offsets[i + 1]`` the i of everything in them."""
    return torch.repeat_interleave(torch.arange(len(offsets) - 1, device=offsets.device), offsets.diff())


def in_parts(offsets: Tensor, of_ranges: Tensor, *of_things: Tensor) -> Iterator[tuple[Tensor, ...]]:
    """Ranges ``offsets[i]:offsets[i + 1]`` in parts of about :data:`AT_ONCE` things.

    Not on a GPU, which has no cache to fit them in and many units to keep busy: there all are one part.

    Parameters
    ----------
    offsets
        int64 [r + 1].
    of_ranges
        [r, ...].
    of_things
        Each [k, ...].

    Yields
    ------
    tuple
        Of each part ``of_ranges``, to which of these each thing belongs, and ``of_things``.
    """
    ranges_each, things_each = [len(offsets) - 1], [int(offsets[-1])]
    if not offsets.is_cuda:
        steps = torch.arange(0, int(offsets[-1]) + 1, AT_ONCE, device=offsets.device)
        cuts = torch.cat([torch.searchsorted(offsets, steps), steps.new_tensor([len(offsets) - 1])])
        cuts = torch.as_tensor(torch.unique_consecutive(cuts))
        ranges_each, things_each = cuts.diff().tolist(), offsets[cuts].diff().tolist()
    things = [torch.split_with_sizes(values, things_each) for values in (owners(offsets), *of_things)]
    start = 0
    for ours, owning, *rest in zip(torch.split_with_sizes(of_ranges, ranges_each), *things, strict=True):
        yield ours, owning - start, *rest
        start += len(ours)


def ranges(offsets: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Of ranges ``offsets[i]:offsets[i + 1]`` some, one after the other: their new offsets, and what is in them."""
    counts = offsets.diff()[rows]
    starts = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
    steps = torch.repeat_interleave(offsets[rows] - starts[:-1], counts)
    return starts, torch.arange(len(steps), device=steps.device) + steps
