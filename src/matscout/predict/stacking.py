"""Stacking: how much each candidate counts, judged on predictions for rows it has not seen."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Losses = Callable[[Floats, Floats], Floats]
"""From t combinations of the candidates, [c, t], and the weights of the rows [n] to the loss of each, [t]."""

N_BAGS = 20
N_STEPS = 10


def select_weights(
    n_candidates: int, losses: Losses, units: NDArray[np.int64], weights: Floats | None, seed: int
) -> Floats:
    """Weights [c] of c candidates, non-negative and summing to 1.

    Bagged forward selection (Caruana and others 2004, doi:10.1145/1015330.1015432): on each of ``N_BAGS`` bootstrap
    samples of the units, candidates are added one at a time, with replacement, so that the average of those chosen has
    the least loss; the weights are the average over the samples. Averaging over samples keeps a lucky candidate from
    winning everything when rows are few.

    Parameters
    ----------
    n_candidates
        c.
    losses
        Of combinations of out-of-fold predictions.
    units
        int64 [n]; rows that belong together (see :class:`matscout.predict.labels.Labels`).
    weights
        float64 [n], how much each row counts; None for equally.
    seed
        Seed of the bootstrap samples.
    """
    rng = np.random.default_rng(seed)
    n_units = int(units.max()) + 1
    total = np.zeros(n_candidates)
    for _ in range(N_BAGS):
        drawn = rng.multinomial(n_units, np.full(n_units, 1.0 / n_units))[units].astype(np.float64)
        total += forward_selection(n_candidates, losses, drawn if weights is None else drawn * weights)
    return np.asarray(total / total.sum(), dtype=np.float64)


def forward_selection(n_candidates: int, losses: Losses, rows: Floats) -> Floats:
    """How often each candidate is chosen in ``N_STEPS`` greedy steps that keep the loss small, [c].

    ``rows`` [n] says how much each row counts.
    """
    chosen = np.zeros(n_candidates)
    for step in range(1, N_STEPS + 1):
        combinations = (chosen[:, None] + np.eye(n_candidates)) / step
        chosen[int(np.argmin(losses(combinations, rows)))] += 1.0
    return chosen
