"""Encoders on NumPy arrays: what turns materials into vectors once a network is trained, without torch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.data.compositions import Compositions
from matscout.represent.array_layers import ModuleWeights, Singles
from matscout.represent.base import Needs
from matscout.represent.composition_arrays import CompositionArrays, length_buckets

if TYPE_CHECKING:
    from matscout.represent.crystal_arrays import CrystalArrays
    from matscout.represent.crystal_store import CrystalStore

FAMILY = "inference"
"""Of plug-ins that encode without torch, named like the encoders whose weights they take."""
TOKENS_AT_ONCE = 1024
"""Elements that are encoded at once: their vectors fit the cache of a core."""
PAIRS_AT_ONCE = 2048
"""Pairs of a site and a neighbour, likewise."""


@dataclass(frozen=True, eq=False)
class ArrayOutput:
    """What an encoder says of n materials; what it cannot give is None.

    Parameters
    ----------
    vectors
        [n, width].
    log_variance
        [n, width], how sure it is of each component.
    sites
        One vector for each element, [n, k, width], of n compositions of k elements.
    """

    vectors: Singles
    log_variance: Singles | None = None
    sites: Singles | None = None


class ArrayEncoder(ABC):
    """The forward pass of an encoder, with its trained weights.

    A subclass lives in ``represent/inference/`` in a file called like the encoder that torch trains.

    Parameters
    ----------
    settings
        Arguments of the constructor of that encoder, as its artefact states them.
    weights
        Its weights.

    Raises
    ------
    KeyError
        If a weight or a setting is missing.
    """

    needs: ClassVar[Needs] = "composition"

    def __init__(self, settings: Mapping[str, Any], weights: ModuleWeights) -> None:
        self.width = int(settings["width"])

    @property
    @abstractmethod
    def listed(self) -> NDArray[np.bool_]:
        """Which elements it can encode, bool [118], by atomic number - 1."""


class CompositionArrayEncoder(ArrayEncoder):
    """An encoder of compositions."""

    @abstractmethod
    def rectangle(self, elements: NDArray[np.int64], fractions: Singles) -> ArrayOutput:
        """Encode n compositions of k elements.

        Parameters
        ----------
        elements
            [n, k], atomic number - 1.
        fractions
            [n, k], atomic fractions.
        """

    def encode(self, compositions: Compositions) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """Vectors [n, width] and means of the logarithms of their variances [n], if there are some."""
        vectors, spread = np.empty((len(compositions), self.width)), np.empty(len(compositions))
        sure = True
        for rows in length_buckets(compositions, TOKENS_AT_ONCE):
            batch = CompositionArrays.from_compositions(compositions[rows])
            shape = batch.blocks[0]
            output = self.rectangle(batch.elements.reshape(shape), batch.fractions.reshape(shape))
            vectors[rows] = output.vectors
            if output.log_variance is not None:
                spread[rows], sure = output.log_variance.mean(axis=1), False
        return vectors, None if sure and len(compositions) else spread


class CrystalArrayEncoder(ArrayEncoder):
    """An encoder of crystals."""

    needs: ClassVar[Needs] = "structure"

    @abstractmethod
    def batch(self, crystals: CrystalArrays) -> Singles:
        """Vectors of n crystals, [n, width]."""

    def encode(self, store: CrystalStore) -> NDArray[np.float64]:
        """Vectors of all crystals of a store, [n, width]."""
        vectors = np.empty((len(store), self.width))
        for rows in store.parts(PAIRS_AT_ONCE):
            vectors[rows] = self.batch(store.arrays_of(rows))
        return vectors
