"""One round of messages against equations 3-5 of Roost in plain loops."""

from __future__ import annotations

import math

import pytest
import torch

from matscout.data.compositions import Compositions
from matscout.represent.composition_batches import CompositionBatch
from matscout.represent.encoders.weighted_attention import WeightedAttention

WIDTH, HEADS = 8, 2


def loop_messages(layer: torch.nn.Module, tokens: torch.Tensor, fractions: list[float]) -> torch.Tensor:
    """v_i + sum over j of a_ij g(v_i, v_j), part by part, for the elements of one composition."""
    normed = layer.norm(tokens)
    received = []
    for i in range(len(tokens)):
        scores, messages = [], []
        for j in range(len(tokens)):
            both = layer.receiver(normed[i]) + layer.sender(normed[j])
            hidden = torch.where(both > 0, both, 0.01 * both)
            scores.append(layer.score(hidden[:WIDTH]))
            messages.append(layer.message(hidden[WIDTH:]))
        parts = []
        for head in range(HEADS):
            weights = [x * math.exp(score[head].item()) for x, score in zip(fractions, scores, strict=True)]
            part = slice(head * WIDTH // HEADS, (head + 1) * WIDTH // HEADS)
            terms = [w / sum(weights) * message[part] for w, message in zip(weights, messages, strict=True)]
            parts.append(torch.stack(terms).sum(dim=0))
        received.append(tokens[i] + torch.cat(parts))
    return torch.stack(received)


def test_a_round_is_the_equations():
    torch.manual_seed(0)
    encoder = WeightedAttention(width=WIDTH, layers=1, heads=HEADS)
    rows = [{"Fe": 1}, {"Fe": 2, "O": 3}, {"Ba": 0.999, "La": 0.001, "O": 3}]
    batch = CompositionBatch.from_compositions(Compositions.from_dicts(rows))
    tokens = encoder.tokens(batch).double()
    encoder.double()
    found = encoder.rounds[0](tokens, batch)
    lengths = [1, 2, 3]
    expected = [
        loop_messages(encoder.rounds[0], part, share.tolist())
        for part, share in zip(tokens.split(lengths), batch.fractions.split(lengths), strict=True)
    ]
    torch.testing.assert_close(found, torch.cat(expected), rtol=1e-5, atol=1e-6)


def test_heads_must_divide_the_width():
    with pytest.raises(ValueError, match="width 30 is not a multiple of heads 4"):
        WeightedAttention(width=30)
