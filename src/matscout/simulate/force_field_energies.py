"""Energies of structures as they are, by a force field: what a hull of them is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matscout.data.materials import Materials
from matscout.data.read_only import lock
from matscout.data.structures import Structures
from matscout.errors import RowProblem, UsageError
from matscout.progress import Progress, silent
from matscout.simulate.energy_schemes import UNKNOWN, check_scheme
from matscout.simulate.force_field import ForceField

Floats = NDArray[np.float64]

STEP = "energies"

AT_ONCE = 50
"""Materials between two reports of the progress."""


@dataclass(frozen=True, eq=False)
class ForceFieldEnergies:
    """Total energies of n materials by a force field.

    Parameters
    ----------
    values
        float64 [n], eV/atom; NaN where there is none.
    scheme
        Which energies these are.
    force_field
        Its name, and version and digest of the weights.
    problems
        Rows without an energy.
    """

    values: Floats
    scheme: str
    force_field: str
    problems: tuple[RowProblem, ...] = ()

    def __post_init__(self) -> None:
        lock(self)


def force_field_energies(
    materials: Materials,
    field: ForceField,
    scheme: str | None = None,
    numbers: Sequence[int] | None = None,
    progress: Progress = silent,
) -> ForceFieldEnergies:
    """Energies of n structures as they are; nothing is relaxed.

    Parameters
    ----------
    materials
        n materials, with structures.
    field
        The force field.
    scheme
        Which energies it predicts, where the force field does not declare it (calculators of ASE).
    numbers
        What problems call the rows; by default 1 to n.
    progress
        Told how many are done.

    Raises
    ------
    UsageError
        If no row has a structure, or the scheme is another one than the force field declares.
    MissingExtraError
        If the package of the force field is not installed.
    """
    declared = scheme_of(field, scheme)
    structures = with_structures(materials)
    n = len(materials)
    rows = np.arange(1, n + 1) if numbers is None else np.asarray(numbers)
    values, problems = np.full(n, np.nan), list[RowProblem]()
    progress(STEP, 0, n)
    for start in range(0, n, AT_ONCE):
        part = structures[start : start + AT_ONCE]
        energies = field.evaluate(part)
        values[start : start + len(part)] = energies.energy / np.maximum(np.diff(part.offsets), 1)
        for problem in energies.problems:
            at = start + problem.row - 1
            problems.append(replace(problem, row=int(rows[at]), value=str(materials.formulas[at])))
        progress(STEP, start + len(part), n)
    return ForceFieldEnergies(values, declared, field.described, tuple(problems))


def scheme_of(field: ForceField, stated: str | None) -> str:
    """The scheme of energies that a force field declares, else the one that a user states.

    Raises
    ------
    UsageError
        If they contradict each other.
    """
    if stated is None or check_scheme(stated) == field.scheme:
        return field.scheme
    if field.scheme != UNKNOWN:
        raise UsageError(f"{field.title} predicts {field.scheme} energies, not {stated}: leave the scheme out")
    return stated


def with_structures(materials: Materials) -> Structures:
    """The structures of materials.

    Raises
    ------
    UsageError
        If no row has one.
    """
    if materials.structures is None or not materials.has_structure.any():
        raise UsageError("these materials are formulas only: a force field needs structures (--structure=COL|DIR)")
    return materials.structures
