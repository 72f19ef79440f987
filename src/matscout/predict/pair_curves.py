"""What a fitted pair law says: the energy of each defect alone, and what each pair gains or costs by distance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.predict.model import Model
from matscout.predict.pair_law import PairLaw

Floats = NDArray[np.float64]

MOST_SHELLS = 5
"""Shortest distances of a pair that are listed."""
STEPS = 200
"""Points of a curve."""
BAND = 1.645
"""Standard deviations within which 90 % of a normal distribution lie."""
NO_SHELL = 1e6
"""Å; no pair is so far apart in height, so the curve between shells has nothing of theirs."""


@dataclass(frozen=True)
class SingleDefect:
    """What one kind of defect costs alone: its name, energy and standard deviation, in how many arrangements it is."""

    name: str
    energy: float
    deviation: float
    rows: int


@dataclass(frozen=True)
class Shell:
    """One distance that occurs: Å, height in Å, what the pair gains (below 0) there, deviation, pairs measured."""

    distance: float
    height: float
    energy: float
    deviation: float
    pairs: int


@dataclass(frozen=True, eq=False)
class PairCurve:
    """v(d) of two kinds of defects.

    Parameters
    ----------
    first, second
        Names of the defects.
    distances
        float64 [m], Å.
    energies, deviations
        float64 [m], the smooth part between the shells, in the unit of the totals.
    shells
        The distances that occur, the shortest first.
    """

    first: str
    second: str
    distances: Floats
    energies: Floats
    deviations: Floats
    shells: tuple[Shell, ...]

    @property
    def name(self) -> str:
        """``"v(Mo)-v(S)"``."""
        return f"{self.first}-{self.second}"

    @property
    def lower(self) -> Floats:
        """Lower end of the 90 % band, [m]."""
        return np.asarray(self.energies - BAND * self.deviations)

    @property
    def upper(self) -> Floats:
        """Upper end of the 90 % band, [m]."""
        return np.asarray(self.energies + BAND * self.deviations)


def law_of(model: Model) -> PairLaw | None:
    """The pair law by which a fitted model predicts; None if it does so otherwise."""
    law = getattr(getattr(model.predictor, "chosen", model.predictor), "law", None)
    return law if isinstance(law, PairLaw) else None


def single_defects(law: PairLaw) -> tuple[SingleDefect, ...]:
    """Each kind of defect alone."""
    energies, deviations = law.alone()
    rows = (law.table.counts > 0).sum(axis=0)
    return tuple(
        SingleDefect(_short(name, law), float(energy), float(deviation), int(count))
        for name, energy, deviation, count in zip(law.table.types, energies, deviations, rows, strict=True)
    )


def pair_curves(law: PairLaw) -> tuple[PairCurve, ...]:
    """Of each two kinds of defects that occur together, the strongest first."""
    table = law.table
    kinds = np.unique(np.column_stack((table.first, table.second)), axis=0)
    curves = [_curve(law, first, second) for first, second in kinds.tolist()]
    return tuple(sorted(curves, key=lambda curve: -max(abs(shell.energy) for shell in curve.shells)))


def _curve(law: PairLaw, first: int, second: int) -> PairCurve:
    table = law.table
    own = np.flatnonzero((table.first == first) & (table.second == second))
    order = own[np.lexsort((table.heights[own], table.distances[own]))]
    distances, heights = table.distances[order], table.heights[order]
    energies, deviations = law.interaction(first, second, distances, heights)
    counts = np.asarray(table.pairs.sum(axis=0)).ravel()[order]
    shells = tuple(
        Shell(float(distance), float(height), float(energy), float(deviation), int(count))
        for distance, height, energy, deviation, count in zip(
            distances, heights, energies, deviations, counts, strict=True
        )
    )
    grid = np.linspace(max(1.0, distances.min() - 0.5), distances.max(), STEPS)
    smooth = law.interaction(first, second, grid, np.full(STEPS, NO_SHELL))
    return PairCurve(_short(table.types[first], law), _short(table.types[second], law), grid, *smooth, shells)


def _short(name: str, law: PairLaw) -> str:
    """Without the host where there is one only."""
    hosts = {one.partition(" in ")[2] for one in law.table.types}
    return name.partition(" in ")[0] if len(hosts) == 1 else name
