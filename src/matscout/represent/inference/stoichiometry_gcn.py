"""Graph convolutions over the elements of a composition, as trained by the encoder ``stoichiometry-gcn``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.represent.array_encoder import ArrayOutput, CompositionArrayEncoder
from matscout.represent.array_layers import ModuleWeights, Singles, elu


class StoichiometryGcnInference(CompositionArrayEncoder):
    """Elements as word vectors, rounds of messages that are one for all elements of a composition, a weighted mean."""

    def __init__(self, settings: Mapping[str, Any], weights: ModuleWeights) -> None:
        super().__init__(settings, weights)
        self._known, values = weights.mask("known"), weights.array("values")
        self._values = weights.linear("inward")(values) if weights.has("inward") else values
        self._rounds = [weights.linear(f"rounds.{place}") for place in range(settings["layers"])]
        self._join = weights.linear("join")

    @property
    def listed(self) -> NDArray[np.bool_]:
        """Elements that have a word vector."""
        return self._known

    def rectangle(self, elements: NDArray[np.int64], fractions: Singles) -> ArrayOutput:
        """Encode n compositions of k elements."""
        steps = [self._values[elements]]
        for one in self._rounds:
            message = elu(one(steps[-1].mean(axis=1)))
            steps.append(steps[-1] + message[:, None])
        tokens = self._join(np.concatenate(steps, axis=2))
        return ArrayOutput((tokens * fractions[..., None]).sum(axis=1), sites=tokens)
