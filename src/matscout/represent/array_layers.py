"""Layers of networks on NumPy arrays, with the weights that torch trained; equal to torch's within rounding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Singles = NDArray[np.float32]

_EPSILON = np.float32(1e-5)
"""What torch adds to a variance before it divides by its root."""
_TINY = np.finfo(np.float32).tiny


@dataclass(frozen=True, eq=False)
class ModuleWeights:
    """The weights of one module of a network, by their names in it.

    Parameters
    ----------
    arrays
        Those of the whole artefact, by their names in the file.
    prefix
        What the names of this module begin with; "" or with a dot at the end.
    """

    arrays: Mapping[str, NDArray[Any]]
    prefix: str = ""

    def within(self, name: str) -> ModuleWeights:
        """Those of a module in this one."""
        return ModuleWeights(self.arrays, f"{self.prefix}{name}.")

    def has(self, name: str) -> bool:
        """Whether there is such a weight or module."""
        start = f"{self.prefix}{name}"
        return any(key == start or key.startswith(f"{start}.") for key in self.arrays)

    def array(self, name: str) -> Singles:
        """A weight in single precision; raises ``KeyError`` if there is none."""
        return np.asarray(self.arrays[f"{self.prefix}{name}"], dtype=np.float32)

    def mask(self, name: str) -> NDArray[np.bool_]:
        """A buffer of yes or no, bool."""
        return np.asarray(self.arrays[f"{self.prefix}{name}"], dtype=np.bool_)

    def linear(self, name: str) -> LinearArrays:
        """A linear layer, with a bias or without."""
        inner = self.within(name)
        bias = inner.array("bias") if inner.has("bias") else None
        return LinearArrays(np.ascontiguousarray(inner.array("weight").T), bias)

    def norm(self, name: str) -> LayerNormArrays:
        """A layer normalisation."""
        inner = self.within(name)
        return LayerNormArrays(inner.array("weight"), inner.array("bias"))


@dataclass(frozen=True, eq=False)
class LinearArrays:
    """``x W + b`` with the weights float32 [inputs, outputs] and [outputs]."""

    weight: Singles
    bias: Singles | None

    def __call__(self, inputs: Singles) -> Singles:
        """[..., inputs] -> [..., outputs]."""
        # One large product is many times as fast as one for each material.
        outputs = inputs.reshape(-1, inputs.shape[-1]) @ self.weight
        if self.bias is not None:
            outputs += self.bias
        return outputs.reshape(*inputs.shape[:-1], self.weight.shape[1])


@dataclass(frozen=True, eq=False)
class LayerNormArrays:
    """The last axis with mean 0 and variance 1, then a factor and a shift, float32 [width]."""

    weight: Singles
    bias: Singles

    def __call__(self, inputs: Singles) -> Singles:
        """[..., width] -> [..., width]."""
        centred = inputs - inputs.mean(axis=-1, keepdims=True)
        variance = np.einsum("...i,...i->...", centred, centred) / np.float32(centred.shape[-1])
        centred *= (1 / np.sqrt(variance + _EPSILON))[..., None]
        centred *= self.weight
        centred += self.bias
        return np.asarray(centred)


def relu(values: Singles) -> Singles:
    """``max(x, 0)``."""
    return np.maximum(values, np.float32(0))


def leaky_relu(values: Singles) -> Singles:
    """``x``, or a hundredth of it below 0."""
    return np.asarray(np.maximum(values, np.float32(0.01) * values))


def prelu(values: Singles, slope: Singles) -> Singles:
    """``x``, or ``slope x`` below 0."""
    return np.where(values > 0, values, slope * values)


def elu(values: Singles) -> Singles:
    """``x``, or ``e^x - 1`` below 0."""
    return np.where(values > 0, values, np.expm1(np.minimum(values, np.float32(0))))


def sigmoid(values: Singles) -> Singles:
    """``1 / (1 + e^-x)``."""
    # 0 is what is meant where the exponential is too large.
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + np.exp(-values)))


def silu(values: Singles) -> Singles:
    """``x / (1 + e^-x)``."""
    return np.asarray(values * sigmoid(values))


def softplus(values: Singles) -> Singles:
    """``ln(1 + e^x)``."""
    return np.asarray(np.logaddexp(values, np.float32(0)))


def softmax(values: Singles, axis: int) -> Singles:
    """``e^x`` over their sum along an axis."""
    exponentials = np.exp(values - values.max(axis=axis, keepdims=True))
    exponentials /= exponentials.sum(axis=axis, keepdims=True)
    return np.asarray(exponentials)


def logarithms(fractions: Singles) -> Singles:
    """Natural logarithms, with that of the smallest normal number for 0."""
    return np.log(np.maximum(fractions, _TINY))
