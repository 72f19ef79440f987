"""Vector of a reaction from networks that you trained yourself without yields (needs torch, rdkit)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.data.reactions.column_store import Part, Reactions
from matscout.errors import ArtefactError, UsageError
from matscout.represent.reaction_representation import ReactionRepresentation
from matscout.represent.trained_network import TrainedNetwork

if TYPE_CHECKING:
    from matscout.represent.stored_network import StoredNetwork
    from matscout.represent.trainable import Encoder

REACTIONS_AT_ONCE = 256


class ReactionNetwork(TrainedNetwork, ReactionRepresentation):
    """The encoders of reactions of any artefact, side by side: ``reaction-network=RUN/artefact``.

    ``matscout pretrain clme data.reactions=FILE -o RUN`` makes such weights (doi:10.1609/aaai.v38i8.28668):
    ``reaction-network/graph`` are those of its encoder of graphs, ``reaction-network/smiles`` of that of SMILES. A
    vector is the sum over the molecules that go in beside that over those that come out, whatever the parts are called.

    Parameters
    ----------
    weights
        Folder of the artefact.
    part
        Name of one encoder of the artefact, or "all".
    """

    packages: ClassVar[tuple[str, ...]] = ("torch", "rdkit")
    extra = "torch,reactions"
    tolerance: ClassVar[float] = 1e-4
    made_by: ClassVar[str] = "clme data.reactions=FILE -o RUN"

    def __init__(self, weights: str | None = None, part: str = "all") -> None:
        super().__init__(weights)
        self.part = part

    def columns_for(self, parts: tuple[Part, ...]) -> tuple[str, ...]:
        """``"graph 1"`` ... ``"smiles 1"`` ..., of any reactions."""
        return tuple(
            f"{name} {place}" for name, encoder in self.encoders.items() for place in range(1, encoder.width + 1)
        )

    @property
    def encoders(self) -> dict[str, Encoder]:
        """The asked ones of the artefact, by their names there.

        Raises
        ------
        UsageError
            If there is none called as the part.
        """
        there = self.pretrained().encoders
        if self.part not in {"all", *there}:
            raise UsageError(f"{self.name} has no part {self.part!r}; its parts are all, {', '.join(there)}")
        return {name: encoder for name, encoder in there.items() if self.part in ("all", name)}

    def vectors(self, reactions: Reactions) -> NDArray[np.float64]:
        """Vectors [n, width of all encoders]."""
        import torch

        from matscout.represent.reaction_batches import ReactionStore

        encoders, store = list(self.encoders.values()), ReactionStore(reactions)
        vectors = np.zeros((len(reactions), sum(encoder.width for encoder in encoders)))
        with torch.inference_mode():
            for start in range(0, len(reactions), REACTIONS_AT_ONCE):
                rows = np.arange(start, min(start + REACTIONS_AT_ONCE, len(reactions)))
                batch = store.batch(rows)
                vectors[rows] = torch.cat([encoder(batch).crystal for encoder in encoders], dim=1).numpy()
        return vectors

    def _require_such(self, stored: StoredNetwork, folder: Path) -> None:
        needs = {*stored.needs().values()}
        if needs != {"reaction"}:
            raise ArtefactError(
                f"{folder} contains encoders of {', '.join(sorted(needs))}, expected encoders of reactions"
            )
