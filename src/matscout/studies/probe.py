"""A small network on frozen vectors of compositions, as the PolySRL paper has it."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from matscout.represent.initial_weights import glorot

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

HIDDEN = 128
LEARNING_RATE, WEIGHT_DECAY = 1e-3, 1e-6


def probe(
    vectors: Floats, values: Floats, learned: Rows, tested: Rows, *, seed: int, epochs: int, batch: int
) -> Floats:
    """Predictions for ``tested`` rows by three layers with leaky ReLU, trained on the absolute error by Adam.

    Appendix E of doi:10.48550/arXiv.2312.13289; widths, learning rate, weight decay and batches are those of the
    authors' code.

    Parameters
    ----------
    vectors, values
        [n, d] and [n].
    learned, tested
        Rows.
    seed
        Of first weights and batches.
    epochs
        Times that all learned rows are seen.
    batch
        Rows in a batch.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = new_head(vectors.shape[1])
        inputs, truth = torch.from_numpy(vectors).float(), torch.from_numpy(values).float()
        adam = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
        order = torch.from_numpy(learned)
        for _ in range(epochs):
            for rows in torch.split(order[torch.randperm(len(order))], batch):
                adam.zero_grad()
                loss = (network(inputs[rows])[:, 0] - truth[rows]).abs().mean()
                loss.backward()
                adam.step()
        with torch.inference_mode():
            return np.asarray(network(inputs[torch.from_numpy(tested)])[:, 0].double().numpy())


def new_head(width: int) -> nn.Module:
    """Three layers from vectors [n, width] to [n, 1], of first weights by chance."""
    layers = (nn.Linear(width, HIDDEN), nn.LeakyReLU(), nn.Linear(HIDDEN, HIDDEN), nn.LeakyReLU())
    network = nn.Sequential(*layers, nn.Linear(HIDDEN, 1))
    glorot(network)
    return network
