"""What all donors have in common: vectors and predicted properties from encoders that learnt other properties."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.data.compositions import Compositions
from matscout.data.materials import Materials
from matscout.errors import ArtefactError, UsageError
from matscout.extras import require
from matscout.represent.base import Embedding, Needs, Representation
from matscout.represent.shipped import WEIGHTS
from matscout.represent.table_representation import drop_unlisted, in_row_order

if TYPE_CHECKING:
    from matscout.represent.artefact import Pretrained
    from matscout.represent.objectives.multi_task import MultiTask
    from matscout.represent.trainable import Encoder

_TOKENS = 1024
"""Elements that are encoded at once: their vectors fit the cache of a core."""


class DonorRepresentation(Representation):
    """The vector of a material in a pretrained network, and the properties that the network predicts for it.

    A material with an element of which no element table knows anything is left out and reported.

    Parameters
    ----------
    weights
        Folder written by ``matscout pretrain`` (``RUN_DIR/artefact``); None for the weights that come with matscout.
    part
        "vector", "properties", or "all" for both.
    """

    needs: ClassVar[Needs] = "composition"
    tolerance: ClassVar[float] = 1e-5
    packages: ClassVar[tuple[str, ...]] = ("torch", "safetensors")
    extra: ClassVar[str] = "torch"
    shipped: ClassVar[str]
    """Name of the folder in ``matscout/represent/weights``."""

    def __init__(self, weights: str | None = None, part: str = "all") -> None:
        self.weights = weights
        self.part = part

    @classmethod
    def missing(cls) -> str:
        """What must be installed before the weights that come with matscout can be used, "" if nothing."""
        there = (WEIGHTS / cls.shipped / "spec.json").is_file()
        return super().missing() or ("" if there else "a released matscout, with its weights")

    @property
    def folder(self) -> Path:
        """Where the weights are read from."""
        return WEIGHTS / self.shipped if self.weights is None else Path(self.weights)

    def donor(self) -> Donor:
        """The network, read once.

        Raises
        ------
        MissingExtraError
            If torch is not installed.
        ArtefactError
            If the weights are missing, damaged, or not those of a donor.
        """
        require(*self.packages, extra=self.extra)
        spec = self.folder / "spec.json"
        if self.weights is None and not spec.is_file():
            raise ArtefactError(
                f"this copy of matscout came without the weights of {self.name} ({self.folder}): install a released "
                f"one, or train your own (matscout pretrain) and give its folder as weights="
            )
        return _read(self.folder, spec.stat().st_mtime_ns if spec.is_file() else 0)

    @property
    def version(self) -> str:
        """Digest of weights of one's own."""
        return "" if self.weights is None else self.donor().pretrained.digest

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
            for task in donor.objective.tasks
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
        rows, problems = drop_unlisted(materials, donor.encoder.listed.numpy(), self.name)
        kept = self._kept
        vectors = _encode(donor, materials.compositions[rows], len(self._all_columns))[:, kept]
        return Embedding(vectors, rows, self.columns, in_row_order(problems))

    def seen(self, materials: Materials) -> NDArray[np.bool_]:
        """Which materials have a composition that the donor was trained on, bool [n]."""
        return self.donor().pretrained.seen_among(materials)


@dataclass(frozen=True, eq=False)
class Donor:
    """A pretrained network that is known to be a donor: one encoder of compositions, many properties."""

    pretrained: Pretrained
    encoder: Encoder
    objective: MultiTask


@lru_cache(maxsize=4)
def _read(folder: Path, written: int) -> Donor:
    """``written`` makes a folder that was written anew be read anew."""
    from matscout.represent.artefact import load_pretrained
    from matscout.represent.objectives.multi_task import MultiTask

    pretrained = load_pretrained(folder)
    encoders = list(pretrained.encoders.values())
    if len(encoders) != 1 or encoders[0].needs != "composition" or not isinstance(pretrained.objective, MultiTask):
        raise ArtefactError(
            f"{folder} is not a donor: expected one encoder of compositions trained with multi-task; it holds "
            f"{', '.join(pretrained.encoders)} trained with {type(pretrained.objective).__name__}"
        )
    return Donor(pretrained, encoders[0], pretrained.objective)


def _encode(donor: Donor, compositions: Compositions, width: int) -> NDArray[np.float64]:
    import torch

    from matscout.represent.composition_batches import CompositionBatch, length_buckets

    vectors = np.empty((len(compositions), width))
    with torch.inference_mode():
        for rows in length_buckets(compositions, _TOKENS):
            crystal = donor.encoder(CompositionBatch.from_compositions(compositions[rows])).crystal
            vectors[rows] = torch.cat([crystal, donor.objective.predict(crystal)], dim=1).numpy()
    return vectors
