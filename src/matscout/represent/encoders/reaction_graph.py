"""Message passing over the bonds of each molecule, then set2set; the molecules of a reaction are summed."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from matscout.data.reactions.molecule_graphs import ATOM_CHOICES, BOND_CHOICES
from matscout.errors import UsageError
from matscout.represent.base import Needs
from matscout.represent.trainable import Encoder, EncoderOutput

LOOKS = 2
"""Times that the pooling looks at the atoms."""


class ReactionGraph(Encoder):
    r"""``steps`` rounds :math:`m_i = \sum_j \frac{g(e_{ji}) \odot W h_j}{\sqrt{d_i d_j}}`, :math:`h_i \leftarrow
    GRU(relu(m_i), h_i)`, over bonds and with each atom as a neighbour of itself; set2set over the atoms of a molecule.

    J. Chen et al. (doi:10.1609/aaai.v38i8.28668); set2set: O. Vinyals et al. (doi:10.48550/arXiv.1511.06391). A bond
    weighs each component of a message by what it is. One half of the vector of a reaction is the sum over what goes in,
    the other that over what comes out.

    Parameters
    ----------
    width
        Length of the vector of a reaction, even.
    steps
        Rounds.
    """

    needs: ClassVar[Needs] = "reaction"

    def __init__(self, width: int = 128, steps: int = 3) -> None:
        if width < 2 or width % 2 or steps < 1:
            raise UsageError(f"reaction-graph needs an even width and steps of at least 1; got {width=}, {steps=}")
        super().__init__(width, steps=steps)
        half = width // 2
        self.steps = steps
        self.atoms = nn.ModuleList([nn.Embedding(choices, half) for choices in ATOM_CHOICES])
        self.bonds = nn.ModuleList([nn.Embedding(choices, half) for choices in BOND_CHOICES])
        self.itself = nn.Parameter(torch.zeros(half))
        self.message = nn.Linear(half, half)
        self.memory = nn.GRUCell(half, half)
        self.asking = nn.LSTMCell(2 * half, half)
        self.join = nn.Linear(2 * half, half)

    def forward(self, batch: Any) -> EncoderOutput:
        """Encode the n reactions of a :class:`~matscout.represent.reaction_batches.ReactionBatch`."""
        return EncoderOutput(batch.sums(self.molecules(batch)))

    def molecules(self, batch: Any) -> Tensor:
        """Vectors of the molecules, [u, width / 2]."""
        states = torch.relu(_looked_up(self.atoms, batch.atoms))
        gates = 1.0 + _looked_up(self.bonds, batch.bonds)
        start, end = batch.ends
        degrees = (torch.bincount(end, minlength=len(states)) + 1).to(states.dtype)
        share = (degrees[start] * degrees[end]).rsqrt()[:, None]
        for _ in range(self.steps):
            sent = self.message(states)
            messages = sent * (1.0 + self.itself) / degrees[:, None]
            messages = messages.index_add(0, end, gates * sent[start] * share)
            states = self.memory(torch.relu(messages), states)
        return self._pooled(states, batch)

    def _pooled(self, states: Tensor, batch: Any) -> Tensor:
        n, width = len(batch.letters), states.shape[1]
        query = states.new_zeros(n, 2 * width)
        memory: tuple[Tensor, Tensor] | None = None
        for _ in range(LOOKS):
            memory = self.asking(query, memory)
            fit = (states * memory[0][batch.owners]).sum(dim=1)
            highest = fit.new_full((n,), -torch.inf).scatter_reduce(0, batch.owners, fit, "amax")
            weights = (fit - highest.detach()[batch.owners]).exp()
            totals = weights.new_zeros(n).index_add(0, batch.owners, weights)
            answers = states.new_zeros(n, width).index_add(0, batch.owners, weights[:, None] * states)
            query = torch.cat([memory[0], answers / totals[:, None]], dim=1)
        return torch.as_tensor(self.join(query))


def _looked_up(tables: nn.ModuleList, choices: Tensor) -> Tensor:
    """Sum of the vectors of all properties, [k, p] -> [k, width]."""
    return torch.stack([table(choices[:, place]) for place, table in enumerate(tables)]).sum(dim=0)
