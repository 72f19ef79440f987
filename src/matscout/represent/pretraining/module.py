"""The step that is trained: view, encoders, objective, optimiser, whichever they are."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import lightning.pytorch as pl
import numpy as np
import torch
from torch import Tensor, nn

from matscout.errors import UsageError
from matscout.represent.pretraining.averaging import WeightAverage
from matscout.represent.pretraining.configuration import OptimiserSettings
from matscout.represent.trainable import Encoder, EncoderOutput, Objective, View


class NotFiniteError(ArithmeticError):
    """A loss became infinite or not a number; says in which step and at which learning rate."""

    def __init__(self, step: int, learning_rate: float) -> None:
        super().__init__(f"the loss is not finite in step {step}, at a learning rate of {learning_rate:.3g}")


class PretrainingModule(pl.LightningModule):
    """View, encoders and objective as Lightning trains them.

    A view called like an encoder is encoded by that one; a single encoder encodes every view.

    Parameters
    ----------
    encoders, view, objective
        What is trained.
    optimiser
        Settings of AdamW and of the average of the weights.
    seed
        All chance in an epoch follows from it and the number of the epoch.
    """

    def __init__(
        self,
        *,
        encoders: Mapping[str, Encoder],
        view: View,
        objective: Objective,
        optimiser: OptimiserSettings,
        seed: int,
    ) -> None:
        super().__init__()
        self.encoders = nn.ModuleDict(dict(encoders))
        self.view = view
        self.objective = objective
        self.optimiser = optimiser
        self.seed = seed
        self.average = WeightAverage(self, optimiser.average_decay)
        self.epoch_values: dict[str, float] = {}
        self._chance = torch.Generator()
        self._sums: dict[str, float] = {}
        self._counts: dict[str, int] = {}

    def encode(self, batch: Any) -> tuple[dict[str, EncoderOutput], Mapping[str, Any]]:
        """The views of a batch and what the encoders make of them."""
        batches = self.view(batch, self._chance)
        return {name: self._encoder(name)(shown) for name, shown in batches.items()}, batches

    def _encoder(self, view: str) -> nn.Module:
        if view in self.encoders:
            return self.encoders[view]
        if len(self.encoders) == 1:
            return next(iter(self.encoders.values()))
        raise UsageError(f"no encoder has the name of the view, {view!r}; the encoders are {', '.join(self.encoders)}")

    def configure_optimizers(self) -> Any:
        """AdamW with weight decay on matrices only; the learning rate rises and falls over all steps of the run."""
        steps = int(self.trainer.estimated_stepping_batches)
        trained = [parameter for parameter in self.parameters() if parameter.requires_grad]
        groups = [
            {"params": [p for p in trained if p.ndim > 1], "weight_decay": self.optimiser.weight_decay},
            {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
        ]
        adam = torch.optim.AdamW(
            groups,
            lr=self.optimiser.learning_rate,
            eps=self.optimiser.epsilon,
            amsgrad=self.optimiser.amsgrad,
            foreach=True,
        )
        schedule = torch.optim.lr_scheduler.LambdaLR(
            adam,
            lambda step: rise_and_fall(step, steps, self.optimiser.warmup_share, self.optimiser.final_share),
        )
        return {"optimizer": adam, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def on_train_epoch_start(self) -> None:
        """Set all chance of this epoch."""
        state = np.random.SeedSequence([self.seed, self.current_epoch, self.global_rank]).generate_state(2)
        torch.manual_seed(int(state[0]))
        self._chance.manual_seed(int(state[1]))
        self._begin_values()

    def training_step(self, batch: Any, index: int) -> Tensor:
        """Loss of one batch."""
        parts = self.objective(*self.encode(batch))
        self._require_finite(parts["loss"])
        self._add({f"training {name}": value for name, value in parts.items()})
        return torch.as_tensor(parts["loss"])

    def on_train_batch_end(self, *_: Any) -> None:
        """Let the average of the weights follow."""
        self.average.follow(self.global_step)

    def on_validation_start(self) -> None:
        """Validate the averaged weights, on the same views and with the same chance in every epoch."""
        self._chance_of_training = torch.get_rng_state()
        torch.manual_seed(self.seed)
        self.average.swap()
        self.epoch_values |= self._means()
        self._begin_values()
        self._chance.manual_seed(self.seed)

    def validation_step(self, batch: Any, index: int) -> None:
        """Loss, its parts and the measures of the objective."""
        outputs, batches = self.encode(batch)
        parts = self.objective(outputs, batches)
        self._add({f"validation {name}": value.expand(len(batch)) for name, value in parts.items()})
        self._add(self.objective.measures(outputs, batches))

    def on_validation_epoch_end(self) -> None:
        """Means over all validation materials."""
        self.epoch_values |= self._means()
        self._require_finite(torch.tensor(self.epoch_values["validation loss"]))

    def on_validation_end(self) -> None:
        """Go on training the weights themselves."""
        self.average.swap()
        torch.set_rng_state(self._chance_of_training)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Store the average of the weights with them."""
        checkpoint["average"] = self.average.state()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Restore the average of the weights."""
        self.average.restore(checkpoint["average"])

    def _require_finite(self, loss: Tensor) -> None:
        if not bool(loss.isfinite()):
            rate = self.trainer.optimizers[0].param_groups[0]["lr"]
            raise NotFiniteError(self.global_step, rate)

    def _begin_values(self) -> None:
        self._sums, self._counts = {}, defaultdict(int)

    def _add(self, values: Mapping[str, Tensor]) -> None:
        for name, value in values.items():
            self._sums[name] = self._sums.get(name, 0.0) + value.detach().cpu().double().sum().item()
            self._counts[name] += value.numel()

    def _means(self) -> dict[str, float]:
        return {name: total / self._counts[name] for name, total in self._sums.items() if self._counts[name]}


def rise_and_fall(step: int, steps: int, warmup_share: float, final_share: float) -> float:
    """Factor of the learning rate: straight up to 1 during the first share of the steps, then half a cosine down."""
    warmup = max(1, round(steps * warmup_share))
    if step < warmup:
        return (step + 1) / warmup
    left = 0.5 * (1.0 + math.cos(math.pi * min(1.0, (step - warmup) / max(1, steps - warmup))))
    return final_share + (1.0 - final_share) * left
