"""Many properties together, from labels with gaps: numbers by a robust loss, yes-no properties by cross entropy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from matscout.errors import UsageError
from matscout.represent.losses import cross_entropy_of_two, smooth_absolute, weighted_mean
from matscout.represent.task_heads import LARGEST_LOGARITHM
from matscout.represent.tasks import Task, describe_tasks
from matscout.represent.trainable import Corpus, EncoderOutput, Objective


class MultiTask(Objective):
    """One small network for all properties, on the crystal vector of every view.

    Parameters
    ----------
    width
        Length of the crystal vectors.
    tasks
        One mapping for each property, the fields of :class:`~matscout.represent.tasks.Task`.
    rounding
        Errors smaller than this share of the usual one are squared (``losses.smooth_absolute``).
    """

    yes_no: Tensor
    logarithmic: Tensor
    center: Tensor
    scale: Tensor
    weight: Tensor

    def __init__(self, width: int, tasks: Sequence[Mapping[str, Any]], rounding: float = 0.2) -> None:
        described = tuple(Task(**task) for task in tasks)
        super().__init__(width=width, tasks=[asdict(task) for task in described], rounding=rounding)
        self.tasks = described
        self.rounding = rounding
        self.heads = nn.Sequential(nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, len(self.tasks)))
        self._constant("yes_no", [task.kind == "yes-no" for task in self.tasks])
        self._constant("logarithmic", [task.logarithmic for task in self.tasks])
        self._constant("center", [task.center for task in self.tasks])
        self._constant("scale", [task.scale for task in self.tasks])
        self._constant("weight", [task.weight for task in self.tasks])

    @classmethod
    def for_corpus(
        cls,
        corpus: Corpus,
        rows: NDArray[np.int64],
        widths: Mapping[str, int],
        balance: float = 0.5,
        **settings: Any,
    ) -> Self:
        """Scales and weights from the labels of ``rows``; ``balance`` is that of ``tasks.describe_tasks``.

        Raises
        ------
        UsageError
            If the corpus has no labels, or the encoders differ in width.
        """
        if corpus.labels is None:
            raise UsageError("objective multi-task needs labels, but this corpus has none: choose another objective")
        if len(set(widths.values())) != 1:
            raise UsageError(f"objective multi-task needs encoders of one width; got {dict(widths)}")
        tasks = describe_tasks(corpus.label_names, corpus.labels[rows], balance)
        return cls(width=next(iter(widths.values())), tasks=[asdict(task) for task in tasks], **settings)

    def forward(self, outputs: Mapping[str, EncoderOutput], batches: Mapping[str, Any]) -> dict[str, Tensor]:
        """Weighted loss of all labels, and the share that numbers and yes-no properties have in it."""
        losses = [self._losses(output.crystal, batches[view].labels) for view, output in outputs.items()]
        numbers, yes_no = torch.stack([torch.stack(pair) for pair in losses]).mean(dim=0)
        parts = {"numbers": numbers, "yes-no": yes_no}
        return {"loss": parts["numbers"] + parts["yes-no"], **parts}

    def measures(self, outputs: Mapping[str, EncoderOutput], batches: Mapping[str, Any]) -> dict[str, Tensor]:
        """Absolute error of each number in its unit; 1 for each yes-no property that is right, 0 for each wrong one."""
        measures: dict[str, list[Tensor]] = {}
        for view, output in outputs.items():
            labels = batches[view].labels
            predicted = self.predict(output.crystal)
            for place, task in enumerate(self.tasks):
                known = ~labels[:, place].isnan()
                value, truth = predicted[known, place], labels[known, place]
                if task.kind == "yes-no":
                    measures.setdefault(f"accuracy {task.name}", []).append(((value > 0.5) == (truth > 0.5)).float())
                else:
                    measures.setdefault(f"MAE {task.name}", []).append((value - truth).abs())
        return {name: torch.cat(values) for name, values in measures.items()}

    def predict(self, crystal: Tensor) -> Tensor:
        """Properties of materials from crystal vectors, [n, d] -> [n, t]: in their units, or the probability of yes."""
        raw = self.heads(crystal).float()
        numbers = raw * self.scale + self.center
        numbers = torch.where(self.logarithmic, numbers.clamp(max=LARGEST_LOGARITHM).exp(), numbers)
        return torch.where(self.yes_no, raw.sigmoid(), numbers)

    def _losses(self, crystal: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        raw = self.heads(crystal).float()
        positive = torch.where(labels > 0, labels, torch.nan)  # what has no logarithm is as good as unknown
        targets = (torch.where(self.logarithmic, positive.log(), labels) - self.center) / self.scale
        numbers = smooth_absolute(raw, targets, self.rounding) * ~self.yes_no
        yes_no = cross_entropy_of_two(raw, torch.where(self.yes_no, labels, torch.nan)) * self.yes_no
        return weighted_mean(numbers, self.weight), weighted_mean(yes_no, self.weight)

    def _constant(self, name: str, values: Sequence[float]) -> None:
        self.register_buffer(name, torch.tensor(values), persistent=False)
