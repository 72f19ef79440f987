"""Layers on arrays against those of torch, also far from 0."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from matscout.represent import array_layers
from matscout.represent.array_layers import ModuleWeights, logarithms, prelu, softmax

VALUES = np.concatenate([np.random.default_rng(0).normal(size=400) * 5, [0.0, -0.0, 120.0, -120.0, 1e-20]])
SINGLES = VALUES.astype(np.float32).reshape(-1, 5)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "sigmoid", "silu", "softplus"])
def test_activations_are_those_of_torch(name: str) -> None:
    expected = getattr(torch if name == "sigmoid" else functional, name)(torch.from_numpy(SINGLES)).numpy()
    given = getattr(array_layers, name)(SINGLES)
    assert given.dtype == np.float32
    np.testing.assert_allclose(given, expected, rtol=2e-6, atol=1e-7)


def test_prelu_softmax_and_logarithms() -> None:
    tensor, slope = torch.from_numpy(SINGLES), np.array([0.3], dtype=np.float32)
    np.testing.assert_allclose(prelu(SINGLES, slope), functional.prelu(tensor, torch.tensor([0.3])).numpy(), rtol=1e-6)
    for axis in (0, 1):
        np.testing.assert_allclose(softmax(SINGLES, axis), tensor.softmax(axis).numpy(), rtol=2e-6, atol=1e-12)
    fractions = np.array([0.0, 1e-6, 0.5, 1.0], dtype=np.float32)
    expected = torch.from_numpy(fractions).clamp_min(torch.finfo(torch.float32).tiny).log().numpy()
    np.testing.assert_allclose(logarithms(fractions), expected, rtol=1e-6)


def test_modules_find_their_weights_by_name_whatever_the_precision() -> None:
    torch.manual_seed(0)
    module = torch.nn.ModuleDict({"inner": torch.nn.Sequential(torch.nn.Linear(5, 7), torch.nn.LayerNorm(7))})
    bare = torch.nn.Linear(5, 3, bias=False)
    arrays = {name: weight.numpy() for name, weight in module.state_dict().items()} | {
        "bare.weight": bare.weight.detach().numpy()
    }
    weights = ModuleWeights(arrays)
    inner = weights.within("inner")
    given = inner.norm("1")(inner.linear("0")(SINGLES.reshape(-1, 3, 5)))
    with torch.inference_mode():
        expected = module["inner"](torch.from_numpy(SINGLES).reshape(-1, 3, 5)).numpy()
        np.testing.assert_allclose(given, expected, atol=2e-6)
        np.testing.assert_allclose(
            weights.linear("bare")(SINGLES), bare(torch.from_numpy(SINGLES)), rtol=1e-5, atol=1e-5
        )
    assert weights.linear("bare")(SINGLES[:0]).shape == (0, 3)
    assert (weights.has("bare"), weights.has("inner.0"), weights.has("inn")) == (True, True, False)
    half = ModuleWeights({"a": np.ones(2, dtype=np.float16), "b": np.array([1, 0], dtype=np.float16)})
    assert half.array("a").dtype == np.float32
    assert half.mask("b").tolist() == [True, False]
    with pytest.raises(KeyError):
        half.linear("c")
