"""The phases of one chemical system, and the mixture of them that has the lowest energy at a composition.

The lower convex hull at composition x is a linear programme: the smallest sum of shares times energies over all
mixtures of phases whose composition is x. The elements, at 0 eV/atom, are always among the phases, so it has a solution
at every x. It is solved by HiGHS (Huangfu and Hall, 2018, DOI 10.1007/s12532-017-0130-5) through scipy. The phases of a
solution span a facet of the hull, which is kept: another composition on it needs no further programme.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SAME_COMPOSITION = 1e-6
"""Atomic fractions that differ by less are one composition."""

TOLERANCE = 1e-10
"""Of the linear programme, in fractions and eV/atom: the smallest that HiGHS takes."""

SMALLEST_SHARE = 1e-9
"""Phases with smaller shares in a mixture are left out."""


@dataclass(frozen=True, eq=False)
class Mixture:
    """The mixture of phases with the lowest energy at a composition.

    Parameters
    ----------
    energy
        eV/atom, relative to the elements.
    phases
        int64 [q], positions among the phases of the system.
    shares
        float64 [q], the share of the atoms in each; they add up to 1.
    """

    energy: float
    phases: Integers
    shares: Floats


@dataclass(frozen=True, eq=False)
class _Facet:
    """Phases with linearly independent compositions, and the inverse of the matrix of these, [k, k]."""

    phases: Integers
    inverse: Floats


@dataclass(frozen=True, eq=False)
class CompetingPhases:
    """p phases of a system of k elements.

    Parameters
    ----------
    fractions
        float64 [p, k], atomic fractions; the first k rows are the elements.
    energies
        float64 [p], eV/atom, relative to the elements.
    rows
        int64 [p], rows among the references; -1 for an element that is not one of them.
    system
        Atomic numbers of the elements, k.
    """

    fractions: Floats
    energies: Floats
    rows: Integers
    system: tuple[int, ...]
    _facets: list[_Facet] = field(default_factory=list)

    def lowest(self, fractions: Floats) -> Mixture:
        """The mixture with the lowest energy.

        Parameters
        ----------
        fractions
            float64 [k], atomic fractions.
        """
        for facet in self._facets:
            shares = facet.inverse @ fractions
            if shares.min() >= -1e-13:
                return self._mixture(facet.phases, shares)
        mixture = self._solved(fractions, np.arange(len(self.energies)))
        self._remember(mixture)
        return mixture

    def lowest_of_others(self, fractions: Floats) -> Mixture:
        """The same among the phases of other compositions; a pure element competes with nothing but itself."""
        k = len(fractions)
        others = np.abs(self.fractions - fractions).max(axis=1) > SAME_COMPOSITION
        others[:k] = True
        return self._solved(fractions, np.flatnonzero(others))

    def _solved(self, fractions: Floats, among: Integers) -> Mixture:
        from scipy.optimize import linprog

        result = linprog(
            self.energies[among],
            A_eq=self.fractions[among].T,
            b_eq=fractions,
            method="highs",
            options={"primal_feasibility_tolerance": TOLERANCE, "dual_feasibility_tolerance": TOLERANCE},
        )
        if result.x is None:
            raise ArithmeticError(f"the linear programme of the hull failed: {result.message}")
        return self._mixture(among, np.asarray(result.x, dtype=np.float64))

    def _mixture(self, phases: Integers, shares: Floats) -> Mixture:
        there = shares > SMALLEST_SHARE
        chosen, kept = phases[there], shares[there] / shares[there].sum()
        order = np.argsort(-kept, kind="stable")
        return Mixture(float(kept @ self.energies[chosen]), chosen[order], kept[order])

    def _remember(self, mixture: Mixture) -> None:
        matrix = self.fractions[mixture.phases].T
        if matrix.shape[0] == matrix.shape[1] and np.linalg.cond(matrix) < 1e8:
            self._facets.append(_Facet(mixture.phases, np.asarray(np.linalg.inv(matrix), dtype=np.float64)))
