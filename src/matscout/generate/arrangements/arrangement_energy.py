"""The energy of an arrangement: one term for each site, and one for each pair of sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.errors import InputError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SYMMETRIC = 1e-9
"""eV; how far the two entries of a pair may differ."""


@dataclass(frozen=True, eq=False)
class ArrangementEnergy:
    """E(s) = constant + sum_i h(s_i, i) + sum_{i<j} J(s_i, s_j, i, j), eV.

    Site i is in the state s_i: 0 is the atom of the host, 1 to q - 1 are what may replace it.

    Parameters
    ----------
    fields
        float64 [q, n], h: the energy of site i in each state, eV.
    couplings
        float64 [q, q, n, n], J: the energy of two sites in two states, eV; ``couplings[a, b, i, j]`` equals
        ``couplings[b, a, j, i]``, and a site has none with itself.
    constant
        The energy that all arrangements have in common, eV.

    Raises
    ------
    InputError
        If shapes do not fit, a value is not finite, or the couplings are not symmetric.
    """

    fields: Floats
    couplings: Floats
    constant: float = 0.0

    def __post_init__(self) -> None:
        n_states, n_sites = self.fields.shape
        if self.couplings.shape != (n_states, n_states, n_sites, n_sites):
            raise InputError(
                f"the couplings of {n_sites} sites in {n_states} states have the shape "
                f"({n_states}, {n_states}, {n_sites}, {n_sites}); got {self.couplings.shape}"
            )
        for name, values in (("fields", self.fields), ("couplings", self.couplings)):
            if not np.isfinite(values).all():
                raise InputError(f"the {name} hold a value that is not a finite number; give all energies in eV")
        if np.abs(self.couplings - self.couplings.transpose(1, 0, 3, 2)).max(initial=0.0) > SYMMETRIC:
            raise InputError(
                "the couplings are not symmetric: the energy of the pair (i, j) must be that of the pair (j, i)"
            )
        if np.abs(np.einsum("abii->abi", self.couplings)).max(initial=0.0) > 0:
            raise InputError("a site has a coupling with itself; add such energies to the fields")

    @classmethod
    def of_ising(cls, fields: Floats, couplings: Floats, constant: float = 0.0) -> ArrangementEnergy:
        """Of sites that are replaced (1) or not (0): E = constant + sum_i h_i s_i + sum_{i<j} J_ij s_i s_j.

        Parameters
        ----------
        fields
            float64 [n], h.
        couplings
            float64 [n, n], J, symmetric, 0 on the diagonal.
        constant
            The energy of the host, eV.

        Raises
        ------
        InputError
            If J is not symmetric, or holds values that are not finite.
        """
        n = len(fields)
        both = np.zeros((2, 2, n, n))
        both[1, 1] = couplings
        return cls(np.stack([np.zeros(n), np.asarray(fields, dtype=np.float64)]), both, constant)

    @property
    def n_states(self) -> int:
        """q: the host atom and its replacements."""
        return len(self.fields)

    @property
    def n_sites(self) -> int:
        """N."""
        return int(self.fields.shape[1])

    def of(self, states: Integers) -> Floats:
        """Energies of m arrangements, eV.

        Parameters
        ----------
        states
            int64 [m, n], the state of each site.
        """
        sums: Floats = total_energies(self.fields, self.couplings, np.ascontiguousarray(states))
        return sums + self.constant


class SiteProblem(NamedTuple):
    """What compiled searches work on.

    Parameters
    ----------
    fields, couplings
        As :class:`ArrangementEnergy` has them.
    start
        int64 [n], an arrangement with the composition that is asked for.
    sublattices
        int64 [n], from 0: only sites of one sublattice exchange what they hold.
    target
        The energy to come close to, without the constant, eV; NaN for the lowest.
    """

    fields: Floats
    couplings: Floats
    start: Integers
    sublattices: Integers
    target: float


class Walk(NamedTuple):
    """Where a search is: compiled code changes the arrays in place.

    Parameters
    ----------
    states
        int64 [n].
    local
        float64 [q, n], what each site would add to the energy in each state, the others as they are.
    energy
        float64 [1], without the constant.
    """

    states: Integers
    local: Floats
    energy: Floats


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def total_energies(fields: Floats, couplings: Floats, states: Integers) -> Floats:
    """Energies without the constant, [m]."""
    energies = np.zeros(len(states))
    for row in range(len(states)):
        for i in range(states.shape[1]):
            energies[row] += fields[states[row, i], i]
            for j in range(i):
                energies[row] += couplings[states[row, i], states[row, j], i, j]
    return energies


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def walk_from(fields: Floats, couplings: Floats, states: Integers) -> Walk:
    """A search that begins at an arrangement."""
    n_states, n_sites = fields.shape
    local = fields.copy()
    for j in range(n_sites):
        for a in range(n_states):
            for i in range(n_sites):
                local[a, i] += couplings[a, states[j], i, j]
    return Walk(states.copy(), local, total_energies(fields, couplings, states.reshape(1, -1)))


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def change(couplings: Floats, walk: Walk, i: int, j: int) -> float:
    """The change of the energy if two sites exchange what they hold."""
    a, b = walk.states[i], walk.states[j]
    alone = walk.local[b, i] - walk.local[a, i] + walk.local[a, j] - walk.local[b, j]
    pair = couplings[b, a, i, j] - couplings[b, b, i, j] - couplings[a, a, i, j] + couplings[a, b, i, j]
    return float(alone + pair)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def put(couplings: Floats, walk: Walk, i: int, state: int) -> None:
    """Bring a site into a state, and the energies up to date."""
    before = walk.states[i]
    walk.energy[0] += walk.local[state, i] - walk.local[before, i]
    for a in range(len(walk.local)):
        for k in range(len(walk.states)):
            walk.local[a, k] += couplings[state, a, i, k] - couplings[before, a, i, k]
    walk.states[i] = state


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def exchange(couplings: Floats, walk: Walk, i: int, j: int) -> None:
    """Exchange what two sites hold."""
    a, b = walk.states[i], walk.states[j]
    put(couplings, walk, i, b)
    put(couplings, walk, j, a)
