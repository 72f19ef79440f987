"""What happens beside the training: metrics, best weights, checkpoints, the time budget, progress."""

from __future__ import annotations

import csv
import math
import time
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
from lightning.pytorch.callbacks import Callback, Checkpoint
from safetensors.torch import save

from matscout.data.files import atomic_write
from matscout.progress import Progress
from matscout.represent.pretraining.module import PretrainingModule


class BestWeights(Callback):
    """Keeps the (averaged) weights of the epoch with the lowest validation loss; stops when none is lower for long.

    Parameters
    ----------
    path
        Where the weights go, as safetensors.
    patience
        Epochs without a lower loss after which training stops.
    """

    def __init__(self, path: Path, patience: int) -> None:
        self._path, self._patience = path, patience
        self.best = math.inf
        self.epoch = -1
        self.waited = 0
        self.values: dict[str, float] = {}

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint holds of it."""
        return {"best": self.best, "epoch": self.epoch, "waited": self.waited, "values": self.values}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where a checkpoint was made."""
        self.best, self.epoch, self.waited, self.values = (state[key] for key in ("best", "epoch", "waited", "values"))

    @property
    def enough(self) -> bool:
        """Whether it has waited as long as it may."""
        return self.waited >= self._patience

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """A run that was killed after its last epoch does not train another one."""
        if self.enough:
            trainer.should_stop = True

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """The averaged weights are in place here."""
        assert isinstance(pl_module, PretrainingModule)
        loss = pl_module.epoch_values["validation loss"]
        self.waited += 1
        if loss < self.best:
            self.best, self.epoch, self.waited = loss, trainer.current_epoch, 0
            self.values = dict(pl_module.epoch_values)
            if trainer.is_global_zero:
                weights = {name: value.detach().cpu().contiguous() for name, value in pl_module.state_dict().items()}
                with atomic_write(self._path) as unfinished:
                    unfinished.write_bytes(save(weights))
        if self.enough:
            trainer.should_stop = True


class TimeBudget(Callback):
    """Stops after the last whole epoch that fits into the time, counted over all resumed parts of a run."""

    def __init__(self, max_minutes: float | None) -> None:
        self._limit = math.inf if max_minutes is None else 60.0 * max_minutes
        self.seconds = 0.0
        self.enough = False
        self._begun = 0.0

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint holds of it."""
        return {"seconds": self.seconds, "enough": self.enough}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where a checkpoint was made."""
        self.seconds, self.enough = state["seconds"], state["enough"]

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """A run that was killed after its last epoch does not train another one."""
        if self.enough:
            trainer.should_stop = True

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the clock of this epoch."""
        self._begun = time.monotonic()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Stop unless another epoch as long as this one fits."""
        epoch = time.monotonic() - self._begun
        self.seconds += epoch
        if self.seconds + epoch > self._limit:
            self.enough = trainer.should_stop = True


class MetricsFile(Callback):
    """One line for each epoch in a CSV file, and in the loggers that were asked for.

    The lines are part of the checkpoint: a resumed run writes those of the epochs that it has kept, then goes on.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.lines: list[dict[str, float]] = []

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint holds of it."""
        return {"lines": self.lines}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where a checkpoint was made."""
        self.lines = state["lines"]

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write the file anew, whole."""
        assert isinstance(pl_module, PretrainingModule)
        rate = trainer.optimizers[0].param_groups[0]["lr"]
        line = {"epoch": trainer.current_epoch, "step": trainer.global_step, "learning rate": rate}
        self.lines.append(line | pl_module.epoch_values)
        for logger in trainer.loggers:
            logger.log_metrics(pl_module.epoch_values, trainer.global_step)
        if trainer.is_global_zero:
            self._write()

    def _write(self) -> None:
        columns = list(dict.fromkeys(name for line in self.lines for name in line))
        with atomic_write(self._path) as unfinished, unfinished.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.lines)


class LastCheckpoint(Checkpoint):
    """After each epoch, everything that is needed to go on, written whole or not at all.

    Lightning calls checkpoint callbacks last, so that it holds what the others did in this epoch.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Replace the checkpoint of the epoch before."""
        with atomic_write(self._path) as unfinished:
            trainer.save_checkpoint(unfinished)


class ProgressReport(Callback):
    """Tells a :class:`~matscout.progress.Progress` how many steps of the run are done."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def on_train_batch_end(self, trainer: pl.Trainer, *_: Any) -> None:
        """One step more."""
        if trainer.is_global_zero:
            self._progress("pretraining", trainer.global_step, int(trainer.estimated_stepping_batches))
