"""Searches that exchange what two sites hold, and so keep the composition (Kawasaki 1966). Compiled."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.random import Generator
from numpy.typing import NDArray

from matscout.generate.arrangements.arrangement_energy import SiteProblem, Walk, change, exchange, walk_from

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LOWEST = np.nan
"""A target that asks for the lowest energy."""

LEAST = 1e-12
"""eV; a change that is smaller is none."""


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def random_walk_from(problem: SiteProblem, rng: Generator) -> Walk:
    """A search that begins at random, with as many sites of each sublattice in each state as the problem asks for."""
    states = problem.start.copy()
    for number in range(problem.sublattices.max() + 1):
        places = np.flatnonzero(problem.sublattices == number)
        states[places] = problem.start[rng.permutation(places)]
    walk: Walk = walk_from(problem.fields, problem.couplings, states)
    return walk


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def merit(energy: float, target: float) -> float:
    """What a search makes small: the energy, or its distance from a target."""
    return energy if np.isnan(target) else abs(energy - target)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def unlike(states: Integers, sublattices: Integers, rng: Generator) -> tuple[int, int]:
    """Two random sites of one sublattice in different states; before and after the exchange all are equally likely."""
    while True:
        i, j = rng.integers(0, len(states)), rng.integers(0, len(states))
        if states[i] != states[j] and sublattices[i] == sublattices[j]:
            return int(i), int(j)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def sweep(problem: SiteProblem, walk: Walk, beta: float, rng: Generator) -> None:
    """As many attempted exchanges as there are sites, by the rule of Metropolis."""
    for _ in range(len(walk.states)):
        i, j = unlike(walk.states, problem.sublattices, rng)
        outcome = walk.energy[0] + change(problem.couplings, walk, i, j)
        worse = merit(outcome, problem.target) - merit(walk.energy[0], problem.target)
        if worse <= 0 or rng.random() < np.exp(-beta * worse):
            exchange(problem.couplings, walk, i, j)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def best_exchange(problem: SiteProblem, walk: Walk, barred: Integers, goal: float) -> tuple[int, int, float]:
    """The exchange with the best outcome, and what the outcome is; (-1, -1, infinity) if there is none.

    Sites with ``barred`` above 0 stay as they are, unless the outcome is better than ``goal``.
    """
    first, second, best = -1, -1, np.inf
    for i in range(len(walk.states)):
        for j in range(i):
            if walk.states[i] == walk.states[j] or problem.sublattices[i] != problem.sublattices[j]:
                continue
            outcome = merit(walk.energy[0] + change(problem.couplings, walk, i, j), problem.target)
            if outcome < best - LEAST and ((barred[i] <= 0 and barred[j] <= 0) or outcome < goal - LEAST):
                first, second, best = i, j, outcome
    return first, second, best


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def descend(problem: SiteProblem, walk: Walk) -> None:
    """Exchange what gains most until nothing gains."""
    free = np.zeros(len(walk.states), dtype=np.int64)
    while True:
        i, j, outcome = best_exchange(problem, walk, free, -np.inf)
        if i < 0 or outcome > merit(walk.energy[0], problem.target) - LEAST:
            return
        exchange(problem.couplings, walk, i, j)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def anneal(problem: SiteProblem, betas: Floats, restarts: int, rng: Generator) -> Integers:
    """Simulated annealing from random arrangements, each ended by a descent: its minima, [restarts, n].

    Parameters
    ----------
    problem
        What is arranged.
    betas
        float64 [sweeps], 1 / (k T) of each sweep, 1/eV.
    restarts, rng
        How often; random numbers.
    """
    minima = np.empty((restarts, len(problem.start)), dtype=np.int64)
    for run in range(restarts):
        walk = random_walk_from(problem, rng)
        for beta in betas:
            sweep(problem, walk, beta, rng)
        descend(problem, walk)
        minima[run] = walk.states
    return minima


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def tabu(problem: SiteProblem, moves: int, restarts: int, rng: Generator) -> Integers:
    """Tabu search (Glover 1989) from random arrangements: the best of each, [restarts, n].

    Each move is the best exchange of sites that were not exchanged lately, also if it costs energy; barred sites may
    move to a new best. How long a site is barred is random, from 1 to 2 and a quarter of the replaced (or of the other)
    sites.

    Parameters
    ----------
    problem, restarts, rng
        As :func:`anneal`.
    moves
        Exchanges of each run.
    """
    n_sites = len(problem.start)
    n_replaced = np.count_nonzero(problem.start)
    longest = 3 + min(n_replaced, n_sites - n_replaced) // 4
    best_states = np.empty((restarts, n_sites), dtype=np.int64)
    for run in range(restarts):
        walk = random_walk_from(problem, rng)
        best_states[run], best = walk.states, merit(walk.energy[0], problem.target)
        barred = np.zeros(n_sites, dtype=np.int64)
        for _ in range(moves):
            i, j, outcome = best_exchange(problem, walk, barred, best)
            barred -= 1
            if i < 0:
                continue
            exchange(problem.couplings, walk, i, j)
            barred[i], barred[j] = rng.integers(1, longest), rng.integers(1, longest)
            if outcome < best - LEAST:
                best_states[run], best = walk.states, outcome
    return best_states


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def outcomes(problem: SiteProblem, states: Integers) -> tuple[Integers, Floats]:
    """All exchanges of an arrangement: the two sites, [e, 2], and the energies without the constant, [e]."""
    walk = walk_from(problem.fields, problem.couplings, states)
    n = len(states)
    sites, energies = np.empty((n * (n - 1) // 2, 2), dtype=np.int64), np.empty(n * (n - 1) // 2)
    count = 0
    for i in range(n):
        for j in range(i):
            if states[i] != states[j] and problem.sublattices[i] == problem.sublattices[j]:
                sites[count, 0], sites[count, 1] = i, j
                energies[count] = walk.energy[0] + change(problem.couplings, walk, i, j)
                count += 1
    return sites[:count], energies[:count]
