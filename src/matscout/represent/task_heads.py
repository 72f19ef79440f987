"""The properties that a network learned, predicted from its vectors on arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from matscout.represent.array_layers import ModuleWeights, Singles, relu, sigmoid
from matscout.represent.tasks import Task

LARGEST_LOGARITHM = 80.0
"""Beyond, single precision has no numbers."""


class TaskHeads:
    """The heads of the objective ``multi-task``.

    Parameters
    ----------
    settings
        Arguments of its constructor, as an artefact states them.
    weights
        Its weights.
    """

    def __init__(self, settings: Mapping[str, Any], weights: ModuleWeights) -> None:
        self.tasks = tuple(Task(**task) for task in settings["tasks"])
        self._hidden, self._last = weights.linear("heads.1"), weights.linear("heads.3")
        self._yes_no = np.array([task.kind == "yes-no" for task in self.tasks])
        self._logarithmic = np.array([task.logarithmic for task in self.tasks])
        self._center = np.array([task.center for task in self.tasks], dtype=np.float32)
        self._scale = np.array([task.scale for task in self.tasks], dtype=np.float32)

    def predict(self, vectors: Singles) -> Singles:
        """Properties of materials from vectors, [n, d] -> [n, t]: in their units, or the probability of yes."""
        raw = self._last(relu(self._hidden(relu(vectors))))
        numbers = raw * self._scale + self._center
        powers = np.exp(np.minimum(numbers, np.float32(LARGEST_LOGARITHM)))
        return np.where(self._yes_no, sigmoid(raw), np.where(self._logarithmic, powers, numbers))
