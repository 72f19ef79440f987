"""Multi-gate mixture of experts: small networks that learn several properties at once, from labels with gaps.

Ma et al. 2018, doi:10.1145/3219819.3220007: experts that all properties share, for each property a gate that weighs
them, and a tower. With one property and one expert it is an ordinary network.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from matscout.predict.states import State

Floats = NDArray[np.float64]
Rows = NDArray[np.bool_]

BATCH = 64
LEARNING_RATE = 2e-3
PENALTY = 1e-4
STEPS = 10
"""A round goes over all rows, of few rows so often that it has at least so many steps."""
PATIENCE = 25
"""Rounds without a better error on the judging rows after which a network stops."""


@dataclass(frozen=True)
class ExpertsShape:
    """Of k networks that learn side by side.

    Parameters
    ----------
    networks
        k.
    inputs, tasks
        Columns that they see, properties that they tell.
    experts
        That all properties share.
    width
        Of the hidden layers.
    """

    networks: int
    inputs: int
    tasks: int
    experts: int = 4
    width: int = 48


class Experts(nn.Module):
    """k mixtures of experts with weights of their own, as one: every layer has a first dimension k.

    Parameters
    ----------
    shape
        How many, and how large.
    seed
        Of the first weights.
    """

    def __init__(self, shape: ExpertsShape, seed: int = 0) -> None:
        super().__init__()
        self.shape = shape
        k, d, t, e, h = shape.networks, shape.inputs, shape.tasks, shape.experts, shape.width
        generator = torch.Generator().manual_seed(seed)

        def layer(*dims: int, fan: int) -> nn.Parameter:
            return nn.Parameter((torch.rand(*dims, generator=generator) * 2 - 1) * (3.0 / fan) ** 0.5)

        self.first, self.first_bias = layer(k, d, e * h, fan=d), nn.Parameter(torch.zeros(k, 1, e * h))
        self.second, self.second_bias = layer(k, e, h, h, fan=h), nn.Parameter(torch.zeros(k, e, 1, h))
        self.gates, self.gate_bias = layer(k, d, t * e, fan=100 * d), nn.Parameter(torch.zeros(k, 1, t * e))
        self.tower, self.tower_bias = layer(k, t, h, h, fan=h), nn.Parameter(torch.zeros(k, t, 1, h))
        self.last, self.last_bias = layer(k, t, h, 1, fan=h), nn.Parameter(torch.zeros(k, t, 1, 1))

    def forward(self, inputs: Tensor, tasks: int | None = None) -> Tensor:
        """From inputs [n, d], or of each network its own [k, n, d], to standardised properties [k, n, t].

        With ``tasks`` only the first so many properties are told.
        """
        shape, n = self.shape, inputs.shape[-2]
        hidden = torch.relu(inputs @ self.first + self.first_bias)
        hidden = hidden.view(shape.networks, n, shape.experts, shape.width).transpose(1, 2)
        expert_outputs = torch.relu(hidden @ self.second + self.second_bias)
        mixed = torch.einsum("knte,kenh->ktnh", self.shares(inputs)[:, :, :tasks], expert_outputs)
        tower = torch.relu(mixed @ self.tower[:, :tasks] + self.tower_bias[:, :tasks])
        return (tower @ self.last[:, :tasks] + self.last_bias[:, :tasks])[..., 0].transpose(1, 2)

    def shares(self, inputs: Tensor) -> Tensor:
        """What each gate gives to each expert, [k, n, t, e]; sums to 1 over the experts."""
        shape = self.shape
        raw = inputs @ self.gates + self.gate_bias
        return raw.view(shape.networks, inputs.shape[-2], shape.tasks, shape.experts).softmax(-1)


@dataclass(frozen=True, eq=False)
class ExpertsLesson:
    """What k networks learn from.

    Parameters
    ----------
    inputs
        Standardised, [n, d].
    values
        Standardised properties, [n, t], NaN where not known; the first is the one that says when to stop.
    weights
        What each row counts, [n].
    learn, judge
        bool [k, n], the rows that each network learns from, and those that say when it stops.
    squared
        Keep the squared error small, not the absolute one.
    rounds
        At most; after each the networks are judged.
    seed
        Of the first weights and the order of the rows.
    """

    inputs: Floats
    values: Floats
    weights: Floats
    learn: Rows
    judge: Rows
    squared: bool = False
    rounds: int = 200
    seed: int = 0


class TrainedExperts:
    """Networks that have learned; made by :meth:`learn` and :meth:`from_state`.

    Parameters
    ----------
    module
        The networks.
    """

    def __init__(self, module: Experts) -> None:
        # In double precision what is told of a material does not depend on the others of its batch.
        self._module = module.eval().requires_grad_(False).double()

    @classmethod
    def learn(cls, lesson: ExpertsLesson, *, experts: int, width: int) -> Self:
        """Train; each network keeps the weights that were best on its judging rows.

        Parameters
        ----------
        lesson
            What from.
        experts, width
            See :class:`ExpertsShape`.
        """
        shape = ExpertsShape(len(lesson.learn), lesson.inputs.shape[1], lesson.values.shape[1], experts, width)
        module = Experts(shape, lesson.seed)
        _train(module, lesson)
        return cls(module)

    def predict(self, inputs: Floats) -> Floats:
        """What each network says of the first property, [k, m]."""
        with torch.no_grad():
            predicted = self._module(torch.from_numpy(inputs), tasks=1)[:, :, 0]
        return np.asarray(predicted.numpy())

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        arrays = {name: one.float().numpy() for name, one in self._module.state_dict().items()}
        return State(asdict(self._module.shape), arrays)

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The networks again."""
        module = Experts(ExpertsShape(**state.spec))
        module.load_state_dict({name: torch.from_numpy(one) for name, one in state.arrays.items()})
        return cls(module)


