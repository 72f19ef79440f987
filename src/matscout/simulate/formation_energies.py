"""Formation energies from total energies: E_f = (E + C) / N - sum of x_i mu_i."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.counting import listed
from matscout.data.materials import Materials
from matscout.errors import RowProblem
from matscout.simulate.element_energies import ElementEnergies
from matscout.simulate.energy_schemes import MP2020, UNCORRECTED, check_scheme
from matscout.simulate.mp2020 import mp2020_corrections

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FormationEnergies:
    """Formation energies of n materials.

    Parameters
    ----------
    values
        float64 [n], eV/atom; NaN where there is none.
    scheme
        What they are now: uncorrected energies have become corrected ones.
    problems
        Rows without one.
    """

    values: Floats
    scheme: str
    problems: tuple[RowProblem, ...] = ()


def formation_energies(
    materials: Materials,
    energies: Floats,
    scheme: str,
    elements: ElementEnergies,
    numbers: Sequence[int] | None = None,
) -> FormationEnergies:
    """Formation energies of n materials; energies of the scheme ``uncorrected-pbe`` are corrected by MP2020.

    Parameters
    ----------
    materials
        n materials.
    energies
        float64 [n], total energies, eV/atom; NaN is passed on.
    scheme
        Which calculation they come from.
    elements
        Total energies of the elements.
    numbers
        What problems call the rows; by default 1 to n.

    Raises
    ------
    UsageError
        If there is no such scheme.
    """
    corrects = check_scheme(scheme) == UNCORRECTED
    corrected = energies + mp2020_corrections(materials) if corrects else np.asarray(energies, dtype=np.float64)
    values = corrected - elements.mixed(materials.compositions)
    without = np.flatnonzero(np.isnan(values) & ~np.isnan(corrected))
    problems = [
        RowProblem(
            row + 1 if numbers is None else int(numbers[row]),
            str(materials.formulas[row]),
            f"has no formation energy: the energy of {listed(elements.unknown_in(materials.compositions, row))} as an "
            f"element is not among the {elements.source}",
            "give references with a total energy of it",
        )
        for row in without.tolist()
    ]
    return FormationEnergies(values, MP2020 if corrects else scheme, tuple(problems))


def atoms_of(materials: Materials) -> Floats:
    """Number of atoms of each cell, [n]; where there is no structure, of the formula as it is written."""
    compositions = materials.compositions
    atoms = np.bincount(compositions.rows, compositions.amounts, minlength=len(compositions))
    if materials.structures is None:
        return np.asarray(atoms, dtype=np.float64)
    structures = materials.structures
    owners = np.repeat(np.arange(len(structures)), np.diff(structures.offsets))
    cells = np.bincount(owners, structures.occupancies, minlength=len(structures))
    return np.asarray(np.where(structures.present, cells, atoms), dtype=np.float64)
