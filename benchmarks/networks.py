"""Networks that learn one property of a few thousand rows at most, by the parts of the package's training loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from peers import Floats

from matscout.data.materials import Materials
from matscout.represent.composition_arrays import by_length
from matscout.represent.composition_batches import CompositionBatch, CompositionStore
from matscout.represent.objectives.multi_task import MultiTask
from matscout.represent.pretraining.loading import Rows
from matscout.represent.pretraining.module import PretrainingModule
from matscout.represent.pretraining.stages import TrainingStage, train_stage
from matscout.represent.seen import marks
from matscout.represent.trainable import Corpus, Encoder


class LabelledRows(Corpus):
    """One property of some materials, without gaps."""

    def __init__(self, materials: Materials, values: Floats) -> None:
        self._compositions = materials.compositions
        self._labels = values.astype(np.float32)[:, None]
        self._store = CompositionStore(self._compositions, self._labels)

    def __len__(self) -> int:
        return len(self._compositions)

    def __getitem__(self, rows: Rows) -> CompositionBatch:
        return self._store.batch(rows)

    @property
    def labels(self) -> NDArray[np.float32]:
        """The property, [N, 1]."""
        return self._labels

    @property
    def label_names(self) -> Sequence[str]:
        """Its name, which nobody reads."""
        return ("property",)

    @property
    def digest(self) -> str:
        """The cells are named by the data already."""
        return ""

    @property
    def marks(self) -> NDArray[np.uint64]:
        """Marks of the compositions, [N]."""
        return marks(self._compositions)

    @property
    def summary(self) -> Sequence[str]:
        """No card is written."""
        return ()


@dataclass(frozen=True, eq=False)
class Lesson:
    """What one network learns from, which rows stop it, and its seed."""

    corpus: LabelledRows
    learn: Rows
    judge: Rows
    seed: int


def train(stage: TrainingStage, encoder: Encoder, objective: MultiTask, lesson: Lesson) -> PretrainingModule:
    """One stage of training, ending with the weights that were best on the rows that judge."""
    rows = {"learn": lesson.learn, "judge": lesson.judge}
    return train_stage(stage, encoder, objective, data=lesson.corpus, seed=lesson.seed, **rows)


def predict(network: PretrainingModule, materials: Materials) -> Floats:
    """The property of every material, [n]."""
    order = by_length(materials.compositions)
    predicted = np.empty(len(materials))
    with torch.inference_mode():
        batch = CompositionBatch.from_compositions(materials.compositions[order])
        outputs, _ = network.encode(batch)
        assert isinstance(network.objective, MultiTask)
        predicted[order] = network.objective.predict(outputs["as-given"].crystal)[:, 0].numpy()
    return predicted
