"""A small network on frozen vectors of compositions, as the PolySRL paper has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from matscout.represent.initial_weights import glorot

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

HIDDEN = 128
LEARNING_RATE, WEIGHT_DECAY = 1e-3, 1e-6


@dataclass(frozen=True, eq=False)
class Fold:
    """Rows that are learned, and rows that are tested."""

    learned: Rows
    tested: Rows


def probe(
    vectors: Floats, values: Floats, folds: Sequence[Fold], *, seed: int, epochs: int, batch: int
) -> list[Floats]:
    """Predictions for each fold's tested rows by three layers with leaky ReLU, trained on the absolute error by Adam.

    Appendix E of doi:10.48550/arXiv.2312.13289; widths, learning rate, weight decay and batches are those of the
    authors' code. The networks of all folds learn side by side, one matrix product for all of them, which takes a
    fifth of the time of one after the other; so they take equally many steps: batches of a smaller fold are smaller.

    Parameters
    ----------
    vectors, values
        [n, d] and [n].
    folds
        With at least one learned row each.
    seed
        Of first weights and batches.
    epochs
        Times that all learned rows are seen.
    batch
        Rows in a batch of the largest fold.
    """
    sizes = torch.tensor([len(fold.learned) for fold in folds])
    order = nn.utils.rnn.pad_sequence([torch.from_numpy(fold.learned) for fold in folds], batch_first=True)
    steps = -(-order.shape[1] // batch)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        heads = [new_head(vectors.shape[1]) for _ in folds]
        stacked = [nn.Parameter(tensor) for tensor in _stacked(heads)]
        inputs, truth = torch.from_numpy(vectors).float(), torch.from_numpy(values).float()
        adam = torch.optim.Adam(stacked, lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY, fused=True)
        for _ in range(epochs):
            for places, counted in _batches(sizes, steps):
                rows = order.gather(1, places)
                errors = (_outputs(stacked, inputs[rows]) - truth[rows]).abs()
                adam.zero_grad()
                torch.autograd.backward(((errors * counted).sum(dim=1) / counted.sum(dim=1).clamp(min=1)).sum())
                adam.step()
    with torch.inference_mode():
        tested = nn.utils.rnn.pad_sequence([torch.from_numpy(fold.tested) for fold in folds], batch_first=True)
        outputs = _outputs(stacked, inputs[tested]).double().numpy()
    return [outputs[place, : len(fold.tested)] for place, fold in enumerate(folds)]


def new_head(width: int) -> nn.Sequential:
    """Three layers from vectors [n, width] to [n, 1], of first weights by chance."""
    layers = (nn.Linear(width, HIDDEN), nn.LeakyReLU(), nn.Linear(HIDDEN, HIDDEN), nn.LeakyReLU())
    network = nn.Sequential(*layers, nn.Linear(HIDDEN, 1))
    glorot(network)
    return network


def _stacked(heads: Sequence[nn.Sequential]) -> list[Tensor]:
    """Weights [folds, in, out] and biases [folds, 1, out] of one layer after the other."""
    tensors = []
    for layers in zip(*heads, strict=True):
        if isinstance(layers[0], nn.Linear):
            tensors.append(torch.stack([layer.weight.detach().T for layer in layers]))
            tensors.append(torch.stack([layer.bias.detach()[None] for layer in layers]))
    return tensors


def _outputs(stacked: Sequence[Tensor], hidden: Tensor) -> Tensor:
    """What the network of each fold says of its own rows: from [folds, n, d] to [folds, n]."""
    for place in range(0, len(stacked), 2):
        hidden = torch.baddbmm(stacked[place + 1], leaky_relu(hidden) if place else hidden, stacked[place])
    return hidden[..., 0]


def _batches(sizes: Tensor, steps: int) -> list[tuple[Tensor, Tensor]]:
    """For each step places among each fold's rows, [folds, at most batch], and 1 where a place counts, 0 where not.

    In one epoch each fold's rows come once, in an order of their own.
    """
    parts = [torch.tensor_split(torch.randperm(int(size)), steps) for size in sizes]
    batches = []
    for step in range(steps):
        mine = [part[step] for part in parts]
        counted = nn.utils.rnn.pad_sequence([torch.ones(len(one)) for one in mine], batch_first=True)
        batches.append((nn.utils.rnn.pad_sequence(mine, batch_first=True), counted))
    return batches