@dataclass(frozen=True, eq=False)
class _Tensors:
    """A lesson as tensors: inputs, values without gaps, what each value counts for each network when it learns [k, n,
    t]; the rows that judge each network [k, j] and what they count, 0 where a network has fewer of them.
    """

    inputs: Tensor
    values: Tensor
    counts: Tensor
    judging: Tensor
    judges: Tensor

    @classmethod
    def of(cls, lesson: ExpertsLesson) -> Self:
        known = np.isfinite(lesson.values)
        # Every property counts as much as any other, however few of its values are known.
        share = known / np.maximum(known.sum(axis=0), 1) * len(known)
        counts = lesson.learn[:, :, None] * (share * lesson.weights[:, None])[None]
        judges = lesson.judge * (known[:, 0] * lesson.weights)[None]
        judging = np.argsort(judges == 0, axis=1, kind="stable")[:, : (judges != 0).sum(axis=1).max()]
        own = np.take_along_axis(judges, judging, axis=1)
        return cls(
            _single(lesson.inputs),
            _single(np.nan_to_num(lesson.values)),
            _single(counts),
            torch.from_numpy(judging),
            _single(own),
        )

    def judged(self, module: Experts, *, squared: bool) -> Tensor:
        """The error of each network on the rows that judge it, [k]."""
        predicted = module(self.inputs[self.judging], tasks=1)[:, :, 0]
        errors = _errors(predicted, self.values[self.judging, 0], squared=squared)
        return (errors * self.judges).sum(dim=1) / self.judges.sum(dim=1)


def _train(module: Experts, lesson: ExpertsLesson) -> None:
    tensors = _Tensors.of(lesson)
    optimiser = torch.optim.AdamW(module.parameters(), lr=LEARNING_RATE, weight_decay=PENALTY, fused=True)
    generator = torch.Generator().manual_seed(lesson.seed)
    best = torch.full((module.shape.networks,), float("inf"))
    kept = {name: one.detach().clone() for name, one in module.named_parameters()}
    waited = torch.zeros(module.shape.networks)
    used = torch.from_numpy(np.flatnonzero(lesson.learn.any(axis=0)))
    passes = -(-STEPS // -(-len(used) // BATCH))
    for _ in range(lesson.rounds):
        order = torch.cat([used[torch.randperm(len(used), generator=generator)] for _ in range(passes)])
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            optimiser.zero_grad()
            errors = _errors(module(tensors.inputs[rows]), tensors.values[rows], squared=lesson.squared)
            # Networks share no weights: the gradient of the sum is that of each.
            torch.autograd.backward((errors * tensors.counts[:, rows]).mean(dim=(1, 2)).sum())
            optimiser.step()
        with torch.no_grad():
            judged = tensors.judged(module, squared=lesson.squared)
            better = judged < best
            best, waited = torch.where(better, judged, best), torch.where(better, 0.0, waited + 1)
            for name, one in module.named_parameters():
                kept[name][better] = one.detach()[better]
        if bool((waited >= PATIENCE).all()):
            break
    module.load_state_dict(kept)


def _single(array: Floats) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array)).float()


def _errors(predicted: Tensor, values: Tensor, *, squared: bool) -> Tensor:
    """Of each value."""
    difference = predicted - values
    return difference.square() if squared else difference.abs()
