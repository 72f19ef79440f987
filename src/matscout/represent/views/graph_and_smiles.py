"""Each reaction twice: for an encoder of graphs and an encoder of SMILES."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch

from matscout.represent.reaction_batches import ReactionBatch
from matscout.represent.trainable import BatchKind, View


class GraphAndSmiles(View):
    """``graph`` and ``smiles``, each the whole batch: each encoder reads what is its own."""

    needs: ClassVar[BatchKind | None] = "reaction"
    shows: ClassVar[Mapping[str, BatchKind]] = {"graph": "reaction", "smiles": "reaction"}

    def __call__(self, batch: ReactionBatch, generator: torch.Generator) -> Mapping[str, Any]:
        """``{"graph": ..., "smiles": ...}``."""
        return {"graph": batch, "smiles": batch}
