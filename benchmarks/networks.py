"""Networks that learn one property of a few thousand rows at most, by the parts of the package's training loop."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import lightning.pytorch as pl
import numpy as np
import torch
from numpy.typing import NDArray
from peers import Floats
from safetensors.torch import load_file

from matscout.data.materials import Materials
from matscout.represent.composition_batches import CompositionBatch, CompositionStore, by_length
from matscout.represent.objectives.multi_task import MultiTask
from matscout.represent.pretraining.callbacks import BestWeights
from matscout.represent.pretraining.configuration import OptimiserSettings
from matscout.represent.pretraining.faults import without_advice
from matscout.represent.pretraining.loading import EpochBatches, Rows, loader
from matscout.represent.pretraining.module import PretrainingModule
from matscout.represent.seen import marks
from matscout.represent.trainable import Corpus, Encoder
from matscout.represent.views.as_given import AsGiven


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


@dataclass(frozen=True)
class Stage:
    """A part of the training: which weights move, how fast, for how long."""

    encoder_moves: bool
    learning_rate: float
    epochs: int
    patience: int
    batch_size: int = 16
    average_decay: float = 0.98


@dataclass(frozen=True, eq=False)
class Lesson:
    """What one network learns from, which rows stop it, and its seed."""

    corpus: LabelledRows
    learn: Rows
    judge: Rows
    seed: int


def train(stage: Stage, encoder: Encoder, objective: MultiTask, lesson: Lesson) -> PretrainingModule:
    """One stage of training, ending with the weights that were best on the rows that judge."""
    encoder.train().requires_grad_(stage.encoder_moves)
    objective.train()
    optimiser = OptimiserSettings(
        learning_rate=stage.learning_rate,
        weight_decay=0.01,
        epsilon=1e-8,
        amsgrad=False,
        warmup_share=0.05,
        gradient_clip=1.0,
        average_decay=stage.average_decay,
    )
    module = PretrainingModule(
        encoders={"composition": encoder}, view=AsGiven(), objective=objective, optimiser=optimiser, seed=lesson.seed
    )
    with tempfile.TemporaryDirectory() as folder, without_advice():
        best = BestWeights(Path(folder) / "best.safetensors", stage.patience)
        trainer = pl.Trainer(
            accelerator="cpu",
            max_epochs=stage.epochs,
            gradient_clip_val=optimiser.gradient_clip,
            callbacks=[best],
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            num_sanity_val_steps=0,
            use_distributed_sampler=False,
        )
        training = loader(lesson.corpus, EpochBatches(lesson.learn, stage.batch_size, lesson.seed))
        trainer.fit(module, training, loader(lesson.corpus, EpochBatches(lesson.judge, 1000, None)))
        module.load_state_dict(load_file(Path(folder) / "best.safetensors"))
    return module.eval()


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
