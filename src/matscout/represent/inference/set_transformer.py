"""Self-attention over the elements of a composition, as trained by the encoder ``set-transformer``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.represent.array_encoder import ArrayOutput, CompositionArrayEncoder
from matscout.represent.array_layers import ModuleWeights, Singles, relu, softmax
from matscout.represent.composition_array_layers import CrystalPoolingArrays, ElementTokenArrays


class SetTransformerInference(CompositionArrayEncoder):
    """Tokens of elements, layers of self-attention among them, one vector."""

    def __init__(self, settings: Mapping[str, Any], weights: ModuleWeights) -> None:
        super().__init__(settings, weights)
        self._tokens = ElementTokenArrays(weights.within("tokens"))
        self._layers = [
            _SetLayerArrays(weights.within(f"layers.{layer}"), settings["heads"]) for layer in range(settings["layers"])
        ]
        self._norm = weights.norm("norm")
        self._pooling = CrystalPoolingArrays(weights.within("pooling"))

    @property
    def listed(self) -> NDArray[np.bool_]:
        """Elements of which one of the element tables knows something."""
        return self._tokens.listed

    def rectangle(self, elements: NDArray[np.int64], fractions: Singles) -> ArrayOutput:
        """Encode n compositions of k elements."""
        tokens = self._tokens(elements, fractions)
        for layer in self._layers:
            tokens = layer(tokens)
        tokens = self._norm(tokens)
        return ArrayOutput(self._pooling(tokens, fractions), sites=tokens)


class _SetLayerArrays:
    """Attention among the elements of a composition, then a small network on each token; both are added."""

    def __init__(self, weights: ModuleWeights, heads: int) -> None:
        self._heads = heads
        self._before_attention = weights.norm("before_attention")
        self._queries_keys_values = weights.linear("queries_keys_values")
        self._after_attention = weights.linear("after_attention")
        self._before_network = weights.norm("network.0")
        self._widened, self._narrowed = weights.linear("network.1"), weights.linear("network.3")

    def __call__(self, tokens: Singles) -> Singles:
        """[n, k, width] -> [n, k, width]."""
        projected = self._queries_keys_values(self._before_attention(tokens))
        tokens = tokens + self._after_attention(self._attended(projected))
        tokens += self._narrowed(relu(self._widened(self._before_network(tokens))))
        return tokens

    def _attended(self, projected: Singles) -> Singles:
        """[n, k, 3 width] -> [n, k, width]."""
        n, k, triple = projected.shape
        each = triple // (3 * self._heads)
        queries, keys, values = projected.reshape(n, k, 3, self._heads, each).transpose(2, 0, 3, 1, 4)
        scores = queries @ keys.swapaxes(-1, -2)
        scores *= np.float32(each**-0.5)
        attended = softmax(scores, axis=-1) @ values
        return np.asarray(attended.transpose(0, 2, 1, 3).reshape(n, k, triple // 3))
