"""The set transformer against torch's own transformer layer, one composition at a time."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from matscout.data.compositions import Compositions
from matscout.represent.composition_batches import CompositionBatch
from matscout.represent.encoders.set_transformer import SetTransformer

COMPOSITIONS = Compositions.from_dicts([{"Fe": 1}, {"Fe": 2, "O": 3}, {"Na": 1, "Cl": 1}, {"Ba": 1, "Ti": 1, "O": 3}])


def torch_layer(ours: nn.Module) -> nn.TransformerEncoderLayer:
    """The same weights in ``nn.TransformerEncoderLayer``."""
    layer = nn.TransformerEncoderLayer(16, 4, 64, dropout=0.0, batch_first=True, norm_first=True)
    norm, wide, _, narrow = ours.network
    pairs = [
        (layer.norm1, ours.before_attention), (layer.self_attn.out_proj, ours.after_attention),
        (layer.norm2, norm), (layer.linear1, wide), (layer.linear2, narrow),
    ]  # fmt: skip
    for theirs, own in pairs:
        theirs.load_state_dict(own.state_dict())
    layer.self_attn.in_proj_weight.data.copy_(ours.queries_keys_values.weight)
    layer.self_attn.in_proj_bias.data.copy_(ours.queries_keys_values.bias)
    return layer


def test_layers_are_those_of_torch():
    torch.manual_seed(0)
    encoder = SetTransformer(width=16, layers=2, heads=4)
    batch = CompositionBatch.from_compositions(COMPOSITIONS)
    tokens = encoder.tokens(batch)
    theirs = [torch_layer(layer) for layer in encoder.layers]
    start = 0
    for row, length in enumerate(COMPOSITIONS.lengths.tolist()):
        expected = tokens[None, start : start + length]
        for layer in theirs:
            expected = layer(expected)
        found = encoder(batch).sites[start : start + length]
        torch.testing.assert_close(found, encoder.norm(expected)[0], rtol=1e-5, atol=1e-5, msg=f"row {row}")
        start += length


def test_heads_must_divide_the_width():
    with pytest.raises(ValueError, match="width 30 is not a multiple of heads 4"):
        SetTransformer(width=30)


def test_half_precision_changes_little():
    torch.manual_seed(0)
    encoder = SetTransformer(width=32).eval()
    batch = CompositionBatch.from_compositions(COMPOSITIONS)
    with torch.inference_mode():
        exact = encoder(batch).crystal
        with torch.autocast("cpu", torch.bfloat16):
            rounded = encoder(batch).crystal
    assert float((rounded - exact).abs().max()) < 0.05
