"""Self-attention over the elements of a composition, as in CrabNet.

A. Y.-T. Wang et al., npj Comput. Mater. 7, 77 (2021), doi:10.1038/s41524-021-00545-1; J. Lee et al., "Set
Transformer", ICML 2019. Differences: elements come as properties from five tables, so that an element seen rarely or
never is still placed among its neighbours; layers are normalised before they are added (doi:10.48550/arXiv.2002.04745);
nothing is padded.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from matscout.represent.composition_batches import CompositionBatch
from matscout.represent.composition_layers import CompositionEncoder, CrystalPooling
from matscout.represent.trainable import EncoderOutput


class SetTransformer(CompositionEncoder):
    """Tokens of elements, ``layers`` times self-attention among them, one vector.

    Parameters
    ----------
    width
        Length of tokens and of the crystal vector; a multiple of ``heads``.
    layers
        How often the elements look at each other.
    heads
        Parallel attentions in a layer.
    widening
        Hidden width of the network between attentions, as a multiple of ``width``.
    element_features
        See :class:`~matscout.represent.composition_layers.ElementTokens`.

    Raises
    ------
    ValueError
        If ``width`` is not a multiple of ``heads``.
    """

    def __init__(
        self, width: int = 128, layers: int = 3, heads: int = 4, widening: int = 4, element_features: int | None = None
    ) -> None:
        super().__init__(width, element_features=element_features, layers=layers, heads=heads, widening=widening)
        self.layers = nn.ModuleList([_SetLayer(width, heads, widening) for _ in range(layers)])
        self.norm = nn.LayerNorm(width)
        self.pooling = CrystalPooling(width, heads)

    def forward(self, batch: Any) -> EncoderOutput:
        """Encode the n compositions of a :class:`~matscout.represent.composition_batches.CompositionBatch`."""
        tokens = self.tokens(batch)
        for layer in self.layers:
            tokens = layer(tokens, batch)
        tokens = self.norm(tokens)
        return EncoderOutput(self.pooling(tokens, batch), sites=tokens)


class _SetLayer(nn.Module):
    """Attention among the elements of a composition, then a small network on each token; both are added."""

    def __init__(self, width: int, heads: int, widening: int) -> None:
        super().__init__()
        self.heads = heads
        self.before_attention = nn.LayerNorm(width)
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.after_attention = nn.Linear(width, width)
        self.network = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, widening * width), nn.ReLU(), nn.Linear(widening * width, width)
        )

    def forward(self, tokens: Tensor, batch: CompositionBatch) -> Tensor:
        """[tokens, width] -> [tokens, width]."""
        projected = self.queries_keys_values(self.before_attention(tokens))
        attended = torch.cat([self._attend(rectangle) for rectangle in batch.rectangles(projected)])
        tokens = tokens + self.after_attention(attended)
        return tokens + torch.as_tensor(self.network(tokens))

    def _attend(self, projected: Tensor) -> Tensor:
        """[n, k, 3 width] -> [n k, width]."""
        n, k, triple = projected.shape
        split = projected.float().view(n, k, 3, self.heads, triple // (3 * self.heads)).permute(2, 0, 3, 1, 4)
        # For sets of a few elements, attention in half precision is twice as slow on a CPU.
        with torch.autocast("cpu", enabled=False):
            attended = functional.scaled_dot_product_attention(split[0], split[1], split[2])
        return attended.transpose(1, 2).reshape(n * k, triple // 3)
