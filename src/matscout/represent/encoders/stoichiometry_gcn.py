"""Graph convolutions over the elements, with jumping knowledge: the stoichiometry encoder of PolySRL."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from matscout.crystal.tables import elementembeddings_table
from matscout.data.elements import N_ELEMENTS
from matscout.errors import UsageError
from matscout.represent.base import Needs
from matscout.represent.composition_batches import CompositionBatch, joined
from matscout.represent.initial_weights import glorot
from matscout.represent.trainable import Encoder, EncoderOutput

TABLE = "matscholar-embedding.json"


class StoichiometryGcn(Encoder):
    r"""Elements as Matscholar's word vectors; ``layers`` rounds :math:`h_i \leftarrow h_i + ELU(W \frac{1}{k} \sum_j
    h_j + b)`; a linear layer on all of them side by side; the mean weighted by atomic fractions.

    N. Lee et al. (doi:10.48550/arXiv.2312.13289, eq. 9 and 10). In a graph of k elements, each joined to each and to
    itself, the normalised adjacency of a GCN is 1 / k everywhere. The authors' code weights by the amounts of the
    formula, so that Fe2O3 and Fe4O6 differ; here, as in the paper, by fractions.

    Parameters
    ----------
    width
        Length of all vectors. If it is not that of the word vectors, a linear layer comes first.
    layers
        Rounds.
    element_features
        Length of the element vectors. None takes Matscholar's; a number makes room for those of stored weights.
    """

    needs: ClassVar[Needs] = "composition"
    values: Tensor
    known: Tensor

    def __init__(self, width: int = 200, layers: int = 3, element_features: int | None = None) -> None:
        if min(width, layers) < 1:
            raise UsageError(f"stoichiometry-gcn needs a width and layers of at least 1; got {width=}, {layers=}")
        values, known = _matscholar() if element_features is None else _room(element_features)
        super().__init__(width, layers=layers, element_features=values.shape[1])
        self.register_buffer("values", values)
        self.register_buffer("known", known)
        same = width == values.shape[1]
        self.inward = nn.Identity() if same else nn.Linear(values.shape[1], width, bias=False)
        self.rounds = nn.ModuleList([nn.Linear(width, width) for _ in range(layers)])
        self.join = nn.Linear((layers + 1) * width, width)
        glorot(self)

    @property
    def listed(self) -> Tensor:
        """Elements that have a word vector."""
        return self.known

    def forward(self, batch: Any) -> EncoderOutput:
        """Encode the n compositions of a :class:`~matscout.represent.composition_batches.CompositionBatch`."""
        # An element that is hidden has no properties: zeros, after the last of the table.
        table = self.inward(functional.pad(self.values, (0, 0, 0, 1)))
        steps = [functional.embedding(batch.elements, table)]
        for one in self.rounds:
            # The same for all elements of a composition.
            message = functional.elu(one(_means(steps[-1], batch)))
            steps.append(steps[-1] + _spread(message, batch))
        tokens = self.join(torch.cat(steps, dim=1))
        return EncoderOutput(batch.sums(tokens * batch.fractions[:, None]), sites=tokens)


def _means(tokens: Tensor, batch: CompositionBatch) -> Tensor:
    """Mean over the elements of each composition, [tokens, width] -> [n, width]."""
    return joined([rectangle.mean(dim=1) for rectangle in batch.rectangles(tokens)], tokens)


def _spread(vectors: Tensor, batch: CompositionBatch) -> Tensor:
    """The vector of each composition once for each element, [n, width] -> [tokens, width]."""
    parts = torch.split_with_sizes(vectors, [count for count, _ in batch.blocks])
    repeated = [part.repeat_interleave(k, dim=0) for part, (_, k) in zip(parts, batch.blocks, strict=True)]
    return joined(repeated, vectors)


def _matscholar() -> tuple[Tensor, Tensor]:
    """Word vectors [118, 200], 0 where there is none, and of which elements there are some [118]."""
    values = torch.from_numpy(elementembeddings_table(TABLE).values.copy()).float()
    known = values.isfinite().all(dim=1)
    return torch.where(known[:, None], values, 0.0), known


def _room(features: int) -> tuple[Tensor, Tensor]:
    return torch.zeros(N_ELEMENTS, features), torch.zeros(N_ELEMENTS, dtype=torch.bool)
