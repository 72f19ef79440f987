"""Crystals with their compositions beside them, each composition told once, whatever number of polymorphs it has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor

from matscout.represent.composition_batches import CompositionBatch
from matscout.represent.crystal_batches import CrystalBatch


@dataclass(frozen=True, eq=False)
class PolymorphBatch:
    """n crystals of m compositions.

    Parameters
    ----------
    compositions
        m compositions.
    crystals
        n crystals, which know their composition (``CrystalBatch.compositions``).
    """

    compositions: CompositionBatch
    crystals: CrystalBatch

    def __len__(self) -> int:
        return len(self.crystals)

    @property
    def labels(self) -> Tensor | None:
        """What is known of the crystals, [n, t]."""
        return self.crystals.labels

    def to(self, device: torch.device) -> Self:
        """The same batch on another device."""
        return replace(self, compositions=self.compositions.to(device), crystals=self.crystals.to(device))
