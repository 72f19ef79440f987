"""Tables of arrangements with their formation energies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars
from numpy.typing import NDArray

from matscout.crystal.defects.formation import Charges, defect_energies
from matscout.data.column_names import find_column
from matscout.data.reading import read_materials
from matscout.data.table_files import read_table
from matscout.errors import InputError, RowProblem, UsageError

if TYPE_CHECKING:
    from matscout.data.tables import Table

NEEDED = {"charge": "charges", "fermi_level": "fermi_levels", "vbm": "band_edges", "correction": "corrections"}
"""Columns of charged cells."""
ENERGIES = ("formation_energy", "formation_energy_per_site")
"""Columns that are added."""


@dataclass(frozen=True, eq=False)
class EnergyTable:
    """A table with formation energies, the formula, the rows that have none, and columns that were renamed for it."""

    table: polars.DataFrame
    formula: str
    problems: tuple[RowProblem, ...]
    renamed: tuple[str, ...] = ()


def with_energies(sites: Path, potentials: Path, host_energy: float, column: str) -> EnergyTable:
    """A table of arrangements with two more columns, eV.

    Parameters
    ----------
    sites
        Table of arrangements, with total energies of their cells.
    potentials
        Table of chemical potentials.
    host_energy
        Of the supercell without defects, eV.
    column
        Of the total energies.

    Raises
    ------
    InputError
        If a cell that is needed is no number.
    UsageError
        If the rows are no arrangements, or a column is missing.
    """
    dataset = read_materials(sites)
    defects = dataset.materials.defects
    if defects is None or dataset.table is None:
        raise UsageError(f"{sites} holds no arrangements of defects: make a table with matscout defects read")
    columns = dataset.table.columns
    totals = _numbers(dataset.table[find_column(column, columns, "energy")])
    charges = None
    if "charge" in columns:
        blank = np.full(len(totals), np.nan)
        own = {name: _numbers(dataset.table[one]) if one in columns else blank for one, name in NEEDED.items()}
        charges = Charges(**own)
    outcome = defect_energies(defects, totals, host_energy, _potentials(read_table(potentials)), charges)
    problems = [replace(one, row=int(dataset.numbering[one.row - 1])) for one in outcome.problems]
    kept = np.flatnonzero(np.isfinite(outcome.energies))
    whole = (outcome.energies, outcome.per_defect)
    added = [polars.Series(name, values[kept]) for name, values in zip(ENERGIES, whole, strict=True)]
    given = {name: f"{name} (given)" for name in ENERGIES if name in columns}
    others = dataset.table[kept.tolist()].rename(given)
    return EnergyTable(others.with_columns(added), outcome.formula, tuple(problems), tuple(given.values()))


def _potentials(table: Table) -> dict[str, float]:
    elements = table.column(find_column("element", table.columns, "element"))
    values = _numbers(table.cells[find_column("chemical_potential", table.columns, "chemical potential")])
    return {str(element): float(value) for element, value in zip(elements, values, strict=True)}


def _numbers(cells: polars.Series) -> NDArray[np.float64]:
    """Cells as numbers, NaN where blank.

    Raises
    ------
    InputError
        If one is something else.
    """
    numbers = cells.cast(polars.Float64, strict=False)
    wrong = cells.filter(numbers.is_null() & cells.is_not_null())
    if len(wrong):
        raise InputError(f"column {cells.name!r} contains {wrong[0]!r}, which is no number: correct it")
    return numbers.to_numpy().astype(np.float64)
