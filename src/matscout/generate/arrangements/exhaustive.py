"""All arrangements of a composition, one after the other: the truth where there are not too many. Compiled."""

from __future__ import annotations

from math import factorial, prod

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.generate.arrangements.swapping import merit

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def number_of_arrangements(start: Integers, sublattices: Integers) -> int:
    """n! / (c_0! c_1! ...) of each sublattice, multiplied; symmetry not counted.

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
def best_of_all(
    fields: Floats, couplings: Floats, start: Integers, sublattices: Integers, target: float, most: int
) -> tuple[Integers, Floats]:
    """The best arrangements of a composition, the best one first.

    Sites are given their states one by one, so that arrangements which begin alike share the sums of their beginning.

    Parameters
    ----------
    fields, couplings, start, sublattices, target
        As :func:`~matscout.generate.arrangements.swapping.anneal`.
    most
        How many are kept.

    Returns
    -------
    tuple
        int64 [k, n] states and float64 [k] energies without the constant, eV; k <= ``most``.
    """
    n_states, n_sites = fields.shape
    left = np.zeros((sublattices.max() + 1, n_states), dtype=np.int64)
    for place in range(n_sites):
        left[sublattices[place], start[place]] += 1
    states = np.full(n_sites, -1)
    partial = np.zeros(n_sites + 1)
    kept, energies = np.empty((most, n_sites), dtype=np.int64), np.empty(most)
    n_kept, worst = 0, 0
    site = 0
    while site >= 0:
        if site == n_sites:
            energy = partial[site]
            if n_kept < most:
                kept[n_kept], energies[n_kept] = states, energy
                n_kept += 1
                worst = _worst(energies[:n_kept], target)
            elif merit(energy, target) < merit(energies[worst], target):
                kept[worst], energies[worst] = states, energy
                worst = _worst(energies, target)
            site -= 1
            continue
        state = states[site]
        if state >= 0:
            left[sublattices[site], state] += 1
        state += 1
        while state < n_states and left[sublattices[site], state] == 0:
            state += 1
        if state == n_states:
            states[site] = -1
            site -= 1
            continue
        left[sublattices[site], state] -= 1
        states[site] = state
        energy = partial[site] + fields[state, site]
        for other in range(site):
            energy += couplings[state, states[other], site, other]
        partial[site + 1] = energy
        site += 1
    merits = np.array([merit(energy, target) for energy in energies[:n_kept]])
    order = np.argsort(merits)
    return kept[:n_kept][order], energies[:n_kept][order]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _worst(energies: Floats, target: float) -> int:
    worst = 0
    for row in range(1, len(energies)):
        if merit(energies[row], target) > merit(energies[worst], target):
            worst = row
    return worst
