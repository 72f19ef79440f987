"""Compositions and structures separately, each for its own encoder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch

from matscout.represent.polymorph_batches import PolymorphBatch
from matscout.represent.trainable import BatchKind, View

COMPOSITION, STRUCTURE = "composition", "structure"


class Modalities(View):
    """``composition`` and ``structure``; the crystals know which of the compositions is theirs."""

    needs: ClassVar[BatchKind | None] = "polymorphs"
    shows: ClassVar[Mapping[str, BatchKind]] = {COMPOSITION: "composition", STRUCTURE: "structure"}

    def __call__(self, batch: PolymorphBatch, generator: torch.Generator) -> Mapping[str, Any]:
        """``{"composition": ..., "structure": ...}``."""
        return {COMPOSITION: batch.compositions, STRUCTURE: batch.crystals}
