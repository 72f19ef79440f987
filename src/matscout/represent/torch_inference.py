"""Encoders of other packages that have no form on arrays: encoded by torch."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from matscout import registry
from matscout.represent.array_encoder import ArrayEncoder, ArrayOutput, CompositionArrayEncoder, CrystalArrayEncoder
from matscout.represent.array_layers import ModuleWeights, Singles
from matscout.represent.composition_batches import CompositionBatch
from matscout.represent.crystal_arrays import CrystalArrays
from matscout.represent.crystal_batches import CrystalBatch
from matscout.represent.stored_module import StoredModule
from matscout.represent.trainable import Encoder

FAMILY = "encoders"


def encoder_by_torch(module: StoredModule, weights: ModuleWeights) -> ArrayEncoder:
    """An encoder of compositions or of crystals with its weights, in evaluation mode."""
    made: Encoder = registry.load_class(FAMILY, module.name)(**module.settings)
    own = {name: weights.arrays[f"{weights.prefix}{name}"] for name in made.state_dict()}
    made.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in own.items()})
    made.eval().requires_grad_(False)
    return _CompositionsByTorch(made) if made.needs == "composition" else _CrystalsByTorch(made)


class _CompositionsByTorch(CompositionArrayEncoder):
    """An encoder of compositions."""

    def __init__(self, encoder: Encoder) -> None:
        self.width, self._encoder = encoder.width, encoder

    @property
    def listed(self) -> NDArray[np.bool_]:
        return np.asarray(self._encoder.listed.numpy())

    def rectangle(self, elements: NDArray[np.int64], fractions: Singles) -> ArrayOutput:
        tokens, shares = torch.from_numpy(elements.reshape(-1)), torch.from_numpy(fractions.reshape(-1))
        n, k = elements.shape
        with torch.inference_mode():
            output = self._encoder(CompositionBatch(tokens, shares, ((n, k),)))
        spread = output.log_variance
        return ArrayOutput(output.crystal.numpy(), None if spread is None else spread.numpy())


class _CrystalsByTorch(CrystalArrayEncoder):
    """An encoder of crystals."""

    def __init__(self, encoder: Encoder) -> None:
        self.width, self._encoder = encoder.width, encoder

    @property
    def listed(self) -> NDArray[np.bool_]:
        return np.asarray(self._encoder.listed.numpy())

    def batch(self, crystals: CrystalArrays) -> Singles:
        with torch.inference_mode():
            return np.asarray(self._encoder(CrystalBatch.from_arrays(crystals)).crystal.numpy())
