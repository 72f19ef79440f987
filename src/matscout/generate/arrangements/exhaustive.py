"""All arrangements of a composition, one after the other: the truth where there are not too many. Compiled."""

from __future__ import annotations

from math import factorial, prod

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.generate.arrangements.arrangement_energy import SiteProblem
from matscout.generate.arrangements.swapping import merit

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def number_of_arrangements(start: Integers, sublattices: Integers) -> int:
    """N! / (c_0! c_1! ...) of each sublattice, multiplied; symmetry not counted.

    Parameters
    ----------
    start
        int64 [n], an arrangement of the composition.
    sublattices
        int64 [n], from 0.
    """
    number = 1
    for one in np.unique(sublattices):
        counts = [int(count) for count in np.bincount(start[sublattices == one])]
        number *= factorial(sum(counts)) // prod(factorial(count) for count in counts)
    return number


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def best_of_all(problem: SiteProblem, most: int) -> tuple[Integers, Floats]:
    """The best arrangements of a composition, the best one first.

    Sites are given their states one by one, so that arrangements which begin alike share the sums of their beginning.

    Parameters
    ----------
    problem
        What is arranged.
    most
        How many are kept.

    Returns
    -------
    tuple
        int64 [k, n] states and float64 [k] energies without the constant, eV; k <= ``most``.
    """
    n_states, n_sites = problem.fields.shape
    left = np.zeros((problem.sublattices.max() + 1, n_states), dtype=np.int64)
    for site in range(n_sites):
        left[problem.sublattices[site], problem.start[site]] += 1
    states, sums = np.full(n_sites, -1), np.zeros(n_sites + 1)
    kept, energies = np.empty((most, n_sites), dtype=np.int64), np.empty(most)
    n_kept, worst, site = 0, 0, 0
    while site >= 0:
        if site == n_sites:
            has_room = n_kept < most
            if has_room:
                worst = n_kept
                n_kept += 1
            if has_room or merit(sums[site], problem.target) < merit(energies[worst], problem.target):
                kept[worst], energies[worst] = states, sums[site]
                worst = _worst(energies[:n_kept], problem.target)
            site -= 1
            continue
        room = left[problem.sublattices[site]]
        state = _next_state(room, states[site])
        states[site] = state
        if state < 0:
            site -= 1
            continue
        sums[site + 1] = sums[site] + _added(problem, states, site)
        site += 1
    order = np.argsort(np.array([merit(energy, problem.target) for energy in energies[:n_kept]]))
    return kept[:n_kept][order], energies[:n_kept][order]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _next_state(room: Integers, state: int) -> int:
    """The next state of a site of which some are left; -1 behind the last. What the site held is free again."""
    if state >= 0:
        room[state] += 1
    for other in range(state + 1, len(room)):
        if room[other] > 0:
            room[other] -= 1
            return other
    return -1


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _added(problem: SiteProblem, states: Integers, site: int) -> float:
    """What a site adds to the energy of those before it."""
    energy = problem.fields[states[site], site]
    for other in range(site):
        energy += problem.couplings[states[site], states[other], site, other]
    return float(energy)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _worst(energies: Floats, target: float) -> int:
    worst = 0
    for row in range(1, len(energies)):
        if merit(energies[row], target) > merit(energies[worst], target):
            worst = row
    return worst
