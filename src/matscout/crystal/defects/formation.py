"""Formation energies of defects from total energies and chemical potentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.counting import listed
from matscout.data.defects.column_store import Defects
from matscout.data.elements import SYMBOLS
from matscout.errors import RowProblem, UsageError

Floats = NDArray[np.float64]

FORMULA = "E_f = E_defect - E_host - sum of n_i mu_i"
CHARGED_FORMULA = f"{FORMULA} + q (E_F + E_VBM) + correction"
"""n_i atoms of element i are added (removed: below 0), each with the chemical potential mu_i; q is the charge, E_F the
Fermi level above the valence band maximum E_VBM, and the correction that for the finite size of the cell."""


@dataclass(frozen=True, eq=False)
class Charges:
    """What charged cells need, float64 [n] each; NaN where it is not known.

    Parameters
    ----------
    charges
        q of the whole cell, in elementary charges.
    fermi_levels
        E_F, eV above the valence band maximum.
    band_edges
        E_VBM, eV.
    corrections
        For the finite size of the cell, eV, from elsewhere.
    """

    charges: Floats
    fermi_levels: Floats
    band_edges: Floats
    corrections: Floats


@dataclass(frozen=True, eq=False)
class DefectEnergies:
    """Formation energies of n arrangements, eV.

    Parameters
    ----------
    energies
        float64 [n], of whole arrangements; NaN for rows among ``problems``.
    per_defect
        float64 [n], divided by the number of defects; 0 where there are none.
    formula
        What was computed.
    problems
        Why others have none; ``row`` is the position from 1.
    """

    energies: Floats
    per_defect: Floats
    formula: str
    problems: tuple[RowProblem, ...] = ()


def defect_energies(
    defects: Defects,
    totals: Floats,
    host_totals: Floats | float,
    potentials: Mapping[str, float],
    charges: Charges | None = None,
) -> DefectEnergies:
    """Formation energies.

    Parameters
    ----------
    defects
        n arrangements.
    totals
        float64 [n], total energies of the cells, eV.
    host_totals
        Total energy of the same supercell without defects, eV, of all or of each [n].
    potentials
        Element -> chemical potential, eV per atom.
    charges
        Of cells that are charged; without, all are neutral.

    Raises
    ------
    UsageError
        If the chemical potential of an element is missing.
    """
    changes = np.stack([defects.now, defects.was]).astype(np.int64)
    held = [number for number in np.unique(changes).tolist() if number]
    missing = [SYMBOLS[number - 1] for number in held if SYMBOLS[number - 1] not in potentials]
    if missing:
        raise UsageError(
            f"the chemical potentials of {listed(missing)} are missing: add them to the table of chemical potentials"
        )
    table = np.zeros(256)
    for number in held:
        table[number] = potentials[SYMBOLS[number - 1]]
    exchanged = np.bincount(defects.rows, table[changes[0]] - table[changes[1]], len(defects))
    energies = totals - host_totals - exchanged
    formula = FORMULA
    problems: tuple[RowProblem, ...] = ()
    if charges is not None and (charges.charges != 0).any():
        energies, problems = _with_charges(energies, charges, defects)
        formula = CHARGED_FORMULA
    return DefectEnergies(energies, energies / np.maximum(defects.sizes, 1), formula, problems)


def _with_charges(energies: Floats, charges: Charges, defects: Defects) -> tuple[Floats, tuple[RowProblem, ...]]:
    """With what electrons cost; charged rows that lack something have none."""
    needed = {"E_F": charges.fermi_levels, "E_VBM": charges.band_edges, "a correction": charges.corrections}
    charged = charges.charges != 0
    problems = []
    for row in np.flatnonzero(charged | np.isnan(charges.charges)).tolist():
        lacking = [name for name, column in needed.items() if np.isnan(column[row])]
        if np.isnan(charges.charges[row]):
            lacking = ["its charge"]
        if lacking:
            reason = f"it is charged, but {listed(lacking)} {'is' if len(lacking) == 1 else 'are'} not given"
            advice = "add them: charged and neutral cells are not mixed without"
            problems.append(RowProblem(row + 1, str(defects.texts()[row]), reason, advice))
    whole = energies + charges.charges * (charges.fermi_levels + charges.band_edges) + charges.corrections
    energies = np.where(charged, whole, energies)
    energies[[problem.row - 1 for problem in problems]] = np.nan
    return energies, tuple(problems)
