"""Reactions as tensors: every molecule of a batch once, however many reactions it takes part in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from matscout.data.reactions.column_store import Reactions
from matscout.data.reactions.molecule_graphs import graph_of


@dataclass(frozen=True, eq=False)
class ReactionBatch:
    """n reactions between u molecules.

    Parameters
    ----------
    atoms
        int64 [a, 8], see :class:`matscout.data.reactions.molecule_graphs.Graph`.
    owners
        int64 [a], the molecule of each atom, ascending.
    ends, bonds
        int64 [2, e] and [e, 4], bonds in both directions.
    letters
        int64 [u, l], SMILES; -1 after their end.
    members
        int64 [m], molecules that take part, reaction by reaction.
    reactions
        int64 [m], the reaction of each.
    made
        bool [m], whether it is a product.
    size
        n.
    labels
        float32 [n, t], NaN where unknown; None if there are none.
    """

    atoms: Tensor
    owners: Tensor
    ends: Tensor
    bonds: Tensor
    letters: Tensor
    members: Tensor
    reactions: Tensor
    made: Tensor
    size: int
    labels: Tensor | None = None

    def __len__(self) -> int:
        return self.size

    def to(self, device: torch.device) -> Self:
        """The same batch on another device."""
        moved: dict[str, Any] = {
            name: value.to(device) for name, value in vars(self).items() if isinstance(value, Tensor)
        }
        return replace(self, **moved)

    def sums(self, molecules: Tensor) -> Tensor:
        """Sums over the molecules that go in and over those that come out, [u, w] -> [n, 2 w]."""
        width = molecules.shape[1]
        sums = molecules.new_zeros(2 * self.size, width)
        sums = sums.index_add(0, 2 * self.reactions + self.made.long(), molecules[self.members])
        return sums.view(self.size, 2 * width)


class ReactionStore:
    """N reactions, of which any rows become a batch.

    Parameters
    ----------
    reactions
        N reactions.
    labels
        float32 [N, t], NaN where unknown, or None.
    """

    def __init__(self, reactions: Reactions, labels: NDArray[np.float32] | None = None) -> None:
        self._reactions, self._labels = reactions, labels
        self._made = np.array([part.side == "product" for part in reactions.parts])

    def __len__(self) -> int:
        return len(self._reactions)

    def batch(self, rows: Sequence[int] | NDArray[np.int64]) -> ReactionBatch:
        """The batch of ``rows``, in their order."""
        rows = np.asarray(rows)
        chosen = self._reactions[rows]
        used, members = np.unique(chosen.members, return_inverse=True)
        graphs = [graph_of(str(chosen.molecules[place])) for place in used]
        starts = np.cumsum([0, *(len(graph.atoms) for graph in graphs)])
        letters = np.full((len(graphs), max(len(graph.letters) for graph in graphs)), -1, dtype=np.int64)
        for place, graph in enumerate(graphs):
            letters[place, : len(graph.letters)] = graph.letters
        arrays = (
            np.concatenate([graph.atoms for graph in graphs]),
            np.repeat(np.arange(len(graphs)), [len(graph.atoms) for graph in graphs]),
            np.concatenate([graph.ends + start for graph, start in zip(graphs, starts[:-1], strict=True)], axis=1),
            np.concatenate([graph.bonds for graph in graphs]),
            letters,
            members.astype(np.int64),
            chosen.rows.astype(np.int64),
            self._made[chosen.places],
        )
        labels = None if self._labels is None else torch.from_numpy(self._labels[rows])
        atoms, owners, ends, bonds, texts, parts, owned, made = map(torch.from_numpy, map(np.ascontiguousarray, arrays))
        return ReactionBatch(atoms, owners, ends, bonds, texts, parts, owned, made, len(rows), labels)
