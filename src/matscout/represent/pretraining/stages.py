"""One stage of training on few rows, with the weights that judged best at its end."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
from safetensors.torch import load_file
from torch.utils.data import Dataset

from matscout.represent.pretraining.callbacks import BestWeights
from matscout.represent.pretraining.configuration import OptimiserSettings
from matscout.represent.pretraining.faults import interruptible, without_advice
from matscout.represent.pretraining.loading import EpochBatches, Rows, loader
from matscout.represent.pretraining.module import PretrainingModule
from matscout.represent.trainable import Encoder, Objective
from matscout.represent.views.as_given import AsGiven

JUDGED_AT_ONCE = 128
"""Rows of a batch that is not learned from."""


@dataclass(frozen=True)
class TrainingStage:
    """A part of the training.

    Parameters
    ----------
    encoder_moves
        Whether the encoder learns too, or only the objective.
    learning_rate
        Highest one; it rises and falls over the stage.
    epochs
        At most.
    patience
        Epochs without a lower loss on the rows that judge after which the stage ends.
    batch_size
        Rows of a batch.
    average_decay
        Of the running average of the weights, which is what judges and stays.
    """

    encoder_moves: bool
    learning_rate: float
    epochs: int
    patience: int
    batch_size: int = 16
    average_decay: float = 0.98

    def shortened(self) -> TrainingStage:
        """With half the epochs."""
        return replace(self, epochs=(self.epochs + 1) // 2)


def train_stage(
    stage: TrainingStage,
    encoder: Encoder,
    objective: Objective,
    *,
    data: Dataset[Any],
    learn: Rows,
    judge: Rows,
    seed: int,
) -> PretrainingModule:
    """Train encoder and objective in place.

    Parameters
    ----------
    stage
        What moves, how fast, for how long.
    encoder, objective
        They end with the weights that were best on the rows that judge.
    data
        Gives the batch of any rows, with their labels.
    learn, judge
        Rows that are learned from, and those on which the loss says when to stop.
    seed
        Of the order of the batches.
    """
    encoder.train().requires_grad_(stage.encoder_moves)
    objective.train()
    optimiser = OptimiserSettings(
        learning_rate=stage.learning_rate,
        weight_decay=0.01,
        epsilon=1e-8,
        amsgrad=False,
        warmup_share=0.05,
        final_share=0.0,
        gradient_clip=1.0,
        average_decay=stage.average_decay,
    )
    module = PretrainingModule(
        encoders={"trained": encoder}, view=AsGiven(), objective=objective, optimiser=optimiser, seed=seed
    )
    with tempfile.TemporaryDirectory() as folder, without_advice(), interruptible():
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
        trainer.fit(
            module,
            loader(data, EpochBatches(learn, stage.batch_size, seed)),
            loader(data, EpochBatches(judge, JUDGED_AT_ONCE, None)),
        )
        module.load_state_dict(load_file(Path(folder) / "best.safetensors"))
    return module.eval()
