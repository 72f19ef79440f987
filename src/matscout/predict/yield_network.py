"""A network of reactions that tells a yield and how sure it is: graphs, SMILES and descriptors side by side.

J. Chen et al. 2024 (UAM, doi:10.1609/aaai.v38i8.28668). Descriptors and conditions go through a sparse mixture of
experts (N. Shazeer et al., doi:10.48550/arXiv.1701.06538); all is put side by side; a head tells mean and variance.

Differences: what goes in, agents with reactants, is summed to one vector beside that of the product; a layer
normalisation follows where all is side by side; encoders that were pretrained go on learning, at the rate of the rest.
It trains on the processor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from matscout.data.reactions.column_store import Reactions
from matscout.errors import InputError
from matscout.predict.states import State
from matscout.registry import load_class
from matscout.represent.reaction_batches import ReactionBatch, ReactionStore

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BATCH = 256
LEARNING_RATE = 3e-3
PENALTY = 1e-2
BALANCE = 0.1
"""What the loss that balances the experts counts (lambda)."""
WARMUP = 0.1
"""Share of the steps over which the learning rate rises."""
CLIP = 5.0
ROWS_AT_ONCE = 256
LEAST_LOG_VARIANCE, MOST_LOG_VARIANCE = -8.0, 4.0
"""Of standardised yields: beyond, a single row that is hit exactly would rule the loss."""


@dataclass(frozen=True)
class YieldShape:
    """What a network is made of; the switches are those of the paper's ablations.

    Parameters
    ----------
    inputs
        Descriptors and conditions.
    graph, smiles, descriptors
        Whether it sees these.
    mixture
        Experts with a gate, or one network for the descriptors.
    balanced
        Whether the experts are to be used equally.
    variance
        Whether it tells a variance; else it learns the squared error.
    width
        Of the vector of a reaction from graphs, and from SMILES.
    experts, chosen
        Experts, and how many of them the gate opens.
    hidden
        Of experts and head.
    dropout
        Share of the head's units that is dropped.
    """

    inputs: int
    graph: bool = True
    smiles: bool = True
    descriptors: bool = True
    mixture: bool = True
    balanced: bool = True
    variance: bool = True
    width: int = 128
    experts: int = 6
    chosen: int = 2
    hidden: int = 256
    dropout: float = 0.2


@dataclass(frozen=True, eq=False)
class YieldOutput:
    """Mean and logarithm of the variance, both [n], and how unequally the experts were used."""

    mean: Tensor
    log_variance: Tensor
    imbalance: Tensor


class SparseExperts(nn.Module):
    """``sum_i G(x)_i E_i(x)``: only the ``chosen`` largest G are not 0, and are a softmax among themselves."""

    def __init__(self, shape: YieldShape) -> None:
        super().__init__()
        self.chosen = shape.chosen
        self.gate = nn.Linear(shape.inputs, shape.experts)
        self.first = nn.Linear(shape.inputs, shape.experts * shape.hidden)
        self.second = nn.Parameter(torch.randn(shape.experts, shape.hidden, shape.hidden) * shape.hidden**-0.5)

    def shares(self, inputs: Tensor) -> Tensor:
        """G, [n, experts]."""
        best = self.gate(inputs).topk(self.chosen, dim=1)
        return torch.zeros_like(self.gate.bias).repeat(len(inputs), 1).scatter(1, best.indices, best.values.softmax(1))

    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """What the experts tell, [n, hidden], and the squared coefficient of variation of how much each is used."""
        shares = self.shares(inputs)
        hidden = torch.relu(self.first(inputs)).view(len(inputs), len(self.second), -1)
        expert_outputs = torch.einsum("neh,ehk->nek", hidden, self.second)
        used = shares.sum(dim=0)
        return torch.einsum("ne,nek->nk", shares, expert_outputs), used.var(correction=0) / used.mean().square()


class YieldNetwork(nn.Module):
    """One network.

    Parameters
    ----------
    shape
        What it is made of.
    """

    def __init__(self, shape: YieldShape) -> None:
        super().__init__()
        self.shape = shape
        self.graph = load_class("encoders", "reaction-graph")(width=shape.width) if shape.graph else None
        self.smiles = load_class("encoders", "reaction-smiles")(width=shape.width) if shape.smiles else None
        self.experts = SparseExperts(shape) if shape.descriptors and shape.mixture else None
        plain = nn.Sequential(nn.Linear(shape.inputs, shape.hidden), nn.ReLU(), nn.Linear(shape.hidden, shape.hidden))
        self.plain = plain if shape.descriptors and not shape.mixture else None
        head_width = shape.width * (shape.graph + shape.smiles) + shape.hidden * shape.descriptors
        self.even = nn.LayerNorm(head_width)
        self.first = nn.Linear(head_width, shape.hidden)
        self.second = nn.Linear(shape.hidden, shape.hidden)
        self.last = nn.Linear(shape.hidden, 2)

    def forward(self, batch: ReactionBatch, inputs: Tensor) -> YieldOutput:
        """Tell the standardised yields of n reactions from them and their inputs [n, d], standardised."""
        return self.head(*self.encode(batch, inputs))

    def encode(self, batch: ReactionBatch, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """All that is seen, side by side [n, w], and how unequally the experts were used."""
        parts = [encoder(batch).crystal for encoder in (self.graph, self.smiles) if encoder is not None]
        imbalance = inputs.new_zeros(())
        if self.experts is not None:
            mixed, imbalance = self.experts(inputs)
            parts.append(mixed)
        if self.plain is not None:
            parts.append(self.plain(inputs))
        return self.even(torch.cat(parts, dim=1)), imbalance

    def head(self, hidden: Tensor, imbalance: Tensor, masks: Tensor | None = None) -> YieldOutput:
        """Mean and variance from what was seen.

        Parameters
        ----------
        told, imbalance
            From :meth:`encode`.
        masks
            [2, hidden], what of the two layers stays, scaled so that its mean is 1; drawn anew for every reaction while
            it trains, all of it if None otherwise.
        """
        for place, layer in enumerate((self.first, self.second)):
            hidden = torch.relu(layer(hidden))
            if self.training:
                hidden = nn.functional.dropout(hidden, self.shape.dropout)
            elif masks is not None:
                hidden = hidden * masks[place]
        mean, log_variance = self.last(hidden).unbind(dim=1)
        if not self.shape.variance:
            log_variance = torch.zeros_like(log_variance)
        return YieldOutput(mean, log_variance.clamp(LEAST_LOG_VARIANCE, MOST_LOG_VARIANCE), imbalance)


@dataclass(frozen=True, eq=False)
class YieldLesson:
    """What a network learns from: reactions, inputs [n, d], standardised yields [n], and what each row counts [n]."""

    reactions: Reactions
    inputs: Floats
    values: Floats
    weights: Floats

    def part(self, rows: Ints) -> YieldLesson:
        """Some of the rows."""
        return replace(
            self,
            reactions=self.reactions[rows],
            inputs=self.inputs[rows],
            values=self.values[rows],
            weights=self.weights[rows],
        )


def loss_of(output: YieldOutput, values: Tensor, weights: Tensor, shape: YieldShape) -> Tensor:
    """L_u + lambda L_r: mean of (y - mu)^2 / sigma^2 + ln sigma^2, and the imbalance of the experts."""
    errors = (values - output.mean).square() * torch.exp(-output.log_variance) + output.log_variance
    loss = (weights * errors).mean()
    return loss + BALANCE * output.imbalance if shape.balanced else loss


def train(
    shape: YieldShape, lesson: YieldLesson, *, steps: int, seed: int, start: Mapping[str, Tensor] | None = None
) -> YieldNetwork:
    """Train one network on all rows of a lesson.

    Parameters
    ----------
    shape, lesson
        What it is made of, and what from it learns.
    steps
        So many batches.
    seed
        Of first weights, order and dropout.
    start
        Weights of encoders that have learned without labels, by their names here.

    Raises
    ------
    InputError
        If the loss becomes infinite.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = YieldNetwork(shape)
        if start:
            network.load_state_dict(dict(start), strict=False)
        store = ReactionStore(lesson.reactions)
        inputs, values, weights = (
            torch.from_numpy(one).float() for one in (lesson.inputs, lesson.values, lesson.weights)
        )
        optimiser = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=PENALTY, fused=True)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, LEARNING_RATE, total_steps=steps, pct_start=WARMUP, cycle_momentum=False
        )
        for rows in _batches(len(values), steps):
            optimiser.zero_grad()
            output = network(store.batch(rows.numpy()), inputs[rows])
            loss = loss_of(output, values[rows], weights[rows], shape)
            if not bool(loss.isfinite()):
                raise InputError("the loss of the network is no longer a number: check the labels for outliers")
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(network.parameters(), CLIP)
            optimiser.step()
            schedule.step()
    return network


