"""Messages between the elements of a composition, as trained by the encoder ``weighted-attention``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.represent.array_encoder import ArrayOutput, CompositionArrayEncoder
from matscout.represent.array_layers import ModuleWeights, Singles, leaky_relu, logarithms, softmax
from matscout.represent.composition_array_layers import ElementTokenArrays, weighted_parts


class WeightedAttentionInference(CompositionArrayEncoder):
    """Tokens of elements, rounds of messages among them, one vector."""

    def __init__(self, settings: Mapping[str, Any], weights: ModuleWeights) -> None:
        super().__init__(settings, weights)
        self._tokens = ElementTokenArrays(weights.within("tokens"))
        self._rounds = [_AttentiveMessageArrays(weights.within(f"rounds.{at}")) for at in range(settings["layers"])]
        self._norm = weights.norm("norm")
        self._score = weights.linear("score.0"), weights.linear("score.2")
        self._value = weights.linear("value.0"), weights.linear("value.2")

    @property
    def listed(self) -> NDArray[np.bool_]:
        """Elements of which one of the element tables knows something."""
        return self._tokens.listed

    def rectangle(self, elements: NDArray[np.int64], fractions: Singles) -> ArrayOutput:
        """Encode n compositions of k elements."""
        tokens = self._tokens(elements, fractions)
        for messages in self._rounds:
            tokens = tokens + messages(tokens, fractions)
        tokens = self._norm(tokens)
        scores, values = (last(leaky_relu(first(tokens))) for first, last in (self._score, self._value))
        return ArrayOutput(weighted_parts(values, _attention(scores, fractions)), sites=tokens)


class _AttentiveMessageArrays:
    """What each element receives in one round."""

    def __init__(self, weights: ModuleWeights) -> None:
        self._norm = weights.norm("norm")
        self._receiver, self._sender = weights.linear("receiver"), weights.linear("sender")
        self._score, self._message = weights.linear("score"), weights.linear("message")

    def __call__(self, tokens: Singles, fractions: Singles) -> Singles:
        """[n, k, width] and [n, k] -> [n, k, width]."""
        normed = self._norm(tokens)
        n, k, width = normed.shape
        hidden = leaky_relu(self._receiver(normed)[:, :, None] + self._sender(normed)[:, None])
        for_score, for_message = (part.reshape(n * k, k, width) for part in np.split(hidden, 2, axis=-1))
        attention = _attention(self._score(for_score), np.repeat(fractions, k, axis=0))
        return weighted_parts(self._message(for_message), attention).reshape(n, k, width)


def _attention(scores: Singles, fractions: Singles) -> Singles:
    """Softmax over the elements of scores [n, k, heads], each weighted by its fraction [n, k]."""
    return softmax(scores + logarithms(fractions)[..., None], axis=1)
