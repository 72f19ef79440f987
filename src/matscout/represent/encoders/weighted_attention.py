"""Messages between the elements of a composition, weighted by fraction and attention, as in Roost.

R. E. A. Goodall, A. A. Lee, Nat. Commun. 11, 6280 (2020), doi:10.1038/s41467-020-19964-7. Differences: elements come
as properties from five tables; an element also sends a message to itself, so that pure elements need no special case;
the parts of a vector are weighted by attentions of their own instead of averaging over whole vectors.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from matscout.represent.composition_batches import CompositionBatch
from matscout.represent.composition_layers import CompositionEncoder, weighted_parts
from matscout.represent.trainable import EncoderOutput


class WeightedAttention(CompositionEncoder):
    """Tokens of elements, ``layers`` rounds of messages among them, one vector.

    Parameters
    ----------
    width
        Length of tokens and of the crystal vector; a multiple of ``heads``.
    layers
        Rounds of messages.
    heads
        Parts of a message that are weighted by attentions of their own.
    element_features
        See :class:`~matscout.represent.composition_layers.ElementTokens`.

    Raises
    ------
    ValueError
        If ``width`` is not a multiple of ``heads``.
    """

    def __init__(self, width: int = 128, layers: int = 3, heads: int = 4, element_features: int | None = None) -> None:
        super().__init__(width, element_features=element_features, layers=layers, heads=heads)
        self.rounds = nn.ModuleList([_AttentiveMessages(width, heads) for _ in range(layers)])
        self.norm = nn.LayerNorm(width)
        self.score = nn.Sequential(nn.Linear(width, width), nn.LeakyReLU(), nn.Linear(width, heads))
        self.value = nn.Sequential(nn.Linear(width, width), nn.LeakyReLU(), nn.Linear(width, width))

    def forward(self, batch: Any) -> EncoderOutput:
        """Encode the n compositions of a :class:`~matscout.represent.composition_batches.CompositionBatch`."""
        tokens = self.tokens(batch)
        for messages in self.rounds:
            tokens = messages(tokens, batch)
        tokens = self.norm(tokens)
        parts = zip(
            batch.rectangles(self.value(tokens)),
            batch.rectangles(self.score(tokens)),
            batch.rectangles(batch.fractions),
            strict=True,
        )
        pooled = [weighted_parts(value, _attention(score, share[..., None])) for value, score, share in parts]
        return EncoderOutput(torch.cat(pooled), sites=tokens)


class _AttentiveMessages(nn.Module):
    r"""One round: :math:`v_i \leftarrow v_i + \sum_j a_{ij} g(v_i, v_j)` with
    :math:`a_{ij} = x_j e^{f(v_i, v_j)} / \sum_k x_k e^{f(v_i, v_k)}`, x the atomic fraction (eq. 3-5 of Roost).

    f and g are networks with one hidden layer. Their first layers act on :math:`v_i` and :math:`v_j` apart, once for
    each element, and only their sum is made for each pair.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.receiver = nn.Linear(width, 2 * width)
        self.sender = nn.Linear(width, 2 * width, bias=False)
        self.score = nn.Linear(width, heads)
        self.message = nn.Linear(width, width)

    def forward(self, tokens: Tensor, batch: CompositionBatch) -> Tensor:
        """[tokens, width] -> [tokens, width]."""
        normed = self.norm(tokens)
        parts = zip(
            batch.rectangles(self.receiver(normed)),
            batch.rectangles(self.sender(normed)),
            batch.rectangles(batch.fractions),
            strict=True,
        )
        return tokens + torch.cat([self._receive(*part) for part in parts])

    def _receive(self, receivers: Tensor, senders: Tensor, fractions: Tensor) -> Tensor:
        """[n, k, 2 width] twice and [n, k] -> [n k, width]."""
        n, k = fractions.shape
        hidden = nn.functional.leaky_relu(receivers[:, :, None] + senders[:, None])
        for_score, for_message = hidden.view(n * k, k, -1).chunk(2, dim=-1)
        shares = fractions[:, None, :, None].expand(n, k, k, 1).reshape(n * k, k, 1)
        return weighted_parts(self.message(for_message), _attention(self.score(for_score), shares))


def _attention(scores: Tensor, fractions: Tensor) -> Tensor:
    """Softmax over the elements of scores [n, k, heads], each weighted by its fraction [n, k, 1]."""
    return (scores.float() + fractions.clamp_min(torch.finfo(torch.float32).tiny).log()).softmax(dim=1)