def _batches(n: int, steps: int) -> list[Tensor]:
    """Rows of so many batches, all rows once before any comes again."""
    size = min(BATCH, n)
    drawn: list[Tensor] = []
    while len(drawn) < steps:
        drawn += list(torch.randperm(n)[: n // size * size].view(-1, size))
    return drawn[:steps]


@dataclass(frozen=True, eq=False)
class Spread:
    """What k networks say of m reactions, each p times with other units dropped.

    Parameters
    ----------
    means
        float64 [k, p, m].
    variances
        float64 [k, p, m], what each takes for noise.
    """

    means: Floats
    variances: Floats


class TrainedYields:
    """k networks that have learned.

    Parameters
    ----------
    networks
        All of one shape.
    passes, seed
        How often units are dropped in each, and the seed of which.
    """

    def __init__(self, networks: list[YieldNetwork], *, passes: int = 16, seed: int = 0) -> None:
        # In double precision what is told of a reaction does not depend on the others of its batch.
        self._networks = [network.eval().requires_grad_(False).double() for network in networks]
        self._passes, self._seed = passes, seed

    def __len__(self) -> int:
        return len(self._networks)

    def say(self, reactions: Reactions, inputs: Floats) -> Spread:
        """What they say."""
        store, masks, outputs = ReactionStore(reactions), self._masks(), []
        for start in range(0, len(reactions), ROWS_AT_ONCE):
            rows = np.arange(start, min(start + ROWS_AT_ONCE, len(reactions)))
            batch, batch_inputs = store.batch(rows), torch.from_numpy(inputs[rows])
            with torch.inference_mode():
                outputs.append(
                    torch.stack([_passes(network, batch, batch_inputs, masks) for network in self._networks])
                )
        both = torch.cat(outputs, dim=3).numpy()
        return Spread(both[:, :, 0], both[:, :, 1])

    def _masks(self) -> Tensor:
        shape = self._networks[0].shape
        generator = torch.Generator().manual_seed(self._seed)
        drawn = torch.rand(self._passes, 2, shape.hidden, generator=generator, dtype=torch.float64)
        return (drawn >= shape.dropout) / (1.0 - shape.dropout)

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        arrays = {
            f"{place} {name}": one.float().numpy()
            for place, network in enumerate(self._networks)
            for name, one in network.state_dict().items()
        }
        spec = {
            "shape": asdict(self._networks[0].shape),
            "networks": len(self),
            "passes": self._passes,
            "seed": self._seed,
        }
        return State(spec, arrays)

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The networks again."""
        spec, arrays, networks = state.spec, state.arrays, []
        for place in range(spec["networks"]):
            network, start = YieldNetwork(YieldShape(**spec["shape"])), f"{place} "
            own = {name.removeprefix(start): one for name, one in arrays.items() if name.startswith(start)}
            network.load_state_dict({name: torch.from_numpy(one) for name, one in own.items()})
            networks.append(network)
        return cls(networks, passes=spec["passes"], seed=spec["seed"])


def _passes(network: YieldNetwork, batch: ReactionBatch, inputs: Tensor, masks: Tensor) -> Tensor:
    """Means and variances of one network with each of p masks, [p, 2, n]; what it sees is the same for all."""
    seen = network.encode(batch, inputs)
    outputs = [network.head(*seen, mask) for mask in masks]
    return torch.stack([torch.stack([one.mean, one.log_variance.exp()]) for one in outputs])
