"""Which runs of molecular dynamics are asked for: the supercell of each structure at each temperature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.data.elements import ATOMIC_NUMBERS
from matscout.data.materials import Materials
from matscout.errors import RowProblem, UsageError
from matscout.simulate.diffusion import Ion
from matscout.simulate.dynamics_settings import DynamicsSettings
from matscout.simulate.force_field import ForceField, Reason, symbols_of
from matscout.simulate.simulated_runs import RunStart

Integers = NDArray[np.int64]

WIDTH = 8.0
"""Å between opposite sides of a supercell, so that an ion does not meet its own image next to it."""

MOST_SITES = 200
"""Of a supercell that is chosen here; a cell that has more stays as it is."""

TOGETHER = 32
"""Sites that share a graph. With CHGNet on a processor a site takes as long in larger ones, and groups run side by
side."""


@dataclass(frozen=True, eq=False)
class DynamicsPlan:
    """What is run.

    Parameters
    ----------
    starts
        One for each run, by material and then by temperature.
    repeats
        Row of the materials -> cells along the three lattice vectors.
    problems
        Rows that cannot be run; ``row`` is the position from 1.
    """

    starts: tuple[RunStart, ...]
    repeats: dict[int, tuple[int, int, int]]
    problems: tuple[RowProblem, ...]

    @property
    def groups(self) -> list[tuple[RunStart, ...]]:
        """The runs that share a graph, whatever machine they run on: else equal seeds would not give equal runs."""
        groups, sites = list[tuple[RunStart, ...]](), 0
        for start in self.starts:
            size = len(start.crystal.fractional)
            if groups and sites + size <= TOGETHER:
                groups[-1] = (*groups[-1], start)
                sites += size
            else:
                groups.append((start,))
                sites = size
        return groups


def dynamics_plan(materials: Materials, field: ForceField, settings: DynamicsSettings) -> DynamicsPlan:
    """Supercells at all temperatures, and what cannot be run.

    Raises
    ------
    UsageError
        If no row has a structure.
    """
    if materials.structures is None or not materials.has_structure.any():
        raise UsageError("these materials are formulas only: dynamics needs structures (--structure=COL|DIR)")
    ion = Ion.of(settings.ion) if settings.ion else None
    starts, repeats, problems = list[RunStart](), dict[int, tuple[int, int, int]](), list[RowProblem]()
    for row in range(len(materials)):
        crystal = Crystals.from_structures(materials.structures[row : row + 1])
        reason = _refusal(crystal, field, ion)
        if reason is None:
            repeats[row] = settings.repeats or auto_repeats(crystal)
            cell = repeated(crystal, repeats[row])
            reason = _too_small(cell)
        if reason is not None:
            problems.append(RowProblem(row + 1, str(materials.formulas[row]), *reason))
            continue
        first = row * len(settings.temperature)
        hot = enumerate(settings.temperature, start=first)
        charge = float(materials.structures.charge[row])
        starts += [RunStart(number, row, temperature, cell, charge) for number, temperature in hot]
    return DynamicsPlan(tuple(starts), repeats, tuple(problems))


def _refusal(crystal: Crystals, field: ForceField, ion: Ion | None) -> Reason | None:
    """Why a structure cannot be run, and what to do."""
    (reason,) = field.refusals(crystal)
    if reason is not None:
        return reason
    if not crystal.periodic[0]:
        axes = int(crystal.pbc[0].sum())
        return f"it is periodic along {axes} of 3 axes, and dynamics needs a crystal", "leave it out"
    if ion is not None and ATOMIC_NUMBERS[ion.symbol] not in crystal.atomic_numbers:
        what = f"it contains no {ion.symbol}, whose diffusion is asked for, but {symbols_of(crystal.atomic_numbers)}"
        return what, "leave it out, or name another ion (--ion)"
    return None


def _too_small(cell: Crystals) -> Reason | None:
    if len(cell.fractional) > 1:
        return None
    return "a single atom cannot move beside its own images", "take a larger --supercell"


def auto_repeats(crystal: Crystals) -> tuple[int, int, int]:
    """Cells along each axis until opposite sides are 8 Å apart, the narrowest axis first, up to 200 sites."""
    apart = widths(crystal)
    repeats, sites = np.ones(3, dtype=np.int64), len(crystal.fractional)
    while (repeats * apart).min() < WIDTH:
        larger = repeats.copy()
        larger[int((repeats * apart).argmin())] += 1
        if larger.prod() * sites > MOST_SITES:
            break
        repeats = larger
    return int(repeats[0]), int(repeats[1]), int(repeats[2])


def widths(crystal: Crystals) -> NDArray[np.float64]:
    """Å between opposite sides of the cell of one crystal, [3]."""
    return np.asarray(1.0 / np.linalg.norm(np.linalg.inv(crystal.lattices[0]), axis=0))


def repeated(crystal: Crystals, repeats: Sequence[int]) -> Crystals:
    """A supercell of one ordered crystal: the cells one after the other, the last axis fastest, as ASE has it."""
    cells = np.stack(np.meshgrid(*map(np.arange, repeats), indexing="ij"), axis=-1).reshape(-1, 1, 3)
    times = np.array(repeats)
    fractional = ((cells + crystal.fractional) / times).reshape(-1, 3)
    sites = len(fractional)
    return Crystals(
        crystal.lattices * times[None, :, None],
        np.array([0, sites]),
        fractional,
        np.arange(sites),
        np.tile(crystal.atomic_numbers, len(cells)),
        np.ones(sites),
        crystal.pbc,
    )
