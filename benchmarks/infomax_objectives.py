"""What the outlook of the Deep InfoMax paper names, as plug-ins of the benchmarks (``infomax_variants.py``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from matscout.represent.crystal_batches import CrystalBatch
from matscout.represent.objectives.deep_infomax import DeepInfomax
from matscout.represent.objectives.multi_task import MultiTask
from matscout.represent.trainable import Corpus, EncoderOutput
from matscout.represent.views.false_crystals import TRUE, FalseCrystals

THERMAL = "thermal"
BLUR = 0.1
"""Å, standard deviation of the change of each distance in a thermal copy."""
SHORTEST = 0.1


class HardDeepInfomax(DeepInfomax):
    """Deep InfoMax in which a false constituent counts the more the truer it looks.

    Weights are exp(score), with mean 1 over what is compared at once, and are not learned from (J. Robinson et al.,
    Contrastive learning with hard negative samples, doi:10.48550/arXiv.2010.04592, with their beta = 1).
    """

    def lost_to_false(self, scores: Tensor) -> Tensor:
        """The usual loss, weighted."""
        weights = functional.softmax(scores.detach().flatten(), dim=0).view_as(scores) * scores.numel()
        return super().lost_to_false(scores) * weights


class ThermalCrystals(FalseCrystals):
    """The false crystals, and ``thermal``: the true ones with every distance disturbed, as if atoms moved."""

    def __call__(self, batch: CrystalBatch, generator: torch.Generator) -> Mapping[str, CrystalBatch]:
        """``{"true": ..., "polymorph": ..., ..., "thermal": ...}``."""
        made = super().__call__(batch, generator)
        true = made[TRUE]
        pairs = true.pairs
        moved = BLUR * torch.randn(len(pairs.distances), generator=generator).to(pairs.distances.device)
        distances = (pairs.distances + moved).clamp_min(SHORTEST)
        return {**made, THERMAL: replace(true, pairs=replace(pairs, distances=distances), made_up=True)}


class ThermalDeepInfomax(DeepInfomax):
    """Deep InfoMax whose vectors shall also be told from the constituents of a thermal copy."""

    def forward(self, outputs: Mapping[str, EncoderOutput], batches: Mapping[str, Any]) -> dict[str, Tensor]:
        """The loss with the constituents of the crystals, and with those of their thermal copies."""
        still = super().forward(outputs, batches)
        true, moved = outputs[TRUE], outputs[THERMAL]
        thermal = {**outputs, TRUE: replace(true, sites=moved.sites)}
        parts = self._local(true, batches[THERMAL]) | self._global(thermal[TRUE], thermal, batches)
        loss = self._mean(parts, "local") + self._mean(parts, "global")
        return {**still, "loss": 0.5 * (still["loss"] + loss)}


class LabelledDeepInfomax(DeepInfomax):
    """Deep InfoMax and the loss of many properties, added."""

    def __init__(self, tasks: Sequence[Mapping[str, Any]], **settings: Any) -> None:
        super().__init__(**settings)
        (width,) = settings["widths"].values()
        self.properties = MultiTask(width, tasks)
        self.settings = {**self.settings, "tasks": self.properties.settings["tasks"]}

    @classmethod
    def for_corpus(cls, corpus: Corpus, rows: NDArray[np.int64], widths: Mapping[str, int], **settings: Any) -> Self:
        """With the properties of the corpus."""
        tasks = MultiTask.for_corpus(corpus, rows, widths).settings["tasks"]
        return cls(tasks=tasks, widths=dict(widths), **settings)

    def forward(self, outputs: Mapping[str, EncoderOutput], batches: Mapping[str, Any]) -> dict[str, Tensor]:
        """Both losses."""
        found = super().forward(outputs, batches)
        labelled = self.properties({TRUE: outputs[TRUE]}, batches)["loss"]
        return {**found, "loss": found["loss"] + labelled, "properties": labelled}
