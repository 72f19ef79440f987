"""What all donors have in common: vectors and predicted properties from encoders that learnt other properties."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from matscout.data.materials import Materials
from matscout.errors import ArtefactError, UsageError
from matscout.represent.array_layers import ModuleWeights
from matscout.represent.base import Embedding
from matscout.represent.table_representation import drop_unlisted, in_row_order
from matscout.represent.task_heads import TaskHeads
from matscout.represent.trained_composition_network import TrainedCompositionNetwork

if TYPE_CHECKING:
    from matscout.represent.array_encoder import CompositionArrayEncoder
    from matscout.represent.stored_network import StoredNetwork

OBJECTIVE = "multi-task"
"""What a donor learned by."""


class DonorRepresentation(TrainedCompositionNetwork):
    """The vector of a material in a pretrained network, and the properties that the network predicts for it.

    A material with an element of which no element table knows anything is left out and reported.

    Parameters
    ----------
    weights
        Folder written by ``matscout pretrain`` (``RUN_DIR/artefact``); None for the weights that come with matscout.
    part
        "vector", "properties", or "all" for both.
    """

    made_by: ClassVar[str] = "composition_donor data.labels=TABLE -o RUN"

    def __init__(self, weights: str | None = None, part: str = "all") -> None:
        super().__init__(weights)
        self.part = part

    def donor(self) -> Donor:
        """The network, read once.

        Raises
        ------
        ArtefactError
            If the weights are missing, damaged, or not those of a donor.
        """
        return Donor(self.stored(), self.array_encoder, _heads(self.stored()))

    def _require_such(self, stored: StoredNetwork, folder: Path) -> None:
        if [*stored.needs().values()] != ["composition"] or stored.objective.name != OBJECTIVE:
            raise ArtefactError(
                f"{folder} is not a transfer source: expected one encoder of compositions trained with {OBJECTIVE}; "
                f"it contains {', '.join(stored.encoders)} trained with {stored.objective.name}"
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """``"donor 1"`` ..., then ``"predicted <property> (<unit>)"`` and ``"predicted probability <property>"``."""
        return self._all_columns[self._kept]

    @property
    def _all_columns(self) -> tuple[str, ...]:
        donor = self.donor()
        numbered = tuple(f"donor {place}" for place in range(1, donor.encoder.width + 1))
        return numbered + tuple(
            f"predicted probability {task.name.removesuffix(' (1)')}"
            if task.kind == "yes-no"
            else f"predicted {task.name}"
            for task in donor.heads.tasks
        )

    @property
    def _kept(self) -> slice:
        """Where the columns of ``part`` stand among all."""
        width = self.donor().encoder.width
        kept = {"all": slice(None), "vector": slice(width), "properties": slice(width, None)}
        if self.part not in kept:
            raise UsageError(f"{self.name} has no part {self.part!r}; its parts are {', '.join(kept)}")
        return kept[self.part]

    def represent(self, materials: Materials) -> Embedding:
        """Encode all materials, those with equally many elements together."""
        donor = self.donor()
        rows, problems = drop_unlisted(materials, donor.encoder.listed, self.name)
        vectors, _ = donor.encoder.encode(materials.compositions[rows])
        if self.part != "vector":
            predicted = donor.heads.predict(vectors.astype(np.float32))
            vectors = np.concatenate([vectors, predicted], axis=1)[:, self._kept]
        return Embedding(vectors, rows, self.columns, in_row_order(problems))


@lru_cache(maxsize=4)
def _heads(stored: StoredNetwork) -> TaskHeads:
    return TaskHeads(stored.objective.settings, ModuleWeights(stored.weights, "objective."))


@dataclass(frozen=True, eq=False)
class Donor:
    """A trained network that is known to be a donor: one encoder of compositions, many properties."""

    network: StoredNetwork
    encoder: CompositionArrayEncoder
    heads: TaskHeads
