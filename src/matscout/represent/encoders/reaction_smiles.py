"""Transformer over the characters of each SMILES, read at the first token; molecules of a reaction are summed."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from matscout.data.reactions.molecule_graphs import LETTERS, LONGEST
from matscout.errors import UsageError
from matscout.represent.base import Needs
from matscout.represent.trainable import Encoder, EncoderOutput


class ReactionSmiles(Encoder):
    """Letters and their places as vectors, ``layers`` layers of attention, the first place through a linear layer.

    J. Chen et al. (doi:10.1609/aaai.v38i8.28668). There the SMILES of the whole reaction is one text; here each
    molecule is read once and counts wherever it takes part, so that the order in which molecules are written means
    nothing. One half of the vector of a reaction is the sum over what goes in, the other that over what comes out.

    Parameters
    ----------
    width
        Length of the vector of a reaction, even.
    layers
        Of attention.
    heads
        Of each layer; they divide half the width.
    """

    needs: ClassVar[Needs] = "reaction"

    def __init__(self, width: int = 128, layers: int = 1, heads: int = 4) -> None:
        half = width // 2
        if width < 2 or width % 2 or layers < 1 or heads < 1 or half % heads:
            raise UsageError(
                f"reaction-smiles needs an even width, half of which heads divide, and layers of at least 1; got "
                f"{width=}, {layers=}, {heads=}"
            )
        super().__init__(width, layers=layers, heads=heads)
        self.letters = nn.Embedding(len(LETTERS) + 1, half)
        self.places = nn.Parameter(0.02 * torch.randn(LONGEST + 1, half))
        self.between = nn.ModuleList([_SmilesLayer(half, heads) for _ in range(layers)])
        self.last = nn.Sequential(nn.LayerNorm(half), nn.Linear(half, half))

    def forward(self, batch: Any) -> EncoderOutput:
        """Encode the n reactions of a :class:`~matscout.represent.reaction_batches.ReactionBatch`."""
        absent = batch.letters < 0
        tokens = self.letters(batch.letters.clamp_min(0)) + self.places[: batch.letters.shape[1]]
        for layer in self.between[:-1]:
            tokens = layer(tokens, tokens, absent)
        # Of the last layer only the first place is looked at.
        read = self.between[-1](tokens[:, :1], tokens, absent)[:, 0]
        return EncoderOutput(batch.sums(self.last(read)))


class _SmilesLayer(nn.Module):
    """Attention and two linear layers, each added to what came in."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.linear = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, asking: Tensor, tokens: Tensor, absent: Tensor) -> Tensor:
        """What the places that ask [u, q, w] make of all places [u, l, w]."""
        seen = self.before(tokens)
        attended, _ = self.attention(self.before(asking), seen, seen, key_padding_mask=absent, need_weights=False)
        asking = asking + attended
        return torch.as_tensor(asking + self.linear(self.after(asking)))
