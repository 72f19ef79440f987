"""Searches that exchange what two sites hold, and so keep the composition (Kawasaki 1966). Compiled."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.generate.arrangements.arrangement_energy import change, exchange, site_energies, total_energies

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LOWEST = np.nan
"""A target that asks for the lowest energy."""

LEAST = 1e-12
"""eV; a change that is smaller is none."""


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def shuffled(start: Integers, sublattices: Integers) -> Integers:
    """A random arrangement, [n], with as many sites of each sublattice in each state as ``start`` has."""
    states = start.copy()
    for number in range(sublattices.max() + 1):
        places = np.flatnonzero(sublattices == number)
        states[places] = start[np.random.permutation(places)]
    return states


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def merit(energy: float, target: float) -> float:
    """What a search makes small: the energy, or its distance from a target."""
    return energy if np.isnan(target) else abs(energy - target)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def unlike(states: Integers, sublattices: Integers) -> tuple[int, int]:
    """Two random sites of one sublattice in different states; before and after the exchange all are equally likely."""
    while True:
        i, j = np.random.randint(len(states)), np.random.randint(len(states))
        if states[i] != states[j] and sublattices[i] == sublattices[j]:
            return i, j


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def sweep(
    couplings: Floats,
    sublattices: Integers,
    states: Integers,
    local: Floats,
    energy: float,
    target: float,
    beta: float,
) -> float:
    """As many attempted exchanges as there are sites, by the rule of Metropolis; the energy afterwards."""
    for _ in range(len(states)):
        i, j = unlike(states, sublattices)
        step = change(local, couplings, states, i, j)
        worse = merit(energy + step, target) - merit(energy, target)
        if worse <= 0 or np.random.random() < np.exp(-beta * worse):
            exchange(local, couplings, states, i, j)
            energy += step
    return energy


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def best_exchange(
    couplings: Floats,
    sublattices: Integers,
    states: Integers,
    local: Floats,
    energy: float,
    target: float,
    barred: Integers,
    goal: float,
) -> tuple[int, int, float]:
    """The exchange with the best outcome, and its change of the energy; (-1, -1, 0) if there is none.

    Sites with ``barred`` above 0 stay as they are, unless the outcome is better than ``goal``.
    """
    first, second, step, best = -1, -1, 0.0, np.inf
    for i in range(len(states)):
        for j in range(i):
            if states[i] == states[j] or sublattices[i] != sublattices[j]:
                continue
            one = change(local, couplings, states, i, j)
            outcome = merit(energy + one, target)
            if outcome < best - LEAST and ((barred[i] <= 0 and barred[j] <= 0) or outcome < goal - LEAST):
                first, second, step, best = i, j, one, outcome
    return first, second, step


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def descend(
    couplings: Floats, sublattices: Integers, states: Integers, local: Floats, energy: float, target: float
) -> float:
    """Exchange what gains most until nothing gains; the energy of the minimum."""
    free = np.zeros(len(states), dtype=np.int64)
    while True:
        i, j, step = best_exchange(couplings, sublattices, states, local, energy, target, free, -np.inf)
        if i < 0 or merit(energy + step, target) > merit(energy, target) - LEAST:
            return energy
        exchange(local, couplings, states, i, j)
        energy += step


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def anneal(
    fields: Floats,
    couplings: Floats,
    start: Integers,
    sublattices: Integers,
    target: float,
    betas: Floats,
    restarts: int,
    seed: int,
) -> Integers:
    """Simulated annealing from random arrangements, each ended by a descent: its minima, [restarts, n].

    Parameters
    ----------
    fields, couplings
        As :class:`~matscout.generate.arrangements.arrangement_energy.ArrangementEnergy` has them.
    start
        int64 [n], an arrangement with the composition that is asked for.
    sublattices
        int64 [n], from 0: only sites of one sublattice exchange what they hold.
    target
        The energy to come close to, without the constant, eV; NaN for the lowest.
    betas
        float64 [sweeps], 1 / (k T) of each sweep, 1/eV.
    restarts, seed
        How often; of the random numbers.
    """
    np.random.seed(seed)
    minima = np.empty((restarts, fields.shape[1]), dtype=np.int64)
    for run in range(restarts):
        states = shuffled(start, sublattices)
        local = site_energies(fields, couplings, states)
        energy = total_energies(fields, couplings, states.reshape(1, -1))[0]
        for beta in betas:
            energy = sweep(couplings, sublattices, states, local, energy, target, beta)
        descend(couplings, sublattices, states, local, energy, target)
        minima[run] = states
    return minima


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def tabu(
    fields: Floats,
    couplings: Floats,
    start: Integers,
    sublattices: Integers,
    target: float,
    moves: int,
    restarts: int,
    seed: int,
) -> Integers:
    """Tabu search (Glover 1989) from random arrangements: the best of each, [restarts, n].

    Each move is the best exchange of sites that were not exchanged lately, also if it costs energy; barred sites may
    move to a new best. How long a site is barred is random, from 1 to a quarter of the replaced (or of the other) sites plus 2.

    Parameters
    ----------
    fields, couplings, start, sublattices, target, restarts, seed
        As :func:`anneal`.
    moves
        Exchanges of each run.
    """
    np.random.seed(seed)
    n_sites = fields.shape[1]
    longest = 3 + min(np.sum(start == 0), np.sum(start != 0)) // 4
    found = np.empty((restarts, n_sites), dtype=np.int64)
    for run in range(restarts):
        states = shuffled(start, sublattices)
        local = site_energies(fields, couplings, states)
        energy = total_energies(fields, couplings, states.reshape(1, -1))[0]
        found[run], best = states, merit(energy, target)
        barred = np.zeros(n_sites, dtype=np.int64)
        for _ in range(moves):
            i, j, step = best_exchange(couplings, sublattices, states, local, energy, target, barred, best)
            barred -= 1
            if i < 0:
                continue
            exchange(local, couplings, states, i, j)
            energy += step
            barred[i], barred[j] = np.random.randint(1, longest), np.random.randint(1, longest)
            if merit(energy, target) < best - LEAST:
                found[run], best = states, merit(energy, target)
    return found


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def temper(
    fields: Floats,
    couplings: Floats,
    start: Integers,
    sublattices: Integers,
    betas: Floats,
    samples: int,
    thinning: int,
    seed: int,
) -> tuple[Integers, Floats]:
    """Parallel tempering: arrangements as they occur at each temperature, and their energies.

    A replica at each temperature makes sweeps of exchanges; neighbours in temperature swap their arrangements with
    the chance of Swendsen and Wang (1986). The first fifth is not kept.

    Parameters
    ----------
    fields, couplings, start, sublattices, seed
        As :func:`anneal`.
    betas
        float64 [t], 1 / (k T), 1/eV.
    samples, thinning
        Samples of each temperature, and sweeps between two.

    Returns
    -------
    tuple
        int64 [t, samples, n] states and float64 [t, samples] energies without the constant, eV.
    """
    np.random.seed(seed)
    n_sites, n_betas = fields.shape[1], len(betas)
    states = np.empty((n_betas, n_sites), dtype=np.int64)
    local = np.empty((n_betas, *fields.shape))
    energies = np.empty(n_betas)
    for replica in range(n_betas):
        states[replica] = shuffled(start, sublattices)
        local[replica] = site_energies(fields, couplings, states[replica])
    energies[:] = total_energies(fields, couplings, states)
    kept = np.empty((n_betas, samples, n_sites), dtype=np.int64)
    values = np.empty((n_betas, samples))
    replica_at = np.arange(n_betas)
    for step in range(-(samples // 4), samples):
        for place in range(n_betas):
            at = replica_at[place]
            for _ in range(thinning):
                energies[at] = sweep(couplings, sublattices, states[at], local[at], energies[at], np.nan, betas[place])
        for place in range(n_betas - 1):
            here, there = replica_at[place], replica_at[place + 1]
            gain = (betas[place] - betas[place + 1]) * (energies[here] - energies[there])
            if gain >= 0 or np.random.random() < np.exp(gain):
                replica_at[place], replica_at[place + 1] = there, here
        if step >= 0:
            for place in range(n_betas):
                kept[place, step] = states[replica_at[place]]
                values[place, step] = energies[replica_at[place]]
    return kept, values
