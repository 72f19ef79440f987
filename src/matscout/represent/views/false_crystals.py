"""The batch, and for each row one that is false in a chosen way, made from the batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Literal, get_args

import torch
from torch import Tensor

from matscout.crystal.environments import SAME
from matscout.represent.base import Needs
from matscout.represent.crystal_batches import CrystalBatch, Others, owners, ranges
from matscout.represent.trainable import View

FalseKind = Literal["polymorph", "composition", "permutation"]
FALSE_KINDS: tuple[FalseKind, ...] = get_args(FalseKind)

TRUE = "true"
EQUAL = 2.0 * SAME
"""Rows whose marks differ less are the same."""


class FalseCrystals(View):
    """``true``, with another crystal for each, and one batch for each of ``kinds``, row by row.

    - ``polymorph``: the species of the crystal on the sites of another one, whose rows ``compared`` names;
    - ``composition``: the species of another one on the sites of the crystal;
    - ``permutation``: the species of the crystal, having changed places on its sites.

    Figure 5 of the Deep InfoMax paper (doi:10.1039/D4DD00202D). Where numbers of sites differ, species are repeated in
    a random order. What happens to be a row of the true crystal does not count (``counted``).
    """

    needs: ClassVar[Needs | None] = "structure"

    def __init__(self, kinds: Sequence[FalseKind] = FALSE_KINDS) -> None:
        unknown = [kind for kind in kinds if kind not in FALSE_KINDS]
        if unknown:
            raise ValueError(
                f"there are no false crystals of kind {unknown[0]!r}; choose from {', '.join(FALSE_KINDS)}"
            )
        self.kinds = tuple(kinds)

    def __call__(self, batch: CrystalBatch, generator: torch.Generator) -> Mapping[str, CrystalBatch]:
        """``{"true": ..., "polymorph": ..., ...}``."""
        others = draw_others(batch, generator)
        true = replace(batch, others=others)
        marks, made = _marks(true), dict[str, CrystalBatch]()
        common = dict[tuple[int, int], Tensor]()
        for kind in self.kinds:
            compared = others.rows if kind == "polymorph" else None
            false = _false(true, SPECIES[kind](true, others, generator), compared, marks)
            made[kind] = replace(false, common=common)
        return {TRUE: true, **made}


def draw_others(batch: CrystalBatch, generator: torch.Generator) -> Others:
    """The crystal half a batch further on; of it a random row for each row, of that a random pair for each pair.

    Rows are drawn as often as they occur in their crystal, pairs as often as in their row.
    """
    n = len(batch)
    crystals = torch.arange(n, device=batch.row_offsets.device).roll(-(n // 2))
    rows = _draw(batch.row_shares, batch.row_offsets, crystals[batch.row_crystals], generator)
    pairs = _draw(batch.pairs.shares, batch.pairs.offsets, rows[batch.pairs.rows], generator)
    return Others(crystals, rows, pairs)


def _draw(shares: Tensor, offsets: Tensor, owning: Tensor, generator: torch.Generator) -> Tensor:
    """For each of the owners one of what it owns, with the probability of its share."""
    ends = shares.double().cumsum(0)
    before = torch.cat([ends.new_zeros(1), ends])[offsets]
    chance = _chance(owning, generator)
    wanted = before[owning] + chance * (before[owning + 1] - before[owning])
    drawn = torch.searchsorted(ends, wanted, right=True)
    return drawn.clamp(offsets[owning], offsets[owning + 1] - 1)


def _shuffled(batch: CrystalBatch, generator: torch.Generator) -> Tensor:
    """The species on the sites of each crystal in a random order, [s]."""
    crystals = batch.site_crystals
    return batch.site_species[torch.argsort(crystals + _chance(crystals, generator))]


def _chance(each: Tensor, generator: torch.Generator) -> Tensor:
    """A number in 0..1 for each, drawn on the CPU."""
    return torch.rand(len(each), generator=generator, dtype=torch.float64).to(each.device)


def _given_to(batch: CrystalBatch, givers: Tensor, generator: torch.Generator) -> Tensor:
    """For each site of each crystal a species of its giver [n], repeated where there are too few, [s]."""
    shuffled, counts = _shuffled(batch, generator), batch.site_offsets.diff()
    crystals = batch.site_crystals
    place = torch.arange(len(crystals), device=crystals.device) - batch.site_offsets[crystals]
    giver = givers[crystals]
    return shuffled[batch.site_offsets[giver] + place % counts[giver]]


def _false(batch: CrystalBatch, species: Tensor, compared: Tensor | None, marks: Tensor) -> CrystalBatch:
    """The batch with other species [s] on the sites, where sites that were alike need not be so any longer.

    Where what is compared is a row of the true crystal (``marks`` of the batch), it does not count.
    """
    each = len(batch.row_species) == len(batch.site_species)
    false = replace(batch, others=None, made_up=True, compared=compared, site_rows=batch.site_rows if each else None)
    false = false.with_species(species)
    mine = _marks(false) if compared is None else _marks(false)[compared]
    # Every row with every true row of its crystal.
    starts, second = ranges(batch.row_offsets, batch.row_crystals)
    first = owners(starts)
    same = ((mine[first] - marks[second]).abs() < EQUAL).all(dim=1)
    equal = torch.zeros_like(batch.row_crystals).index_add(0, first, same.long())
    return replace(false, counted=equal == 0)


def _polymorph(batch: CrystalBatch, others: Others, generator: torch.Generator) -> Tensor:
    takers = torch.argsort(others.crystals)  # of each crystal, whose other it is
    return _given_to(batch, takers, generator)


def _composition(batch: CrystalBatch, others: Others, generator: torch.Generator) -> Tensor:
    return _given_to(batch, others.crystals, generator)


def _permutation(batch: CrystalBatch, others: Others, generator: torch.Generator) -> Tensor:
    return _shuffled(batch, generator)


SPECIES = {"polymorph": _polymorph, "composition": _composition, "permutation": _permutation}
"""What each kind puts on the sites, [s]."""


def _marks(batch: CrystalBatch) -> Tensor:
    """Numbers by which rows with equal surroundings are recognised, float64 [r, 4]."""
    element, pairs = batch.elements.double() + 1.0, batch.pairs
    far, kind = pairs.distances.double(), element[pairs.kinds]
    # Smooth in the distances, so that sites which count as alike have marks that count as equal.
    features = torch.stack([kind, torch.sin(kind) * far, torch.cos(0.37 * kind) * torch.cos(far)], dim=1)
    return torch.cat(
        [element[batch.row_species][:, None], batch.over_pairs(pairs.shares.double()[:, None] * features)], 1
    )
