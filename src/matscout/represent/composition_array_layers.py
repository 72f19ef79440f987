"""Layers that encoders of compositions share, on arrays: the twins of :mod:`matscout.represent.composition_layers`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.represent.array_layers import ModuleWeights, Singles, softmax

SMALLEST_FRACTION = 1e-6
"""Fractions below this are told apart no longer: a dopant of one in a million atoms."""


class ElementTokenArrays:
    """One token for each element of each composition."""

    def __init__(self, weights: ModuleWeights) -> None:
        self.listed = weights.mask("listed")
        self._by_element = weights.linear("from_element")(weights.array("values"))
        self._from_fraction = weights.linear("from_fraction")
        self._linear, self._logarithmic = (weights.array(f"waves.{name}") for name in ("linear", "logarithmic"))

    def __call__(self, elements: NDArray[np.int64], fractions: Singles) -> Singles:
        """[n, k] twice -> [n, k, width]."""
        decades = np.log10(np.maximum(fractions, np.float32(SMALLEST_FRACTION)))
        waves = (fractions[..., None] * self._linear, decades[..., None] * self._logarithmic)
        angles = np.concatenate(waves, axis=-1)
        tokens = self._from_fraction(np.concatenate([np.sin(angles), np.cos(angles)], axis=-1))
        tokens += self._by_element[elements]
        return tokens


class CrystalPoolingArrays:
    """Tokens to one vector: the mean weighted by fraction beside one whose weights are learnt, then a projection."""

    def __init__(self, weights: ModuleWeights) -> None:
        self._score, self._join = weights.linear("score"), weights.linear("join")

    def __call__(self, tokens: Singles, fractions: Singles) -> Singles:
        """[n, k, width] and [n, k] -> [n, width]."""
        by_fraction = (tokens * fractions[..., None]).sum(axis=1)
        learnt = weighted_parts(tokens, softmax(self._score(tokens), axis=1))
        return self._join(np.concatenate([by_fraction, learnt], axis=1))


def weighted_parts(tokens: Singles, weights: Singles) -> Singles:
    """[n, k, width] and [n, k, heads] -> [n, width]: each of ``heads`` parts of the tokens with its own weights."""
    n, k, width = tokens.shape
    parts = tokens.reshape(n, k, weights.shape[2], -1) * weights[..., None]
    return np.asarray(parts.sum(axis=1).reshape(n, width))
