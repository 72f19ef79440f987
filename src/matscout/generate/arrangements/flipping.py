"""Searches that change single sites, where the numbers are free: probabilistic bits. Compiled."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.generate.arrangements.arrangement_energy import put, site_energies

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def draw_state(local: Floats, site: int, beta: float) -> int:
    """A state of one site with its Boltzmann chance, the others as they are.

    Of two states this is the p-bit m = sgn(tanh(beta I) + r) of Camsari and others (2017,
    doi:10.1103/PhysRevX.7.031014), with I half the energy that the other state costs.
    """
    lowest = local[:, site].min()
    weights = np.exp(-beta * (local[:, site] - lowest))
    mark = np.random.random() * weights.sum()
    for state in range(len(weights)):
        mark -= weights[state]
        if mark < 0:
            return state
    return len(weights) - 1


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def flip(fields: Floats, couplings: Floats, betas: Floats, restarts: int, seed: int) -> Integers:
    """Annealing by single sites from random arrangements, ended by a descent: minima, [restarts, n].

    Parameters
    ----------
    fields
        float64 [q, n], with the chemical potentials taken off, eV.
    couplings, betas, restarts, seed
        As :func:`~matscout.generate.arrangements.swapping.anneal`.
    """
    np.random.seed(seed)
    n_states, n_sites = fields.shape
    minima = np.empty((restarts, n_sites), dtype=np.int64)
    for run in range(restarts):
        states = np.random.randint(0, n_states, n_sites)
        local = site_energies(fields, couplings, states)
        for beta in betas:
            for site in np.random.permutation(n_sites):
                state = draw_state(local, site, beta)
                if state != states[site]:
                    put(local, couplings, states, site, state)
        _descend(couplings, states, local)
        minima[run] = states
    return minima


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _descend(couplings: Floats, states: Integers, local: Floats) -> None:
    """Change the site that gains most until none gains."""
    while True:
        site, state, gain = -1, -1, 1e-12
        for i in range(len(states)):
            for a in range(len(local)):
                if local[states[i], i] - local[a, i] > gain:
                    site, state, gain = i, a, local[states[i], i] - local[a, i]
        if site < 0:
            return
        put(local, couplings, states, site, state)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def flip_samples(
    fields: Floats, couplings: Floats, beta: float, samples: int, thinning: int, seed: int
) -> Integers:
    """Arrangements as they occur at one temperature with free numbers, [samples, n]; the first quarter is not kept."""
    np.random.seed(seed)
    n_states, n_sites = fields.shape
    states = np.random.randint(0, n_states, n_sites)
    local = site_energies(fields, couplings, states)
    kept = np.empty((samples, n_sites), dtype=np.int64)
    for step in range(-(samples // 4), samples):
        for _ in range(thinning):
            for site in np.random.permutation(n_sites):
                state = draw_state(local, site, beta)
                if state != states[site]:
                    put(local, couplings, states, site, state)
        if step >= 0:
            kept[step] = states
    return kept
