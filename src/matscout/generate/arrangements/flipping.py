"""Searches that change single sites, where the numbers are free: probabilistic bits. Compiled."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.random import Generator
from numpy.typing import NDArray

from matscout.generate.arrangements.arrangement_energy import SiteProblem, Walk, put, walk_from
from matscout.generate.arrangements.swapping import LEAST

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def draw_state(local: Floats, beta: float, rng: Generator) -> int:
    """A state of one site with its Boltzmann chance, the others as they are.

    Of two states this is the p-bit m = sgn(tanh(beta I) + r) of Camsari and others (2017,
    doi:10.1103/PhysRevX.7.031014), with I half the energy that the other state costs.

    Parameters
    ----------
    local
        float64 [q], the energy of the site in each state, eV.
    beta
        1 / (k T), 1/eV.
    rng
        Random numbers.
    """
    weights = np.exp(-beta * (local - local.min()))
    mark = rng.random() * weights.sum()
    for state in range(len(weights)):
        mark -= weights[state]
        if mark < 0:
            return state
    return len(weights) - 1


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def flip_all(couplings: Floats, walk: Walk, beta: float, rng: Generator) -> None:
    """A draw at every site, in random order."""
    for site in rng.permutation(np.arange(len(walk.states))):
        state = draw_state(walk.local[:, site], beta, rng)
        if state != walk.states[site]:
            put(couplings, walk, site, state)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def random_states(fields: Floats, couplings: Floats, rng: Generator) -> Walk:
    """A search that begins at random, with any numbers."""
    n_states, n_sites = fields.shape
    states = np.empty(n_sites, dtype=np.int64)
    for site in range(n_sites):
        states[site] = rng.integers(0, n_states)
    walk: Walk = walk_from(fields, couplings, states)
    return walk


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def flip(problem: SiteProblem, betas: Floats, restarts: int, rng: Generator) -> Integers:
    """Annealing by single sites from random arrangements, ended by a descent: minima, [restarts, n].

    Parameters
    ----------
    problem
        What is arranged; the chemical potentials are taken off its fields, and its numbers are free.
    betas, restarts, rng
        As :func:`~matscout.generate.arrangements.swapping.anneal`.
    """
    minima = np.empty((restarts, len(problem.start)), dtype=np.int64)
    for run in range(restarts):
        walk = random_states(problem.fields, problem.couplings, rng)
        for beta in betas:
            flip_all(problem.couplings, walk, beta, rng)
        _descend(problem.couplings, walk)
        minima[run] = walk.states
    return minima


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _descend(couplings: Floats, walk: Walk) -> None:
    """Change the site that gains most until none gains."""
    while True:
        site, state, gain = -1, -1, LEAST
        for i in range(len(walk.states)):
            for a in range(len(walk.local)):
                one = walk.local[walk.states[i], i] - walk.local[a, i]
                if one > gain:
                    site, state, gain = i, a, one
        if site < 0:
            return
        put(couplings, walk, site, state)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def flip_samples(problem: SiteProblem, beta: float, samples: int, thinning: int, rng: Generator) -> Integers:
    """Arrangements as they occur at one temperature with free numbers, [samples, n]; the first fifth is not kept."""
    walk = random_states(problem.fields, problem.couplings, rng)
    kept = np.empty((samples, len(problem.start)), dtype=np.int64)
    for step in range(-(samples // 4), samples):
        for _ in range(thinning):
            flip_all(problem.couplings, walk, beta, rng)
        if step >= 0:
            kept[step] = walk.states
    return kept
