"""The best arrangements that a search has met, each once by symmetry."""

from __future__ import annotations

from bisect import insort

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.generate.arrangements.arrangement_energy import SiteProblem, total_energies
from matscout.generate.arrangements.swapping import outcomes

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class RankedArrangements:
    """A list of at most ``most`` arrangements that differ by symmetry, the best one first.

    Parameters
    ----------
    problem
        What is arranged.
    permutations
        int64 [g, n], where each operation of symmetry takes each site.
    most
        How many are kept.
    """

    def __init__(self, problem: SiteProblem, permutations: Integers, most: int) -> None:
        self._problem, self._permutations, self._most = problem, permutations, most
        self._rows: list[tuple[float, bytes]] = []
        self._states: dict[bytes, Integers] = {}
        self._sizes: dict[bytes, int] = {}
        self._listed: set[bytes] = set()
        self._expanded: set[bytes] = set()

    @property
    def states(self) -> Integers:
        """The arrangements, [m, n]."""
        chosen = [self._states[name] for _, name in self._rows]
        return np.array(chosen, dtype=np.int64).reshape(-1, len(self._problem.start))

    @property
    def multiplicities(self) -> Integers:
        """How many arrangements are the same by symmetry, [m]."""
        return np.array([self._sizes[name] for _, name in self._rows], dtype=np.int64)

    def add(self, states: Integers) -> None:
        """Take in arrangements [k, n]."""
        energies = total_energies(self._problem.fields, self._problem.couplings, states)
        for row in np.argsort(self._merits(energies), kind="stable").tolist():
            if not self._take(states[row], float(self._merits(energies[row : row + 1])[0])):
                return

    def expand(self) -> None:
        """Look at all arrangements that differ by one exchange from one of the list, until nothing enters it."""
        while True:
            waiting = [name for _, name in self._rows if name not in self._expanded]
            if not waiting:
                return
            self._expanded.add(waiting[0])
            states = self._states[waiting[0]]
            sites, energies = outcomes(self._problem, states)
            merits = self._merits(energies)
            for row in np.argsort(merits, kind="stable").tolist():
                moved = states.copy()
                moved[sites[row]] = states[sites[row][::-1]]
                if not self._take(moved, float(merits[row])):
                    break

    def _take(self, states: Integers, merit: float) -> bool:
        """Whether an arrangement is good enough for the list; it is added if it is not there yet."""
        if len(self._rows) == self._most and merit >= self._rows[-1][0]:
            return False
        image, size = smallest_image(states, self._permutations)
        name = image.tobytes()
        if name not in self._listed:
            self._states[name], self._sizes[name] = states.copy(), size
            self._listed.add(name)
            insort(self._rows, (merit, name))
            for _, dropped in self._rows[self._most :]:
                self._listed.remove(dropped)
            del self._rows[self._most :]
        return True

    def _merits(self, energies: Floats) -> Floats:
        """What is small for the best, [k]."""
        target = self._problem.target
        return energies if np.isnan(target) else np.abs(energies - target)


@njit(cache=True)  # type: ignore[untyped-decorator]
def smallest_image(states: Integers, permutations: Integers) -> tuple[Integers, int]:
    """The first of the images of an arrangement in the order of their states, [n], and how many images differ.

    Parameters
    ----------
    states
        int64 [n].
    permutations
        int64 [g, n], each once: where each operation of a group takes each site.
    """
    n = len(states)
    smallest, image = states.copy(), np.empty(n, dtype=np.int64)
    unchanged = 0
    for operation in range(len(permutations)):
        for site in range(n):
            image[permutations[operation, site]] = states[site]
        order, same = 0, True
        for site in range(n):
            if order == 0 and image[site] != smallest[site]:
                order = -1 if image[site] < smallest[site] else 1
            same &= image[site] == states[site]
        if order < 0:
            smallest[:] = image
        unchanged += same
    # By the theorem on orbits and stabilisers.
    return smallest, len(permutations) // unchanged
