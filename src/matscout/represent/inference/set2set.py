"""A composition as a normal distribution by two attention poolings, as trained by the encoder ``set2set``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout import registry
from matscout.represent.array_encoder import FAMILY, ArrayOutput, CompositionArrayEncoder
from matscout.represent.array_layers import ModuleWeights, Singles, sigmoid, softmax

STEPS = 2
"""Times that a pooling looks at the elements."""
_SHORTEST = 1e-12
"""What a norm is at least before a vector is divided by it."""


class Set2setInference(CompositionArrayEncoder):
    """Means and logarithms of variances of what another encoder makes of the elements."""

    def __init__(self, settings: Mapping[str, Any], weights: ModuleWeights) -> None:
        super().__init__(settings, weights)
        inner = {"width": self.width, **(settings["settings"] or {})}
        self._encoder: CompositionArrayEncoder = registry.load_class(FAMILY, settings["of"])(
            inner, weights.within("encoder")
        )
        self._normalised = settings["normalised"]
        self._mean = _PoolingArrays(weights.within("mean"))
        self._log_variance = _PoolingArrays(weights.within("log_variance")) if weights.has("log_variance") else None

    @property
    def listed(self) -> NDArray[np.bool_]:
        """What the encoder within knows."""
        return self._encoder.listed

    def rectangle(self, elements: NDArray[np.int64], fractions: Singles) -> ArrayOutput:
        """Encode n compositions of k elements."""
        encoded = self._encoder.rectangle(elements, fractions)
        assert encoded.sites is not None
        weighted = encoded.sites * fractions[..., None]
        mean = self._mean(weighted) + encoded.vectors
        if self._normalised:
            mean /= np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), np.float32(_SHORTEST))
        spread = None if self._log_variance is None else self._log_variance(weighted) + encoded.vectors
        return ArrayOutput(mean, spread, sites=encoded.sites)


class _PoolingArrays:
    """A memory asks, the elements answer."""

    def __init__(self, weights: ModuleWeights) -> None:
        memory = weights.within("memory")
        self._from_query, self._from_state = (memory.array(f"weight_{name}").T for name in ("ih", "hh"))
        self._bias = memory.array("bias_ih") + memory.array("bias_hh")
        self._join = weights.linear("join")

    def __call__(self, tokens: Singles) -> Singles:
        """[n, k, width] -> [n, width]."""
        n, _, width = tokens.shape
        query = np.zeros((n, 2 * width), dtype=np.float32)
        state, cell = np.zeros((2, n, width), dtype=np.float32)
        for _ in range(STEPS):
            state, cell = self._remembered(query, state, cell)
            query = np.concatenate([state, _answers(state, tokens)], axis=1)
        return self._join(query)

    def _remembered(self, query: Singles, state: Singles, cell: Singles) -> tuple[Singles, Singles]:
        """One step of a long short-term memory: its new state and cell, [n, width] each."""
        gates = query @ self._from_query + state @ self._from_state + self._bias
        let_in, keep, content, show = np.split(gates, 4, axis=1)
        cell = sigmoid(keep) * cell + sigmoid(let_in) * np.tanh(content)
        return sigmoid(show) * np.tanh(cell), cell


def _answers(questions: Singles, tokens: Singles) -> Singles:
    """For each composition the mean of its elements, weighted by how well they fit the question, [n, width]."""
    fit = softmax((tokens @ questions[..., None])[..., 0], axis=1)
    return (fit[:, None] @ tokens)[:, 0]
