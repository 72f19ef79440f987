"""Layers that composition encoders share: elements with their fractions to tokens, tokens to one vector."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from matscout.data.elements import N_ELEMENTS
from matscout.represent.base import Needs
from matscout.represent.composition_array_layers import SMALLEST_FRACTION
from matscout.represent.composition_batches import CompositionBatch
from matscout.represent.element_vectors import element_vectors
from matscout.represent.trainable import Encoder


class FractionWaves(nn.Module):
    """Fractions on a linear and a logarithmic grid, as sines and cosines of many wavelengths, [tokens, 4 w].

    The linear waves (from 2 down to 0.02) tell Fe2O3 from Fe3O4, the logarithmic ones (from 12 decades down to half a
    decade) a dopant of 0.001 from one of 0.01. After CrabNet (doi:10.1038/s41524-021-00545-1), which rounds to grids;
    waves need no rounding.
    """

    linear: Tensor
    logarithmic: Tensor

    def __init__(self, waves: int) -> None:
        super().__init__()
        self.size = 4 * waves
        self.register_buffer("linear", 2 * math.pi / torch.logspace(math.log10(2.0), math.log10(0.02), waves))
        self.register_buffer("logarithmic", 2 * math.pi / torch.logspace(math.log10(12.0), math.log10(0.5), waves))

    def forward(self, fractions: Tensor) -> Tensor:
        """[tokens] -> [tokens, size]."""
        decades = fractions.clamp_min(SMALLEST_FRACTION).log10()
        angles = torch.cat([fractions[:, None] * self.linear, decades[:, None] * self.logarithmic], dim=1)
        return torch.cat([angles.sin(), angles.cos()], dim=1)


class ElementTokens(nn.Module):
    """One token for each element of each composition: a projection of what is known of the element and its fraction.

    Parameters
    ----------
    width
        Length of a token.
    element_features
        Length of the element vectors. None takes them from :func:`matscout.represent.element_vectors`; a number makes
        room for those that stored weights bring along.
    """

    values: Tensor
    listed: Tensor

    def __init__(self, width: int, element_features: int | None = None, waves: int = 16) -> None:
        super().__init__()
        if element_features is None:
            vectors = element_vectors()
            values, listed = torch.from_numpy(vectors.values.copy()), torch.from_numpy(vectors.listed.copy())
        else:
            values, listed = torch.zeros(N_ELEMENTS, element_features), torch.zeros(N_ELEMENTS, dtype=torch.bool)
        self.register_buffer("values", values)
        self.register_buffer("listed", listed)
        self.waves = FractionWaves(waves)
        self.from_element = nn.Linear(values.shape[1], width)
        self.from_fraction = nn.Linear(self.waves.size, width)

    @property
    def element_features(self) -> int:
        """Length of the element vectors."""
        return self.from_element.in_features

    def forward(self, batch: CompositionBatch) -> Tensor:
        """[tokens, width]."""
        # The long element vectors are projected once for each element, not for each token. A hidden element, after the
        # last one, has no properties.
        by_element = self.from_element(functional.pad(self.values, (0, 0, 0, 1)))
        return functional.embedding(batch.elements, by_element) + torch.as_tensor(
            self.from_fraction(self.waves(batch.fractions))
        )


class CompositionEncoder(Encoder):
    """What encoders of compositions share: tokens of elements, and which elements they know.

    Parameters
    ----------
    width
        Length of tokens and of the crystal vector; a multiple of ``heads``, if there are any.
    element_features
        See :class:`ElementTokens`.
    settings
        All other arguments of the constructor, so that stored weights can build the encoder again.

    Raises
    ------
    ValueError
        If ``width`` is not a multiple of ``heads``.
    """

    needs: ClassVar[Needs] = "composition"

    def __init__(self, width: int, *, element_features: int | None, **settings: Any) -> None:
        heads = settings.get("heads", 1)
        if width % heads:
            raise ValueError(f"width {width} is not a multiple of heads {heads}")
        tokens = ElementTokens(width, element_features)
        super().__init__(width, element_features=tokens.element_features, **settings)
        self.tokens = tokens

    @property
    def listed(self) -> Tensor:
        """Elements of which one of the element tables knows something."""
        return self.tokens.listed


class CrystalPooling(nn.Module):
    """Tokens to one vector: the mean weighted by fraction beside one whose weights are learnt, then a projection.

    The learnt weights are a softmax over the elements, one for each of ``heads`` parts of the token, so that a dopant
    may count for more than its share of atoms.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.score = nn.Linear(width, heads)
        self.join = nn.Linear(2 * width, width)

    def forward(self, tokens: Tensor, batch: CompositionBatch) -> Tensor:
        """[tokens, width] -> [n, width]."""
        by_fraction = batch.sums(tokens * batch.fractions[:, None])
        scores = batch.rectangles(self.score(tokens))
        learnt = [
            weighted_parts(rectangle, score.softmax(dim=1))
            for rectangle, score in zip(batch.rectangles(tokens), scores, strict=True)
        ]
        return torch.as_tensor(self.join(torch.cat([by_fraction, torch.cat(learnt)], dim=1)))


def weighted_parts(tokens: Tensor, weights: Tensor) -> Tensor:
    """[n, k, width] and [n, k, heads] -> [n, width]: each of ``heads`` parts of the tokens with its own weights."""
    n, k, width = tokens.shape
    parts = tokens.view(n, k, weights.shape[2], -1)
    return (parts * weights[..., None]).sum(dim=1).view(n, width)
